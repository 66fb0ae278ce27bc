"""State that rotted, is of another place, or of a newer version, in Chinese."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "it is no ordinary file": "它不是普通文件",
    "records are missing from its end, or it is an older copy of itself": "末尾缺少记录，或者它是自身的旧副本",
    "the run {run}, of which {view} tells, is not in it": "{view} 提到的运行 {run} 不在其中",
    "the records of the run {run} were made for another folder or machine: {path}": (
        "运行 {run} 的记录属于另一个文件夹或另一台机器：{path}"
    ),
    "if all of the project was moved or copied here, `manage.py checkpoint repair --adopt` goes on with them; "
    "if not, `manage.py clean-env` puts them aside": (
        "如果整个项目被移动或复制到这里，`manage.py checkpoint repair --adopt` 可继续使用这些记录；"
        "否则用 `manage.py clean-env` 将其搁置"
    ),
    "{path} is not what this tool puts there (a file, a folder); it is not touched": (
        "{path} 不是本工具放在那里的东西（文件或文件夹）；不会碰它"
    ),
    "move it away, then run the same command again": "请将其移走，然后再次运行同一命令",
    "update Surefoot to {version} or later, then run the same command again": (
        "请将 Surefoot 更新到 {version} 或更高版本，然后再次运行同一命令"
    ),
    "Also believe records that were made for another folder or machine.": "也采信属于另一个文件夹或另一台机器的记录。",
    "The records of the run {run} were made for {path}.": "运行 {run} 的记录属于 {path}。",
    "Was all of the project moved or copied here, its files included? [y/N]": (
        "整个项目（包括其文件）是否被移动或复制到了这里？[y/N]"
    ),
    "The records are of this folder.": "这些记录属于本文件夹。",
    "They are gone on with here.": "将在此处继续使用它们。",
    "`{environment}` was made by the run {run}, whose records are gone": (
        "`{environment}` 由运行 {run} 创建，但其记录已不存在"
    ),
    "These records were made for another folder or machine: {path}": "这些记录属于另一个文件夹或另一台机器：{path}",
    "the resources in {path} were noted in another folder or on another machine: {place}": (
        "{path} 中的资源是在另一个文件夹或另一台机器上记录的：{place}"
    ),
    "take them back there; if they are gone, remove {path}": "请在那里撤销它们；如果它们已不存在，请删除 {path}",
    "{path} was changed at this very moment; it stays as you left it": "{path} 恰在此刻被改动；保持您留下的样子",
    "run the same command again, when nothing else writes there": "请在没有其他程序写入该处时再次运行同一命令",
}
