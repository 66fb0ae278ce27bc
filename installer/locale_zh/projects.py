"""What is said about reading a project and finding an interpreter, in Chinese."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "{path}, line {line}, column {column}: {reason}": "{path} 第 {line} 行第 {column} 列：{reason}",
    "{path} is a link that leaves the project, to {target}": "{path} 是指向项目之外 {target} 的链接",
    "{path}: nested too deeply": "{path}：嵌套过深",
    "{path} is too large to be read ({size} bytes)": "{path} 过大，无法读取（{size} 字节）",
    "{path} cannot be read: {reason}": "无法读取 {path}：{reason}",
    "its build backend wants a package named {name}, and there is none": "其构建后端需要名为 {name} 的软件包，但不存在",
    "setuptools would not know which folder is the package: {names}": "setuptools 无法判断哪个文件夹是软件包：{names}",
    "setuptools would not know which file is the module: {names}": "setuptools 无法判断哪个文件是模块：{names}",
    "there is no package in it": "其中没有软件包",
    "it names no build backend, and there is no package of its name in it": "它未指定构建后端，其中也没有同名的软件包",
    "its pyproject.toml says that it is no package": "其 pyproject.toml 表明它不是软件包",
    "it names no build backend, but there is a package in it": "它未指定构建后端，但其中有软件包",
    "it names no build backend, and only Poetry would know how to build it": (
        "它未指定构建后端，只有 Poetry 知道如何构建"
    ),
    "neither pip nor uv installs a setup.cfg without a setup.py or a pyproject.toml": (
        "只有 setup.cfg 而没有 setup.py 或 pyproject.toml 时，pip 与 uv 都无法安装"
    ),
    "{key} must be a table": "{key} 必须是表",
    "{key} must be a list of strings": "{key} 必须是字符串列表",
    "{key} must be a string": "{key} 必须是字符串",
    "mend {path} and run the same command again": "请修正 {path} 并再次运行同一命令",
    "[dependency-groups] must be a table": "[dependency-groups] 必须是表",
    "the dependency groups {names} include each other": "依赖组 {names} 互相包含",
    "dependency group {name} includes {other}, which does not exist": "依赖组 {name} 包含不存在的 {other}",
    "dependency group {name} must be a list": "依赖组 {name} 必须是列表",
    "dependency group {name} holds {entry}, which is no requirement": "依赖组 {name} 中的 {entry} 不是依赖要求",
    "what the project is run with, besides what it says itself": "除其自身声明外，运行项目所需的内容",
    "{lock} decides": "由 {lock} 决定",
    "the Pipfile's lock decides": "由 Pipfile 的锁文件决定",
    "no project at the root says what it needs": "根目录没有项目说明所需",
    "the project takes its dependencies from it by itself": "项目自行从中读取依赖",
    "the project takes its dependencies from it, but is not installed itself": "项目从中读取依赖，但自身不被安装",
    "it pins the project's dependencies with hashes": "它用哈希值固定了项目的依赖",
    "it lists tools for developers": "它列出开发者工具",
    "the project itself names no dependencies": "项目自身未列出依赖",
    "the project itself says what it needs": "项目自身说明了所需",
    "mode {mode} wants what developers need": "模式 {mode} 需要开发者所需的内容",
    "mode {mode} wants everything": "模式 {mode} 需要全部内容",
    "{path} is installed": "安装 {path}",
    "the manifest": "清单",
    "{path} is left out": "跳过 {path}",
    "there is no pyproject.toml with a project beside it": "旁边没有含项目的 pyproject.toml",
    "pyproject.toml holds no project": "pyproject.toml 中没有项目",
    "{path} is passed over: {reason}": "跳过 {path}：{reason}",
    "the manifest names the lock {path}, which does not exist": "清单所指定的锁文件 {path} 不存在",
    "{path} is no lock that we can read": "{path} 不是可读取的锁文件",
    "{path}, line {line}: an unfinished merge": "{path} 第 {line} 行：合并未完成",
    "{path}, line {line}: this is no lock file": "{path} 第 {line} 行：这不是锁文件",
    "of the locks in the project it ranks first": "在项目的锁文件中它优先",
    "known are pylock.toml, pylock.NAME.toml, uv.lock, poetry.lock and pdm.lock": (
        "已知的有 pylock.toml、pylock.NAME.toml、uv.lock、poetry.lock 和 pdm.lock"
    ),
    "finish the merge, or write the lock anew, and run the same command again": (
        "请完成合并或重新生成锁文件，然后再次运行同一命令"
    ),
    "{path} decides the versions": "由 {path} 决定版本",
    "no lock": "没有锁文件",
    "found by searching the tree for projects": "通过在目录树中搜索项目找到",
    "members of the manifest": "清单中的成员",
    "the uv workspace in {path}": "{path} 中的 uv 工作区",
    "a workspace member may not be outside the project: {pattern}": "工作区成员不能位于项目之外：{pattern}",
    "{name} is asked for at {path}, outside the project; that is left out": "要求的 {name} 位于项目之外的 {path}；已跳过",
    "{folder} is left out: {first} has the same name, {name}": "跳过 {folder}：{first} 的名称同为 {name}",
    "{count} projects in the tree": "目录树中有 {count} 个项目",
    "a member, though an example or a test": "虽是示例或测试，但属于成员",
    "there is no mode {mode}; known are {known}": "没有模式 {mode}；已知的有 {known}",
    "did you mean {name}?": "是否想用 {name}？",
    "mode {mode} names the extra {name}, which no project has": "模式 {mode} 指定的 extra {name} 不属于任何项目",
    "mode {mode} names the dependency group {name}, which no project has": "模式 {mode} 指定的依赖组 {name} 不属于任何项目",
    "nothing in {root} says which Python packages it needs": "{root} 中没有任何内容说明需要哪些 Python 软件包",
    "conda or mamba": "conda 或 mamba",
    "{path} asks for {program}, which installs more than Python packages; nothing else says what is needed": (
        "{path} 要求 {program}，它安装的不只是 Python 软件包；此外没有任何内容说明所需"
    ),
    "add one of these, or a surefoot.toml that names them; or run it in the project's folder with -C DIR": (
        "请添加其中之一，或添加指明它们的 surefoot.toml；或用 -C DIR 在项目文件夹中运行"
    ),
    "run `{command}`, or add a requirements.txt": "请运行 `{command}`，或添加 requirements.txt",
    "looked for {names}": "查找过 {names}",
    "{path}: {reason}": "在 {path} 中：{reason}",
    "{path}: {line} is no requirement": "{path}：{line} 不是依赖要求",
    "it holds only settings of tools": "它只含工具的设置",
    "[project] must have a name": "[project] 必须有名称",
    "what {path} requires": "{path} 的要求",
    "what {path} was locked for": "{path} 锁定时所针对的版本",
    "{path} asks for it": "{path} 要求它",
    "{path} builds on it": "{path} 以它为基础",
    "the classifiers in {path}": "{path} 中的分类",
    "the requirement file {path} does not exist": "依赖文件 {path} 不存在",
    "{path}, which {other} includes, does not exist": "{other} 所包含的 {path} 不存在",
    "{path} asks for {other}, which is outside the project": "{path} 要求的 {other} 位于项目之外",
    "{path} is no text file": "{path} 不是文本文件",
    "{path} includes {other}, which is outside the project": "{path} 包含的 {other} 位于项目之外",
    "{text} names no Python": "{text} 不指向任何 Python",
    "a version (3.12), specifiers (>=3.10), a name (pypy3.10) or a path (/usr/bin/python3.11)": (
        "版本（3.12）、范围（>=3.10）、名称（pypy3.10）或路径（/usr/bin/python3.11）"
    ),
    "no Python on this machine is {wanted}": "本机没有符合 {wanted} 的 Python",
    "{path} is no Python that starts": "{path} 不是可启动的 Python",
    "`uv python install {version}` brings one, then run the same command again": (
        "`uv python install {version}` 可安装一个，然后再次运行同一命令"
    ),
    "{what}: {why}": "要求 {what}：{why}",
    "refused by the packages that were asked for: {names}": "被所要求的软件包拒绝：{names}",
    "found {version} at {path}": "在 {path} 找到 {version}",
    "name another with --python, or a version like 3.12": "请用 --python 指定另一个，或指定如 3.12 的版本",
    "asked for on the command line or by a variable": "由命令行或变量要求",
    "mode {mode}": "模式 {mode}",
    "nothing at the root says what it needs": "根目录没有任何内容说明所需",
    "the manifest says that {name} is optional, but no project of the tree has that name": (
        "清单称 {name} 为可选，但目录树中没有该名称的项目"
    ),
    "the constraints file {path} does not exist": "约束文件 {path} 不存在",
    "the manifest says so": "清单如此规定",
    "{name} is not installed: {reason}": "不安装 {name}：{reason}",
    "{name} is installed from {path}": "从 {path} 安装 {name}",
    "the projects are {names}": "项目有 {names}",
    "with the extras {names}": "连同 extra {names}",
    "{name} is not installed, only what it needs": "不安装 {name}，只安装其所需",
    "dependency group {name} of {path}": "{path} 的依赖组 {name}",
}
