"""What the phase of submodules says, in Chinese."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "`{program}` is git {found}": "`{program}` 的版本是 git {found}",
    "`git` was not found, and this project has submodules": "未找到 `git`，而此项目含有子模块",
    "install git {needed} or newer, then run the same command again": "请安装 git {needed} 或更新版本，然后再次运行同一命令",
    "install git (Debian, Ubuntu: `apt-get install git`), then run the same command again": (
        "请安装 git（Debian、Ubuntu：`apt-get install git`），然后再次运行同一命令"
    ),
    "there is no commit `{revision}`": "没有提交 `{revision}`",
    "git failed in `{place}`": "git 在 `{place}` 中失败",
    "`{place}` belongs to another user, so git refuses to work in it": "`{place}` 属于另一个用户，git 拒绝在其中工作",
    "make it yours (`chown`), or tell git once that you trust it: `git config --global --add safe.directory FOLDER`": (
        "请将其归为己有（`chown`），或告诉 git 您信任它：`git config --global --add safe.directory 文件夹`"
    ),
    "there is no room on the disk for `{place}`": "磁盘空间不足以容纳 `{place}`",
    "free some space, then run the same command again": "请腾出空间，然后再次运行同一命令",
    "git refuses `{place}` for security": "出于安全原因，git 拒绝 `{place}`",
    "look at `.gitmodules`: where does it come from?": "请检查 `.gitmodules`：它来自何处？",
    "files of yours are in the way in `{place}`": "`{place}` 中有您的文件挡住了操作",
    "commit, stash or move them, then run the same command again": "请提交、暂存或移走它们，然后再次运行同一命令",
    "the recorded commit of `{place}` is not on its server": "`{place}` 所记录的提交不在其服务器上",
    "push that commit from where it was made, or record one that is there: "
    "`git -C FOLDER checkout BRANCH`, `git add FOLDER`": (
        "请从创建处推送该提交，或改记服务器上已有的提交：`git -C 文件夹 checkout 分支`、`git add 文件夹`"
    ),
    "the server of `{place}` is not among the hosts that ssh knows": "ssh 不认识 `{place}` 的服务器",
    "connect to it once with `ssh` and check its key, then run the same command again": (
        "请先用 `ssh` 连接一次并核对其密钥，然后再次运行同一命令"
    ),
    "`{place}` may not be read with your credentials, or does not exist": "您的凭据无权读取 `{place}`，或它不存在",
    "check the address, and log in (`git credential`, an ssh key); for one that you can do without: "
    "`[tool.surefoot.submodules] optional`": (
        "请检查地址并登录（`git credential`、ssh 密钥）；若可以没有它：`[tool.surefoot.submodules] optional`"
    ),
    "`{place}` could not be fetched": "无法获取 `{place}`",
    "check the network and the address, then run the same command again; it goes on from here": (
        "请检查网络与地址，然后再次运行同一命令；将从此处继续"
    ),
    "`{place}` is not at its recorded commit": "`{place}` 不在其记录的提交上",
    "the optional submodule `{path}` was left out: {why}": "可选子模块 `{path}` 已跳过：{why}",
    "the repository behind `{place}` lies outside of the project, where its submodules could not be taken back": (
        "`{place}` 的仓库位于项目之外，无法撤销其中子模块的更改"
    ),
    "run `git submodule update --init --recursive` yourself, then the same command again": (
        "请自行运行 `git submodule update --init --recursive`，然后再次运行同一命令"
    ),
    "its `update` is a command": "其 `update` 是一个命令",
    "`.gitmodules` is a link": "`.gitmodules` 是链接",
    "`{file}` cannot be read": "无法读取 `{file}`",
    "`.gitmodules` asks for what must not be trusted": "`.gitmodules` 中含有不可信的内容",
    "it is the same as, or inside of, `{other}`": "它与 `{other}` 相同，或位于其中",
    "`{path}` is in the middle of a merge": "`{path}` 正在合并之中",
    "correct `.gitmodules`, or name what you can do without in `[tool.surefoot.submodules] skip`": (
        "请更正 `.gitmodules`，或在 `[tool.surefoot.submodules] skip` 中列出可以没有的子模块"
    ),
    "finish or abort it, then run the same command again": "请完成或中止它，然后再次运行同一命令",
    "commits that are on no server: {commits}": "不在任何服务器上的提交：{commits}",
    "a merge, rebase or bisection is under way ({note})": "正在进行合并、变基或二分查找（{note}）",
    "changed files: {files}": "已更改的文件：{files}",
    "the submodule `{place}` was never fetched, and `--offline` forbids it": (
        "子模块 `{place}` 从未获取过，而 `--offline` 不允许获取"
    ),
    "files that belong to no repository": "不属于任何仓库的文件",
    "`{place}` is to be moved to its recorded commit, but holds work of yours": (
        "`{place}` 应移到其记录的提交，但其中有您的工作"
    ),
    "run once without `--offline`": "请先不带 `--offline` 运行一次",
    "commit and push it (then `git add` the folder), or stash it; `[tool.surefoot.submodules] skip` leaves it alone": (
        "请提交并推送（然后对文件夹 `git add`），或暂存；`[tool.surefoot.submodules] skip` 可使其不受触动"
    ),
    "git took the address of `{path}` for another one": "git 将 `{path}` 的地址当成了另一个地址",
    "register it yourself: `git submodule init`, then run the same command again": (
        "请自行登记：`git submodule init`，然后再次运行同一命令"
    ),
    "{count} submodules cannot be brought to their commits": "{count} 个子模块无法移到其提交",
    "this is not a git repository, so its submodules cannot be fetched; these folders are empty: {folders}": (
        "这不是 git 仓库，无法获取其子模块；以下文件夹为空：{folders}"
    ),
    "its name {name} is no proper name": "其名称 {name} 不合规",
    "its path {path} is no proper path": "其路径 {path} 不合规",
    "its path {path} passes through a link": "其路径 {path} 经过链接",
    "its address {url} is no proper one": "其地址 {url} 不合规",
    "`{kind}` is not encrypted: use https or ssh": "`{kind}` 未加密：请使用 https 或 ssh",
    "the transport `{kind}` is not allowed": "不允许使用传输方式 `{kind}`",
    "its address names no proper host": "其地址没有合规的主机",
    "it lies on this machine; `--allow-file-submodules` allows that": "它位于本机；`--allow-file-submodules` 可允许",
    "Register {count} submodules": "登记 {count} 个子模块",
    "Bring the submodule {path} to {commit}": "将子模块 {path} 移到 {commit}",
    "Leave out a submodule that must not be trusted": "跳过不可信的子模块",
    "Look for the submodules of an unpacked archive": "检查解包归档中的子模块",
}
