"""Sentences of `checkpoint push` and `pull`."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "Put the checkpoint of the current run, or of RUN, at URL, for another machine to go on with.\n\nURL"
    " is a file or, with / at its end, a folder: file:///mnt/share/, s3://bucket/, any that fsspec has"
    " a driver for. Nothing is changed on this machine; credentials come from the driver's own variables"
    " and files.": (
        "把当前安装（或 RUN）的检查点放到 URL，供另一台机器继续。\n\nURL 是文件；以 / 结尾则是文件夹：file:///mnt/share/"
        "、s3://bucket/，凡 fsspec 有驱动的都可以。本机不作任何更改；凭据来自驱动自己的变量和文件。"
    ),
    "Get the checkpoint at URL and make its run the current one here: look at it, go on with it, take"
    " it back.\n\nEvery name and hash is checked before anything is unpacked. `manage.py rollback` takes"
    " the pulling back, too.": (
        "取得 URL 处的检查点，并使其安装成为此处的当前安装：可查看、继续、撤销。\n\n解包之前检查每个名称"
        "和哈希。`manage.py rollback` 也能撤销这次拉取。"
    ),
    "A run of `manage.py history`; default: the last.": "`manage.py history` 中的一次安装；默认为最后一次。",
    "Also replace what is no earlier state of this run.": "也替换并非该安装较早状态的内容。",
    "Take the checkpoint though it is of a project with another name.": ("即使检查点属于另一个名称的项目也接受。"),
    "Take it though its rollback runs commands, or reaches into .git or outside.": (
        "即使其回滚会运行命令、触及 .git 或项目之外也接受。"
    ),
    "Pulled: {run}": "已拉取：{run}",
    "would push {run} to {url}: {size} bytes": "将推送 {run} 到 {url}：{size} 字节",
    "Pushed: {run} to {url}": "已推送：{run} 到 {url}",
    "the checkpoint is of the project {theirs}, this is {ours}": "该检查点属于项目 {theirs}，此处是 {ours}",
    "the checkpoint's state folder is {theirs}, here it is {ours}": ("检查点的状态文件夹是 {theirs}，此处是 {ours}"),
    "nothing was changed; add --adopt if it is the same project under another name": (
        "未作任何更改；若是同一项目的另一个名称，请加 --adopt"
    ),
    "give the project the same `state-dir` as there": "请给项目设置与那边相同的 `state-dir`",
    "would pull {run}: {count} files": "将拉取 {run}：{count} 个文件",
    "moved: {amount} MB": "已传输：{amount} MB",
    "nothing was replaced; `manage.py checkpoint pull` gets it, another address or --replace goes past it": (
        "未替换任何内容；`manage.py checkpoint pull` 可取得它，换一个地址或加 --replace 则不理会它"
    ),
    "the checkpoint at {url} is another project's: {project}": "{url} 处的检查点属于另一个项目：{project}",
    "the checkpoint at {url} is further than the run here": "{url} 处的检查点比此处的安装更靠后",
    "the run {run} at {url} and the one here went apart": "{url} 处的安装 {run} 与此处的已经分叉",
    "somebody else pushed to {url} at the same time": "同时有人推送到 {url}",
    "the checkpoint at {url} is of a later run: {run}": "{url} 处的检查点属于更晚的安装：{run}",
    "the checkpoint is refused: {why}": "拒绝该检查点：{why}",
    "its install ID is none of Surefoot's": "其安装 ID 不是 Surefoot 的",
    "its list of files is not whole": "其文件清单不完整",
    "it names a file that no checkpoint has: {path}": "它列出了检查点不会有的文件：{path}",
    "its list of files cannot be read": "其文件清单无法读取",
    "nothing of it was unpacked; push it again from the machine that it is of, or find out who changed it": (
        "未解包任何内容；请从原机器重新推送，或查明是谁改动了它"
    ),
    "it is no checkpoint of Surefoot's": "它不是 Surefoot 的检查点",
    "the checkpoint was written by a newer version of Surefoot": "该检查点由更新版本的 Surefoot 写成",
    "it holds more than {count} files": "它包含超过 {count} 个文件",
    "there is no checkpoint to push yet": "还没有可推送的检查点",
    "a file of the checkpoint is too large to be pushed: {path}": "检查点中的一个文件过大，无法推送：{path}",
    "files are missing in it, or have another size": "其中缺少文件，或大小不符",
    "it changed while it was unpacked": "解包时它发生了变化",
    "it ends too early": "它过早结束",
    "`quickstart.py` makes one": "`quickstart.py` 会建立一个",
    "the limit is {count} MB a file": "每个文件的上限是 {count} MB",
    "it holds what its list does not name, or other bytes: {name}": ("其中有清单未列出的内容或不同的字节：{name}"),
    "it cannot be unpacked: {reason}": "无法解包：{reason}",
    "`manage.py history` lists them": "`manage.py history` 会列出它们",
    "the checkpoint changed while it was read": "读取时检查点发生了变化",
    "something follows its end": "结尾之后还有内容",
    "another run is at work: wait for its end, then run the same command again": (
        "另一次安装正在进行：等它结束后再次运行同一命令"
    ),
    "it holds something else than plain files": "其中有普通文件以外的内容",
    "it is larger than a checkpoint can be": "它大于检查点可能的大小",
    "the run {run} is further here than in the checkpoint": "安装 {run} 在此处比检查点更靠后",
    "the run {run} here is another than the checkpoint's: they went apart": (
        "此处的安装 {run} 与检查点中的不同：二者已经分叉"
    ),
    "the run {run} is unfinished here, and is not replaced": "此处的安装 {run} 尚未完成，不会被替换",
    "nothing here was changed": "此处未作任何更改",
    "there is no driver here for addresses that begin with `{scheme}:`": (
        "此处没有用于以 `{scheme}:` 开头的地址的驱动"
    ),
    "{url} does not answer as it should": "{url} 没有正常应答",
    "this is no address of a checkpoint: {url}": "这不是检查点的地址：{url}",
    "{url} would be asked in the clear: anybody on the way could read or change it": (
        "对 {url} 的访问将不加密：途中任何人都能读取或更改"
    ),
    "install Surefoot with it: `uv tool install --with {package} '{tool}'`, then use `surefoot-manage`": (
        "连同它一起安装 Surefoot：`uv tool install --with {package} '{tool}'`，然后使用 `surefoot-manage`"
    ),
    "{url} can only be read": "{url} 只能读取",
    "not allowed at {url}": "{url} 不允许访问",
    "there is no room at {url}": "{url} 没有空间",
    "run the same command again later: nothing was changed here": "稍后再次运行同一命令：此处未作任何更改",
    "use an address that is encrypted (https, s3, sftp …)": "请使用加密的地址（https、s3、sftp …）",
    "give the driver its credentials by its own variables or files (for S3: AWS_PROFILE, ~/.aws)": (
        "请用驱动自己的变量或文件提供凭据（S3：AWS_PROFILE、~/.aws）"
    ),
    "there is no checkpoint at {url}": "{url} 处没有检查点",
    "`manage.py checkpoint push` puts one there": "`manage.py checkpoint push` 会放一个到那里",
    "what is at {url} is larger than a checkpoint": "{url} 处的内容大于检查点",
    "a file of the checkpoint holds a credential, and is not pushed: {path}": (
        "检查点中的一个文件含有凭据，不予推送：{path}"
    ),
    "take it out of the project's files (netrc, keyring, a variable), and make a new checkpoint": (
        "请把它移出项目文件（netrc、钥匙串、变量），再建立新的检查点"
    ),
    "its journal is not the one that its list names": "其日志不是清单所列的那个",
    "taking this checkpoint back would reach further than a stranger's should: {what}": (
        "撤销该检查点会触及陌生人不应触及的内容：{what}"
    ),
    "its journal cannot be read": "其日志无法读取",
    "if you trust everyone who can write to that address, add --trust": (
        "如果您信任所有能写入该地址的人，请加 --trust"
    ),
    "its copies lie elsewhere: {path}": "其副本位于别处：{path}",
    "a list of copies cannot be read: {path}": "副本清单无法读取：{path}",
    "it would delete what is yours: {path}": "它会删除属于您的内容：{path}",
    "the address of the unfinished pull {run} was not kept: it has a credential": (
        "未完成的拉取 {run} 的地址没有保存：其中含有凭据"
    ),
    "run the same `manage.py checkpoint pull` again, or `manage.py rollback`": (
        "请再次运行同一个 `manage.py checkpoint pull`，或运行 `manage.py rollback`"
    ),
}
