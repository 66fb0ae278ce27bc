"""Build servers in Chinese."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "it did not come to its end": "运行没有结束",
    "the report {path} cannot be written: {reason}": "无法写入报告 {path}：{reason}",
    "Speak to this build server; auto: to the one that runs us.": "面向此构建服务器输出；auto：面向正在运行本命令的那一个。",
    "`{requirement}` is no requirement": "`{requirement}` 不是有效的依赖声明",
    "the build server could not be told: {reason}": "无法将结果告知构建服务器：{reason}",
    "Packages that changed: {count}": "有变化的软件包：{count}",
    "Write the verification as a JUnit report; a dry run writes none.": "将验证结果写成 JUnit 报告；试运行不写。",
    "Phase": "阶段",
    "Time": "用时",
    "Done: {done}; left out: {left}: `{environment}` is not verified": "完成：{done}；略过：{left}：`{environment}` 未经验证",
    "`{environment}` is not whole, so that no cache gets it: {why}": "`{environment}` 不完整，因此不会存入任何缓存：{why}",
    "`manage.py verify --deep --repair` installs it anew": "`manage.py verify --deep --repair` 可重新安装",
    "warning: {text}": "警告：{text}",
    "a dry run": "试运行",
    "failed": "失败",
}
