"""The checkpoint API."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "there is no status `{status}`": "没有状态 `{status}`",
    "there is nothing to return to": "没有可以回滚到的检查点",
    "init_checkpoint_system comes first": "请先调用 init_checkpoint_system",
    "the phases should be different words of letters, digits, `_`, `-` and `.`": (
        "各阶段名称应互不相同，且只含字母、数字、`_`、`-` 和 `.`"
    ),
    "`start` and `point-…` are the names of rollback points": "`start` 和 `point-…` 是回滚点的名称",
    "no installation is under way here": "此处没有正在进行的安装",
    "the installation {install_id} of Surefoot's own is unfinished here": "Surefoot 自己的安装 {install_id} 尚未完成",
    "`manage.py resume` goes on with it, `manage.py rollback` takes it back": (
        "`manage.py resume` 继续该安装，`manage.py rollback` 撤销该安装"
    ),
    "cannot keep `{path}`: name single files or folders of the project": (
        "无法备份 `{path}`：请指定项目中的单个文件或文件夹"
    ),
    "the additional data is no JSON object: {reason}": "附加数据不是 JSON 对象：{reason}",
    "{count} resources of an earlier program are still there ({path})": "先前程序的 {count} 个资源仍然存在（{path}）",
    "RollbackManager.recover(...).rollback() takes them back": "RollbackManager.recover(...).rollback() 可撤销它们",
    "another program is using {path}": "另一个程序正在使用 {path}",
    "only the program that made it knows how to take it back: {what}": "只有创建它的程序知道如何撤销：{what}",
    "{failed} of {count} resources could not be taken back": "{count} 个资源中有 {failed} 个无法撤销",
    "call rollback() again once the cause is mended: it tries what is left": (
        "排除原因后再次调用 rollback()：它会重试剩余的资源"
    ),
    "`{verb}` cannot be called so": "`{verb}` 的用法不对",
    "there is no option `{word}` in a plain call": "这种调用不支持选项 `{word}`",
    "set aside: {path}": "已另行保存：{path}",
}
