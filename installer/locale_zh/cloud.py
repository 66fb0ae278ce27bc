"""Sentences of the flags on checkpoint verbs, of the extras, and of `checkpoint push` and `pull`."""

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
}
