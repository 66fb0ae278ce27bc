"""Measuring."""

# ruff: noqa: E501 -- as in help_texts

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "Measure what Surefoot costs, by turns with uv and git on this machine.\n\nNAMEs are benchmarks or groups of them: `budgets` (the default), `growth`, `containers` (where there is an engine), `profile`, `all`. It takes minutes.": "测量 Surefoot 的开销，在本机上与 uv 和 git 轮流对比。\n\nNAME 是基准测试或其分组的名称：`budgets`（默认）、`growth`、`containers`（有引擎时）、`profile`、`all`。需要几分钟。",
    "How often each comparison is made (9).": "每项对比的次数（9）。",
    "Run each once with the smallest size, to see that it works.": "每项只以最小规模运行一次，以确认可以运行。",
    "Draw what was measured, as SVG.": "将测量结果绘制为 SVG。",
    "Renew the tables and pictures of this page.": "更新此页面中的表格和图片。",
    "the benchmarks are part of a clone of Surefoot, not of the installed package": "基准测试属于 Surefoot 的克隆仓库，不在已安装的软件包中",
    "run `python3 manage.py bench` there": "请在克隆仓库中运行 `python3 manage.py bench`",
}
