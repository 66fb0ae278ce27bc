"""What is said about environments, in Chinese: making, verifying, switching, cleaning up."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "Delete the environment of {name}": "删除 {name} 的环境",
    "Delete what the run {name} left half-made": "删除运行 {name} 留下的半成品",
    "`{command}` says that there is nothing to do": "`{command}` 表示无需操作",
    "`{command}` did not make {paths}": "`{command}` 没有生成 {paths}",
    "Run `{command}`": "运行 `{command}`",
    "the environment cannot be made, for {count} reasons": "无法创建环境，原因有 {count} 个",
    "Back up the configuration files": "备份配置文件",
    "`{path}` holds a password or token: no copy of it is kept": "`{path}` 含有密码或令牌：不保存其副本",
    "`{path}` could not be backed up: {reason}": "无法备份 `{path}`：{reason}",
    "{by} needs {what}, but {found} is installed": "{by} 需要 {what}，但安装的是 {found}",
    "{by} needs {what}, which is not installed": "{by} 需要 {what}，但未安装",
    "the package {name} {version} was added by hand": "软件包 {name} {version} 是手动添加的",
    "`{path}` was added by hand": "`{path}` 是手动添加的",
    "`{path}` was removed by hand": "`{path}` 被手动删除",
    "the package {name} was removed by hand": "软件包 {name} 被手动移除",
    "the package {name} was changed by hand: {old} → {new}": "软件包 {name} 被手动更改：{old} → {new}",
    "an active environment is always looked at anew": "激活的环境总是重新检查",
    "`{path}` was not made by this tool, or not to its end": "`{path}` 不是由本工具创建的，或未创建完成",
    "there is no environment yet": "还没有环境",
    "this run is not finished": "此次运行尚未完成",
    "the project was moved: it was at {path}": "项目已移动：原位于 {path}",
    "{name} could not be installed last time": "上次未能安装 {name}",
    "its interpreter is gone: {path}": "其解释器已不存在：{path}",
    "another Python is asked for: {wish}, not {version}": "要求另一个 Python：{wish}，而不是 {version}",
    "its interpreter changed: {old} → {new}": "其解释器已改变：{old} → {new}",
    "`import {module}` fails: {text}": "`import {module}` 失败：{text}",
    "its import ended the program with status {status}": "导入它会使程序以状态 {status} 结束",
    "the system lacks the library {library}": "系统缺少库 {library}",
    "it needs `{name}`, which Python {since} no longer has": "它需要 `{name}`，而 Python {since} 起已不再提供",
    "{what}; this is {version}": "{what}；当前是 {version}",
    "this Python was built without `{name}`": "此 Python 构建时不含 `{name}`",
    "it needs `{name}`, which nothing declares": "它需要 `{name}`，但没有任何声明",
    "a command leads to it, and it is not there": "有命令指向它，但它不存在",
    "the Python of the environment does not run: {path}": "环境的 Python 无法运行：{path}",
    "its import did not end within {seconds} s": "导入它在 {seconds} 秒内没有结束",
    "its import was ended by {signal}": "导入它被 {signal} 终止",
    "Make an environment with Python {version} ({why})": "用 Python {version} 创建环境（{why}）",
    "this runs as root in somebody else's project: the environment will belong to root": (
        "正以 root 身份在他人的项目中运行：环境将属于 root"
    ),
    "{count} running programs use `{path}` ({names}); they go on with the old one until they are started again": (
        "{count} 个正在运行的程序使用 `{path}`（{names}）；重新启动前它们仍使用旧环境"
    ),
    "a program": "某程序",
    "the project folder {path} cannot be written to": "项目文件夹 {path} 不可写",
    "the folder {path} cannot be written to": "文件夹 {path} 不可写",
    "the path of the project is too long: files of packages would have {longest} characters, the system allows {limit}": (
        "项目路径过长：软件包文件的路径将有 {longest} 个字符，而系统只允许 {limit} 个"
    ),
    "`{path}` is a file, not an environment; move it away": "`{path}` 是文件而不是环境；请移走",
    "only {free} MB are free at {path}, {wanted} are wanted (`free-space` of `[tool.surefoot.prechecks]`)": (
        "{path} 仅剩 {free} MB，需要 {wanted} MB（`[tool.surefoot.prechecks]` 的 `free-space`）"
    ),
    "the file system at {path} has no room for more files (inodes)": "{path} 的文件系统无法容纳更多文件（inode）",
    "`{path}` is a link to {target}; remove the link, or name another `environment` in the manifest": (
        "`{path}` 是指向 {target} 的链接；请删除链接，或在清单中另定 `environment`"
    ),
    "`{path}` is a mount point, or on another file system than the project: it cannot be switched by rename; unmount it, "
    "or name another `environment` in the manifest": (
        "`{path}` 是挂载点，或与项目不在同一文件系统：无法通过重命名切换；请卸载，或在清单中另定 `environment`"
    ),
    '`environment = "active"` (installing into the active environment) is not supported yet': (
        '`environment = "active"`（安装到激活的环境）尚不支持'
    ),
    "leave the key out: the environment is then made in `.venv`, and the active one is not touched": (
        "请去掉该键：环境将创建在 `.venv`，不触动激活的环境"
    ),
    "Make the environment movable": "使环境可以移动",
    "what was added to an old environment by hand is now in {path}": "手动添加到旧环境中的内容现位于 {path}",
    "Seal the environment": "封存环境",
    "Set the earlier environment aside as {name}": "将以前的环境另存为 {name}",
    "Switch to the environment": "切换到该环境",
    "Keep the environment as a generation": "将环境保留为一代",
    "Switch to the new environment": "切换到新环境",
    "nothing declares these packages of the earlier environment, so the new one is without them: {names}": (
        "以前环境中的这些软件包没有任何声明，新环境不含它们：{names}"
    ),
    "Keep the earlier environment as {name}": "将以前的环境保留为 {name}",
    "Make the folder {path}": "创建文件夹 {path}",
    "the mode changed: {old} → {new}": "模式已改变：{old} → {new}",
    "the installer changed: {old} → {new}": "安装工具已改变：{old} → {new}",
    "another Python is asked for": "要求另一个 Python",
    "the local packages, or their extras, changed": "本地软件包或其 extra 已改变",
    "the dependency groups changed": "依赖组已改变",
    "other requirement files are asked for": "要求其他依赖文件",
    "other constraint files are asked for": "要求其他约束文件",
    "another lock file is asked for": "要求另一个锁文件",
    "other options are asked for": "要求其他选项",
    "the manifest changed": "清单已改变",
    "it was made by another version of this tool": "它由本工具的另一版本创建",
    "`{path}` changed": "`{path}` 已改变",
    "`{path}` is new": "`{path}` 是新的",
    "`{path}` is gone": "`{path}` 已不存在",
    "Take the environment out of use; it is kept as {name}": "停用环境；保留为 {name}",
    "there are none yet": "尚无",
    "there is no environment of {name} any more; {there}": "{name} 的环境已不存在；{there}",
    "this project installs into the active environment, of which no earlier ones are kept": (
        "此项目安装到激活的环境，不保留以前的环境"
    ),
    "`manage.py history` lists the runs; `quickstart.py` makes an environment anew": (
        "`manage.py history` 列出所有运行；`quickstart.py` 可重新创建环境"
    ),
    "the environment is deleted for good": "环境将被永久删除",
    "Look at what works only in part": "检查只能部分工作的内容",
    "Check every file of every package": "检查每个软件包的每个文件",
    "Check that the packages fit together": "检查软件包之间是否相容",
    "Import the packages": "导入软件包",
    "Check the packages' commands": "检查软件包的命令",
    "{count} installed files are not what their RECORD says": "{count} 个已安装的文件与其 RECORD 不符",
    "run the same command again: the environment is made anew": "请再次运行同一命令：将重新创建环境",
    "mend them, or name those that may fail in `skip-imports` of `[tool.surefoot.verification]`": (
        "请修复，或在 `[tool.surefoot.verification]` 的 `skip-imports` 中列出可以失败的模块"
    ),
    "the command `{command}` of {name} is not there": "{name} 的命令 `{command}` 不存在",
    "the environment is not what was installed": "环境与安装的内容不符",
    "local packages are not installed": "本地软件包未安装",
    "modules cannot be imported": "有模块无法导入",
    "not all of it works: {what}": "并非全部可用：{what}",
    "commands are missing": "缺少命令",
    "`{command}` ended with status {status}": "`{command}` 以状态 {status} 结束",
    "the packages do not fit together": "软件包之间不相容",
    "{part} is left out: {message}": "{part} 已跳过：{message}",
}
