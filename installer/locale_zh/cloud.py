"""Sentences of the dry runs of checkpoint verbs, and of the extras."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "would take back the run {run}": "将撤销安装 {run}",
    "would begin a run with the phases: {names}": "将开始一次安装，阶段为：{names}",
    "would go on with the phases: {names}": "将以这些阶段继续：{names}",
    "would note {phase}: {status}": "将记录 {phase}：{status}",
    "would take back: {title}": "将撤销：{title}",
    "would keep: {path}": "将备份：{path}",
    "would keep a rollback point without files": "将建立一个不含文件的回滚点",
    "would put away: {run}": "将归档：{run}",
    "would mend: {what}": "将修复：{what}",
    "A dry run: nothing was changed.": "仅预演：未作任何更改。",
    "there is no extra `{name}`": "没有扩展 `{name}`",
    "warning: going on without the extras, which cannot be prepared: {reason}": (
        "警告：无法准备扩展，将在没有扩展的情况下继续：{reason}"
    ),
    "this needs the extra `{extra}` of Surefoot (`{module}` is not installed)": (
        "此操作需要 Surefoot 的扩展 `{extra}`（`{module}` 未安装）"
    ),
    "install it with `{command}`": "用 `{command}` 安装",
    "List the extras of Surefoot: what each is for, and whether it is here.": (
        "列出 Surefoot 的扩展：各自的用途，以及是否已安装。"
    ),
    "installed": "已安装",
    "added": "已添加",
    "not installed": "未安装",
    "Add extras to the tool: an environment with them is made beside the present one.\n\nIt is used from "
    "the next start, by every clone of this user.": (
        "为工具添加扩展：在现有环境旁边建立一个含这些扩展的环境。\n\n从下次启动起使用，对该用户的所有克隆有效。"
    ),
    "Remove extras from the tool. The environment with them goes when nobody used it for 60 days.": (
        "从工具中移除扩展。含这些扩展的环境在 60 天无人使用后删除。"
    ),
    "would add the extra {name}": "将添加扩展 {name}",
    "would remove the extra {name}": "将移除扩展 {name}",
    "added: {name}": "已添加：{name}",
    "removed: {name}": "已移除：{name}",
    "{variable} is set, and outranks this": "{variable} 已设置，优先于此",
    "Surefoot is installed as a package here: its installer adds and removes extras": (
        "此处的 Surefoot 是作为软件包安装的：由安装它的工具添加和移除扩展"
    ),
    "cannot write {path}: {reason}": "无法写入 {path}：{reason}",
    "mend its permissions, or `export SUREFOOT_CONFIG_DIR=…` with a folder of your own": (
        "修正其权限，或 `export SUREFOOT_CONFIG_DIR=…` 指定自己的文件夹"
    ),
    "Optional libraries of Surefoot itself, installed for this user.": "Surefoot 自身的可选库，为当前用户安装。",
}
