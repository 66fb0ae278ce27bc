"""`manage.py init`, in Chinese."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "built from the clone {root}": "由克隆 {root} 构建",
    "Bring {path} along": "带上 {path}",
    "Remove {path}, which is no longer pinned": "移除 {path}，它已不再被固定",
    "goes: the launcher does not pin it any more": "将移除：启动器不再固定它",
    "the wheel {path} is not the one that was agreed to": "轮子 {path} 并非已同意的那一个",
    "Looking for the Surefoot that is to be pinned …": "正在查找要固定的 Surefoot …",
    "Surefoot itself, as no index has it; the launcher takes it from there": (
        "Surefoot 本身，因为没有索引提供它；启动器从此处取用"
    ),
    "Write a manifest, a launcher and files for CI into this project, so that it installs itself anywhere.\n\n"
    "Shows what was found and every change, and asks once. No file of yours is written over. "
    "`manage.py rollback` takes it back.": (
        "为本项目写入清单、启动器和 CI 文件，使其在任何机器上都能自行安装。\n\n"
        "会显示发现的内容和每一处改动，并只询问一次。不会覆盖您的任何文件。"
        "`manage.py rollback` 可全部撤销。"
    ),
    "commit these files; `python3 {quickstart}` then installs the project, on any machine with Python 3.11 or newer": (
        "请提交这些文件；此后在任何装有 Python 3.11 或更新版本的机器上，`python3 {quickstart}` 即可安装本项目"
    ),
    "git ignores some of these files: `git add -f {names}`": "git 会忽略其中一些文件：`git add -f {names}`",
    "git ignores {names}: a clone will not have them": "git 会忽略 {names}：克隆中将没有这些文件",
    "; setuptools would take `quickstart.py` for a module, as no `py-modules` says which are": (
        "；否则 setuptools 会把 `quickstart.py` 当作项目的模块，因为没有 `py-modules` 说明有哪些模块"
    ),
    "For whose CI a file is written; default: whose the project uses.": "为哪种 CI 写入文件；默认：项目所用的那种。",
    "The wheel of Surefoot to pin, or the folder with it.": "要锁定的 Surefoot wheel，或其所在文件夹。",
    "Write the manifest into pyproject.toml, as [tool.surefoot].": "把清单写入 pyproject.toml 的 [tool.surefoot]。",
    "The project installs itself now": "本项目现在可以自行安装",
    "Write these files? [y/N]": "是否写入这些文件？[y/N]",
    "Found in {root}:": "在 {root} 中发现：",
    "To be written:": "将要写入：",
    "this is Surefoot itself; its launcher is there": "这里是 Surefoot 自身；它已有启动器",
    "these files are yours, and stay as they are: {names}": "这些是您的文件，将保持不变：{names}",
    "name the project: `manage.py init -C DIR`": "请指明项目：`manage.py init -C DIR`",
    "agree to that with --yes, or move yours away": "用 --yes 表示同意，或将您的文件移走",
    "nothing says whose CI it uses, so none is written (--provider names one)": (
        "无从得知项目使用哪种 CI，因此不写入 CI 文件（可用 --provider 指明）"
    ),
    "{name} is yours and stays: {path} instead": "{name} 是您的文件，予以保留：改写 {path}",
    "{path} would be written beside": "将在旁边写入 {path}",
    "move one of them away, or leave out what would be there, then run the same command again": (
        "请移走其中之一，或省去要写在那里的内容，然后再次运行同一命令"
    ),
    "says how the project is installed; what it does not say is inferred": "说明项目如何安装；未说明的部分自动推断",
    "# How Surefoot installs this project. What is not written here is inferred anew each time,": (
        "# Surefoot 如何安装本项目。此处未写明的内容每次都会重新推断，"
    ),
    "# and `python3 manage.py config` says from what. What was found when this was written:": (
        "# `python3 manage.py config` 会说明依据。写入本文件时的发现："
    ),
    "there is no pyproject.toml to write to": "没有可写入的 pyproject.toml",
    "`[tool.surefoot]` cannot be added to pyproject.toml: {reason}": (
        "无法将 `[tool.surefoot]` 加入 pyproject.toml：{reason}"
    ),
    "leave out --in-pyproject": "请去掉 --in-pyproject",
    "{path} is no wheel of Surefoot that a project can pin": "{path} 不是项目可以锁定的 Surefoot wheel",
    "the wheel that is running": "正在运行的 wheel",
    "cannot read the wheel {path}: {reason}": "无法读取 wheel {path}：{reason}",
    "build one from a clone of Surefoot: `uv build --wheel`": "请从 Surefoot 的克隆构建：`uv build --wheel`",
    "the package index": "包索引",
    "no package index has Surefoot {version}, and it runs from no wheel": (
        "没有包索引提供 Surefoot {version}，且当前并非从 wheel 运行"
    ),
    "build one from a clone (`uv build --wheel`) and name it: `manage.py init --tool WHEEL`": (
        "请从克隆构建一个（`uv build --wheel`）并指明它：`manage.py init --tool WHEEL`"
    ),
    "the wheel of Surefoot could not be built from the clone {root}": "无法从克隆 {root} 构建 Surefoot 的 wheel",
    "go online, or name a wheel that was built elsewhere: `manage.py init --tool WHEEL`": (
        "请联网，或指明在别处构建的 wheel：`manage.py init --tool WHEEL`"
    ),
    "installs the project, by the one Surefoot that it pins: {version}": "用所锁定的 Surefoot {version} 安装本项目",
    "looks after what was installed": "管理已安装的内容",
    "Write {path}": "写入 {path}",
    "what is to be written to {path} was not noted word for word": "要写入 {path} 的内容没有被逐字记录",
    "Add `[tool.surefoot]` to {path}": "在 {path} 中加入 `[tool.surefoot]`",
    "Renew {path}": "更新 {path}",
    "`manage.py rollback` takes the run back; then begin anew": "`manage.py rollback` 可撤销本次运行；然后重新开始",
    "the remote origin is at {host}": "远程仓库 origin 位于 {host}",
    "submodule {path}": "子模块 {path}",
    "an environment without packages": "不含任何包的环境",
    "nothing says which Python packages it needs": "没有任何内容说明需要哪些 Python 包",
    "installs the project at each push, on GitHub": "每次推送时在 GitHub 上安装本项目",
    "installs the project at each push, on GitLab": "每次推送时在 GitLab 上安装本项目",
}
