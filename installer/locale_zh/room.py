"""Checks, manifest, settings, observers and the tool's own environment in Chinese."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "interpreter": "解释器",
    "lock": "锁",
    "journal": "操作日志",
    "environment": "环境",
    "project folder": "项目文件夹",
    "progress file": "进度文件",
    "agrees with the journal": "与操作日志一致",
    "missing or damaged: {path}": "缺失或损坏：{path}",
    "`{environment}` is whole.": "`{environment}` 完整无损。",
    "this tool": "本工具",
    "no Python on this machine satisfies {wish}": "本机没有满足 {wish} 的 Python",
    "install one (for example `uv python install 3.12`), or name it with `--python PATH`": (
        "请安装一个（例如 `uv python install 3.12`），或用 `--python PATH` 指定"
    ),
    "update git: this one is old": "请更新 git：此版本过旧",
    "disk": "磁盘",
    "{size} GB free": "剩余 {size} GB",
    "make room, for example with `manage.py checkpoint prune` or `uv cache prune`": (
        "请腾出空间，例如用 `manage.py checkpoint prune` 或 `uv cache prune`"
    ),
    "the run {run} is whole": "运行 {run} 完好",
    "`manage.py verify --repair` installs it anew": "`manage.py verify --repair` 可重新安装",
    "not found": "未找到",
    "install git: the project has submodules": "请安装 git：项目含有子模块",
    "not needed: pip installs": "不需要：使用 pip 安装",
    "{path} cannot be written to": "{path} 不可写",
    "make it writable, or work in a copy": "请使其可写，或在副本中工作",
    "others may read {path}": "其他用户可读取 {path}",
    "free": "空闲",
    "no run yet": "还没有运行",
    "mend what is named, then run `manage.py rollback` again": "请修复所列问题，然后再次运行 `manage.py rollback`",
    "none yet": "尚无",
    "run `quickstart.py`": "请运行 `quickstart.py`",
    "not among the tool's packages": "不在本工具的软件包中",
    "use `--backend pip`, or run quickstart.py with a Python that uv has a build for": (
        "请使用 `--backend pip`，或用 uv 支持的 Python 运行 quickstart.py"
    ),
    "wait for it, or end that process": "请等待，或结束该进程",
    "`{file}`: `tool.surefoot` should be a table": "`{file}`：`tool.surefoot` 应为表",
    "should be a path below the project, not {text}": "应为项目内的路径，而不是 {text}",
    "both `{one}` and `[tool.surefoot]` in `pyproject.toml` say how to install this project": (
        "`{one}` 与 `pyproject.toml` 中的 `[tool.surefoot]` 都说明了如何安装此项目"
    ),
    "should be capital letters, digits and `_`": "应由大写字母、数字和 `_` 组成",
    "should be a folder of its own": "应为独立的文件夹",
    "keep one of them": "请只保留其一",
    "`{file}` is not UTF-8: {reason} at byte {byte}": "`{file}` 不是 UTF-8：第 {byte} 字节处 {reason}",
    "cannot read `{file}`: {reason}": "无法读取 `{file}`：{reason}",
    "`{file}` is not valid TOML": "`{file}` 不是有效的 TOML",
    "should name a command": "应指定一个命令",
    "should be one word": "应为一个单词",
    "should be a name that no other phase has": "不应与其他阶段重名",
    "save it as UTF-8": "请保存为 UTF-8",
    "mend it, then run the same command again": "请修正后再次运行同一命令",
    "{source}: there is no mode `{mode}`; there are {known}": "{source}：没有模式 `{mode}`；可用的有 {known}",
    "the settings cannot be used": "设置无法使用",
    "{variable} should be 1 or 0, not `{text}`": "{variable} 应为 1 或 0，而不是 `{text}`",
    "{source} should be one of {known}, not `{value}`": "{source} 应为 {known} 之一，而不是 `{value}`",
    "{variable} should be a number, not `{text}`": "{variable} 应为数字，而不是 `{text}`",
    "Taking back the run": "正在撤销此次运行",
    "nothing to do": "无需操作",
    "Taking back all after the checkpoint {name}": "正在撤销检查点 {name} 之后的全部内容",
    "changed by you since, left as it is: {path}": "您后来改动过，保持原样：{path}",
    "still holds": "仍然有效",
    "failed": "失败",
    "{seconds} s": "{seconds} 秒",
    "{hours} h {minutes} min": "{hours} 小时 {minutes} 分",
    "{minutes} min {seconds} s": "{minutes} 分 {seconds} 秒",
    "should be one of {known}, not `{value}`": "应为 {known} 之一，而不是 `{value}`",
    "{file}, line {line}: `{key}` {what}": "{file} 第 {line} 行：`{key}` {what}",
    "is not known; did you mean `{near}`?": "不是已知的键；是否想用 `{near}`？",
    "is not known": "不是已知的键",
    "should not be `{value}`; did you mean `{near}`?": "不应为 `{value}`；是否想用 `{near}`？",
    "should be {expected}": "应为 {expected}",
    "is missing": "缺失",
    "should be a text": "应为文本",
    "should be true or false": "应为 true 或 false",
    "should be a whole number": "应为整数",
    "should be a number": "应为数字",
    "should be a list": "应为列表",
    "should be a table": "应为表",
    " or ": " 或 ",
    "the manifest `{file}` cannot be used": "清单 `{file}` 无法使用",
    "the environment that Surefoot is installed in lacks the package `{module}`: {prefix}": (
        "Surefoot 所在的环境缺少软件包 `{module}`：{prefix}"
    ),
    "install it again with all it needs: `uv tool install --reinstall surefoot`": (
        "请重新完整安装：`uv tool install --reinstall surefoot`"
    ),
    "Surefoot's own tools lack the package `{module}`, also after they were made anew": (
        "Surefoot 自身的工具缺少软件包 `{module}`，重新创建后仍然如此"
    ),
    "remove `{prefix}`, then run the same command again": "请删除 `{prefix}`，然后再次运行同一命令",
    "Preparing Surefoot's own tools (once) …": "正在准备 Surefoot 自身的工具（仅一次）……",
    "Another start of Surefoot is preparing its tools; waiting for it …": "另一个 Surefoot 正在准备其工具；等待中……",
    "cannot write Surefoot's own tools to {folder}: {reason}": "无法将 Surefoot 自身的工具写入 {folder}：{reason}",
    "cannot read the list of Surefoot's own tools, {path}: {reason}": "无法读取 Surefoot 自身工具的列表 {path}：{reason}",
    "there is no home folder to keep Surefoot's own tools in": "没有可存放 Surefoot 自身工具的主文件夹",
    "the folder for Surefoot's own tools belongs to another user: {folder}": (
        "Surefoot 自身工具的文件夹属于另一个用户：{folder}"
    ),
    "a package for Surefoot's own tools is not the one that was locked (its hash differs); none was installed": (
        "Surefoot 自身工具的某个软件包与锁定的不符（哈希值不同）；未安装任何软件包"
    ),
    "the disk is full: Surefoot's own tools need about 150 MB while they are made": (
        "磁盘已满：创建 Surefoot 自身的工具约需 150 MB"
    ),
    "the package index that pip is set to has none of what Surefoot needs for its own tools": (
        "pip 所设的软件包索引没有 Surefoot 自身工具所需的软件包"
    ),
    "look at `pip config list` and the variables PIP_* (PIP_NO_INDEX, PIP_INDEX_URL), then run it again": (
        "请检查 `pip config list` 与 PIP_* 变量（PIP_NO_INDEX、PIP_INDEX_URL），然后再次运行"
    ),
    "the package index has no build for {version} on {platform} of what Surefoot needs": (
        "软件包索引没有 Surefoot 所需的、适用于 {platform} 上 {version} 的构建"
    ),
    "use another Python (`uv python install 3.12`), or an index that has it (`export PIP_INDEX_URL=…`)": (
        "请换用其他 Python（`uv python install 3.12`），或换用提供它的索引（`export PIP_INDEX_URL=…`）"
    ),
    "Surefoot's own tools could not be installed: pip ended with {code}": "无法安装 Surefoot 自身的工具：pip 以 {code} 结束",
    "this Python ({python}) has no `{module}` to prepare Surefoot's own tools with": (
        "此 Python（{python}）没有用于准备 Surefoot 自身工具的 `{module}`"
    ),
    "mend its permissions, or `export SUREFOOT_CACHE_DIR=…` with a folder of your own": (
        "请修正其权限，或用 `export SUREFOOT_CACHE_DIR=…` 指定您自己的文件夹"
    ),
    "bring back the file (`git checkout -- locks` in Surefoot's folder), or get Surefoot anew": (
        "请恢复该文件（在 Surefoot 的文件夹中运行 `git checkout -- locks`），或重新获取 Surefoot"
    ),
    "`export SUREFOOT_CACHE_DIR=…` with a folder of your own, then run the same command again": (
        "请用 `export SUREFOOT_CACHE_DIR=…` 指定您自己的文件夹，然后再次运行同一命令"
    ),
    "run it as that user, or `export SUREFOOT_CACHE_DIR=…` with a folder of your own": (
        "请以该用户身份运行，或用 `export SUREFOOT_CACHE_DIR=…` 指定您自己的文件夹"
    ),
    "find out who changed it: the index, a proxy on the way, or `locks/tool.txt` in this copy of Surefoot": (
        "请查明是谁改动的：索引、途中的代理，还是此份 Surefoot 中的 `locks/tool.txt`"
    ),
    "make room, or `export SUREFOOT_CACHE_DIR=…` with a folder on another disk, then run it again": (
        "请腾出空间，或用 `export SUREFOOT_CACHE_DIR=…` 指定另一块磁盘上的文件夹，然后再次运行"
    ),
    "the package index, or the proxy before it, does not let pip in": "软件包索引或其前面的代理不允许 pip 访问",
    "the package index cannot be reached, and Surefoot's own tools are not on this machine yet": (
        "无法访问软件包索引，而本机尚无 Surefoot 自身的工具"
    ),
    "mend what pip names, then run the same command again": "请修复 pip 指出的问题，然后再次运行同一命令",
    "run `{command}`, then run the same command again": "请运行 `{command}`，然后再次运行同一命令",
    "give pip the right credentials (`~/.netrc`, keyring, or PIP_INDEX_URL), then run it again": (
        "请为 pip 提供正确的凭据（`~/.netrc`、keyring 或 PIP_INDEX_URL），然后再次运行"
    ),
    "go online, or name an index or a proxy that answers (`export PIP_INDEX_URL=…`, `export HTTPS_PROXY=…`), then run the "
    "same command again; once made, the tools work offline": (
        "请联网，或指定可用的索引或代理（`export PIP_INDEX_URL=…`、`export HTTPS_PROXY=…`），然后再次运行同一命令；"
        "工具一旦建好即可离线使用"
    ),
}
