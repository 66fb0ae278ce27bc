"""What is said of builds, in Chinese."""

SENTENCES: dict[str, str] = {
    "End the build {run}? [y/N]": "结束构建 {run}？[y/N]",
    "Show how the build stands: created, building, being deployed, deployed; with the time that is expected.": (
        "显示构建状态：已创建、构建中、部署中、已部署，以及预计时间。"
    ),
    "Follow the build to its end, and its deployment where the manifest says how that is seen.\n\n"
    "Exit 0 for a build that succeeded, 1 for one that did not, 7 when the time is over.": (
        "跟踪构建直到结束；清单说明了如何判断部署时，也跟踪部署。\n\n构建成功退出码为 0，未成功为 1，超时为 7。"
    ),
    "Show the log of the build, job by job.": "逐个作业显示构建日志。",
    "End the build.": "结束构建。",
    "Say whose token it is, where it was found, and what it lacks to begin a build. Exit 8 if it lacks that.": (
        "显示令牌属于谁、在哪里找到、触发构建还缺少什么。有缺少时退出码为 8。"
    ),
    "How long at most.": "最长等待时间。",
    "Between two looks.": "两次查看之间的间隔。",
    "the token may not do this at {host}: it lacks {scopes}": "该令牌在 {host} 上权限不足：缺少 {scopes}",
    "there is no build yet": "还没有构建",
    "waiting for a machine": "正在等待构建机器",
    "the build has not ended within {time}: {url}": "构建在 {time} 内没有结束：{url}",
    "the build succeeded, but {url} has not answered within {time}": "构建成功，但 {url} 在 {time} 内没有应答",
    "no news: {reason}": "暂无消息：{reason}",
    "its image is built": "镜像已构建",
    "should be an address that begins with `https://` or `http://`": "应为以 `https://` 或 `http://` 开头的地址",
    "this kind of token does not tell what it may": "无法得知这种令牌的权限",
    "give it that, or make another one; `manage.py build check-token` tests it": (
        "请为它补上该权限，或另建一个令牌；可用 `manage.py build check-token` 检查"
    ),
    "`manage.py build trigger` has one begun": "`manage.py build trigger` 触发一次构建",
    "the run {run} was begun with a secret, which is noted nowhere": (
        "运行 {run} 开始时带有机密，而机密不会记录在任何地方"
    ),
    "run the same command again, or take it back with `manage.py rollback`": (
        "请再次运行同一命令，或用 `manage.py rollback` 撤销"
    ),
    "Build": "构建",
    "Log": "日志",
    "Commit": "提交",
    "Takes": "用时",
    "`manage.py build watch` follows it": "`manage.py build watch` 可以跟踪它",
    "would end the build {run}: {url}": "将结束构建 {run}：{url}",
    "Its end was asked for: {url}": "已请求结束：{url}",
    "Nothing to do: it has ended.": "无需操作：它已经结束。",
    "Host": "主机",
    "Repository": "仓库",
    "Found in": "来源",
    "User": "用户",
    "May": "权限",
    "`manage.py build logs {run}` shows why": "`manage.py build logs {run}` 显示原因",
    "Have the project's image built, unless there is a build of that commit.\n\n"
    "Returns at once; `manage.py build status` and `build watch` follow it. What was asked for once is not asked for "
    "again, also after a kill.": (
        "触发项目镜像的构建；该提交已有构建时除外。\n\n"
        "立即返回；用 `manage.py build status` 和 `build watch` 跟踪。"
        "请求过一次的不会再次请求，被强行终止之后也是如此。"
    ),
    "The build is under way: {url}": "构建正在进行：{url}",
    "The build of the project's image, at GitHub or GitLab.": "项目镜像在 GitHub 或 GitLab 上的构建。",
    "The branch or tag; default: the default branch.": "分支或标签；默认为默认分支。",
    "The workflow's file, of GitHub.": "GitHub 工作流的文件。",
    "How: auto, workflow_dispatch, pipeline, …": "触发方式：auto、workflow_dispatch、pipeline……",
    "Forget an earlier request whose answer was lost.": "放弃之前没有得到回答的请求。",
    "`repository_dispatch` builds the default branch, {branch}, and not {ref}": (
        "`repository_dispatch` 构建的是默认分支 {branch}，而不是 {ref}"
    ),
    'leave `ref` out, or say `strategy = "workflow_dispatch"` in `[build]`; '
    "if that branch has another name by now, `git remote set-head origin --auto`": (
        '请去掉 `ref`，或在 `[build]` 中写 `strategy = "workflow_dispatch"`；'
        "如果默认分支已改名，请运行 `git remote set-head origin --auto`"
    ),
    "a pipeline trigger token may not look whether an earlier request began one: {page}": (
        "流水线触发令牌不能查看之前的请求是否已经开始了流水线：{page}"
    ),
    "look there; `manage.py build trigger --anew` asks for another, a token with the scope `api` finds it": (
        "请到那里查看；`manage.py build trigger --anew` 会另外触发一次，带有 `api` 权限的令牌可以找到它"
    ),
    "An input of the workflow; may be repeated.": "工作流的输入；可重复。",
    "Nothing to do: the build is there already: {url}": "无需操作：构建已经存在：{url}",
    "an input is NAME=VALUE, not `{text}`": "输入的形式为 NAME=VALUE，而不是 `{text}`",
    "{host} cannot be reached: {reason}": "无法连接 {host}：{reason}",
    "{host} answered something else than its API does: {reason}": "{host} 的应答不符合其 API：{reason}",
    "the name is not known": "域名无法解析",
    "its certificate is not accepted": "其证书不被接受",
    "no answer in time": "未及时应答",
    "the proxy lets nothing through": "代理不放行",
    "the connection broke off": "连接中断",
    "no connection": "无法建立连接",
    "run the same command again when there is a network": "有网络后请再次运行同一命令",
    "the repository has no workflow `{workflow}` on `{ref}`": "仓库的 `{ref}` 上没有工作流 `{workflow}`",
    "the workflow `{workflow}` is disabled": "工作流 `{workflow}` 已被禁用",
    "the workflow `{workflow}` cannot be begun from outside: it has no `on: {event}`": (
        "工作流 `{workflow}` 不能从外部触发：它没有 `on: {event}`"
    ),
    "run the same command again in {seconds} s": "请在 {seconds} 秒后再次运行同一命令",
    "{host} wants fewer requests": "{host} 要求减少请求",
    "{host} refuses {what}: {text}": "{host} 拒绝 {what}：{text}",
    "{host} says: {text}": "{host} 说：{text}",
    "{host} does not accept the token: it is wrong, withdrawn or out of date": (
        "{host} 不接受该令牌：它有误、已撤销或已过期"
    ),
    "{host} does not know {what}, or does not show it to this token": "{host} 上没有 {what}，或该令牌无权查看",
    "{host} is out of order ({status})": "{host} 出现故障（{status}）",
    "run the same command again when there is a network: a build that began all the same is found": (
        "网络恢复后再次运行同一命令：其间已经开始的构建会被找到"
    ),
    "is there a proxy in between, or is `api` in `[build]` wrong?": "中间是否有代理，或 `[build]` 的 `api` 有误？",
    "`manage.py build init-workflow` writes one; commit and push it, also to the default branch": (
        "`manage.py build init-workflow` 会写一个；请提交并推送，默认分支上也要有"
    ),
    "enable it at {url}": "请在 {url} 启用",
    "add it, or let `manage.py build init-workflow` write a workflow that has it": (
        "请加上它，或用 `manage.py build init-workflow` 写一个带有它的工作流"
    ),
    "may this user do that there? `manage.py build check-token` tells what the token may": (
        "该用户在那里有此权限吗？`manage.py build check-token` 显示令牌的权限"
    ),
    "`manage.py build init-workflow` writes a workflow that has it": (
        "`manage.py build init-workflow` 会写一个带有它的工作流"
    ),
    "make a new one; `manage.py build check-token` tests it": "请新建一个令牌；可用 `manage.py build check-token` 检查",
    "check its name; a token without the right to see a private repository is told the same": (
        "请检查名称；无权查看私有仓库的令牌也会得到同样的回答"
    ),
    "wait, then run the same command again: a build that began all the same is found": (
        "请稍候再次运行同一命令：其间已经开始的构建会被找到"
    ),
    "enable it where the provider shows its workflows": "请在提供方的工作流页面启用",
    "the workflow declares other inputs; mend `inputs` in `[build]`, or the workflow": (
        "工作流声明的是其他输入；请修改 `[build]` 的 `inputs` 或工作流"
    ),
    "add it to `inputs` in `[build]`, or give it with --input": "请加到 `[build]` 的 `inputs`，或用 --input 给出",
    "push the branch first, or choose another with --ref": "请先推送该分支，或用 --ref 选择另一个",
    "mend what it names: the pipeline's file, `[build]` in the manifest, or the options": (
        "请修改它指出的地方：流水线文件、清单的 `[build]` 或选项"
    ),
    "the run {run}": "运行 {run}",
    "`{run}` is no id of a run": "`{run}` 不是运行的编号",
    "{host} knows no strategy `{strategy}`": "{host} 没有触发方式 `{strategy}`",
    "the right to write to {name}": "对 {name} 的写权限",
    "GitHub takes at most 9 inputs of together 64 KiB with an event": "GitHub 的事件最多接受 9 个输入，合计 64 KiB",
    "the token's user": "令牌的用户",
    "⚠️ The build could not be begun: {reason}": "⚠️ 自动构建触发失败：{reason}",
    "the project has no workflow yet: `{command}` writes one": "项目还没有工作流：`{command}` 会写一个",
    "💡 Begin it by hand, or push: `{command}`": "💡 请手动触发构建或推送代码：`{command}`",
    "how that is done: {page}": "操作方法：{page}",
    "it was cut short before {host} answered": "在 {host} 应答之前被中断",
    "the build is there already: {url}": "镜像构建已存在：{url}",
    "the build has begun: {url}": "镜像构建已触发：{url}",
    "Have the project's image built": "触发镜像构建",
    "what is built is what the remote has: your last commits are not pushed": (
        "构建的是远程仓库的内容：您最近的提交还没有推送"
    ),
    "a build that was begun is not taken back": "已触发的构建不会撤销",
    "what kind of service is at {host}?": "{host} 上是哪种服务？",
    "this is no clone of a repository: {root}": "这里不是仓库的克隆：{root}",
    "the clone has no remote `{name}`": "此克隆没有名为 `{name}` 的远程仓库",
    "the remote is at no provider of pipelines: {url}": "远程仓库所在的服务不提供流水线：{url}",
    "the manifest wants your token sent to {other}, which is not {host}": (
        "清单要求把您的令牌发送到 {other}，而它不属于 {host}"
    ),
    "a token is not sent without encryption: {api}": "不会通过未加密的连接发送令牌：{api}",
    'say so: `provider = "github"` or `"gitlab"` in `[build]` of the manifest': (
        '请在清单的 `[build]` 中写明：`provider = "github"` 或 `"gitlab"`'
    ),
    "`git init` makes one; then push it to GitHub or GitLab": "用 `git init` 创建；然后推送到 GitHub 或 GitLab",
    "`git remote add {name} ADDRESS`, then push": "运行 `git remote add {name} ADDRESS`，然后推送",
    "builds are begun at GitHub and GitLab: push the project there, or choose another `remote` in `[build]`": (
        "构建在 GitHub 和 GitLab 上进行：请把项目推送到那里，或在 `[build]` 中选择另一个 `remote`"
    ),
    "if that is right, `export {variable}={api}`": "如果确实如此，请运行 `export {variable}={api}`",
    "this is no plain address of an API: {api}": "这不是普通的 API 地址：{api}",
    "it is `https://`, a host, and a path at most": "应为 `https://`、主机名，最多再加路径",
    "use https": "请使用 https",
    "should be the name of a workflow's file, such as `build.yml`": "应为工作流文件的名称，例如 `build.yml`",
    "should be the name of a branch or a tag": "应为分支或标签的名称",
    "should be a word of at most 100 letters": "应为一个不超过 100 个字符的词",
    "should be the name of a variable that holds the token, never the token itself": (
        "应为保存令牌的变量名，绝不能是令牌本身"
    ),
    "building ({expected} min expected)": "构建中（预计 {expected} 分钟）",
    "built; being deployed ({expected} min expected)": "构建完成，部署中（预计 {expected} 分钟）",
    "built; being deployed ({expected} min expected, `deployed` in `[build]` would tell)": (
        "构建完成，部署中（预计 {expected} 分钟；`[build]` 的 `deployed` 可以判断）"
    ),
    "created; there is no build yet": "已创建；还没有构建",
    "the build failed": "构建失败",
    "the build was cancelled": "构建已取消",
    "deployed": "已部署",
    "{web}/settings/tokens makes one; it needs the scope `repo`, or Actions: write": (
        "可在 {web}/settings/tokens 创建一个令牌；它需要 `repo` 权限，或 Actions: write"
    ),
    "{host} gets no token from a variable before you name it yourself": (
        "在您亲自指定 {host} 之前，不会把变量中的令牌发送给它"
    ),
    "{web}/-/user_settings/personal_access_tokens makes one with the scope `api`": (
        "可在 {web}/-/user_settings/personal_access_tokens 创建一个令牌，需勾选 `api` 权限"
    ),
    "there is no token for {host}: `export {name}=…` with one": (
        "没有用于 {host} 的令牌：请用 `export {name}=…` 设置一个"
    ),
    "`export {hosts}={host}` and `{name}=…`, or `keyring set {service} {host}`": (
        "请运行 `export {hosts}={host}` 并设置 `{name}=…`，或运行 `keyring set {service} {host}`"
    ),
    "what is in {source} is no token: it has spaces, controls or letters beyond ASCII": (
        "{source} 的内容不是令牌：含有空格、控制字符或非 ASCII 字符"
    ),
    "copy it once more, alone": "请重新复制，只复制令牌本身",
    "… the log goes on: {url}": "……日志未完：{url}",
    "the keyring": "密钥环",
}
