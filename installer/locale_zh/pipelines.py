"""What is said of workflows, first commits, GitLab and notices, in Chinese."""

SENTENCES: dict[str, str] = {
    "`{name}` is no name of a workflow's file (`NAME.yml`)": "`{name}` 不是工作流文件的名称（`NAME.yml`）",
    "there is no `Dockerfile` yet, which the build needs": "还没有构建所需的 `Dockerfile`",
    "{path} was changed meanwhile; it stays as you left it": "{path} 在此期间被改动；将保持您改动后的状态",
    "run the same command again to see what would change now": "再次运行同一命令，查看现在会改变什么",
    "`{file}` has an `include` already: add the line `{line}` to it": "`{file}` 已有 `include`：请在其中加入 `{line}`",
    "`{file}` names its stages: add `build` to them": "`{file}` 列出了自己的阶段：请加入 `build`",
    "{path} is a link, or no file: it stays": "{path} 是链接或不是文件：保持不变",
    "Write the workflow that builds the project's image: at GitHub, or as a job of GitLab's.\n\n"
    "What would change is shown first; a file of yours is only changed if you agree. `rollback` takes it back.": (
        "写出构建项目镜像的工作流：GitHub 的工作流，或 GitLab 的作业。\n\n"
        "会先显示将要改变的内容；您的文件只有在您同意后才会改动。`rollback` 可以撤销。"
    ),
    "Nothing to write.": "无需写入。",
    "Whose workflow; default: origin's.": "为哪个服务写工作流；默认为 origin 所在的服务。",
    "The name of the workflow's file.": "工作流文件的名称。",
    "Change {names} so? [y/N]": "这样修改 {names} 吗？[y/N]",
    "Done: commit and push it; the provider can build as soon as there is a `Dockerfile`": (
        "完成：提交并推送；有了 `Dockerfile` 之后服务方即可构建"
    ),
    "Done: do what was noted, then commit and push it, and the provider can build": (
        "完成：请先按上述说明处理，再提交并推送，服务方即可构建"
    ),
    "Done: commit and push it, and the provider can build": "完成：提交并推送后，服务方即可构建",
    "note: {text}": "注意：{text}",
    "cannot tell whether this project is at GitHub or at GitLab": "无法判断本项目在 GitHub 还是 GitLab",
    "add --provider github or --provider gitlab": "请加上 --provider github 或 --provider gitlab",
    "The build of the project's image, at GitHub or GitLab.": "在 GitHub 或 GitLab 构建项目的镜像。",
    "should be the name of a variable that holds the address, not the address": (
        "应为保存地址的变量的名称，而不是地址本身"
    ),
    "the branch {branch} is not at {remote} yet": "分支 {branch} 还不在 {remote} 上",
    "`git push -u {remote} {branch}`: that begins the build by itself": (
        "`git push -u {remote} {branch}`：推送本身就会开始构建"
    ),
    "{remote} has a commit that your branch {branch} has not: `git pull` brings it": (
        "{remote} 上有一个您的分支 {branch} 没有的提交：`git pull` 可以取得"
    ),
    "there is no branch {branch} in this clone": "此克隆中没有分支 {branch}",
    "check it out once: `git switch {branch}`": "请先检出一次：`git switch {branch}`",
    "git does not know who you are, so it cannot commit": "git 不知道您是谁，因此无法提交",
    "`git config user.name NAME` and `git config user.email ADDRESS`, then run the same command again": (
        "先执行 `git config user.name NAME` 和 `git config user.email ADDRESS`，再运行同一命令"
    ),
    "the branch {branch} is not the same here and at {remote}": "分支 {branch} 在本地与 {remote} 上不一致",
    "push or pull it: a push begins the build by itself": "请推送或拉取：推送本身就会开始构建",
    "{remote} does not let you push to {branch}": "{remote} 不允许您推送到 {branch}",
    "choose another strategy in `[build]`, or have it allowed; then run the same command again": (
        "请在 `[build]` 中选择其他策略，或取得许可；然后再运行同一命令"
    ),
    "{remote} does not know you, or not that repository": "{remote} 不认识您，或没有该仓库",
    "log in (`git credential`, an ssh key), then run the same command again": (
        "请登录（`git credential` 或 ssh 密钥），然后再运行同一命令"
    ),
    "{remote} cannot be reached": "无法连接 {remote}",
    "check the network, then run the same command again: what was pushed is found": (
        "请检查网络，然后再运行同一命令：已推送的内容会被找到"
    ),
    "the address of {remote} is refused: only https and ssh are allowed": "{remote} 的地址被拒绝：只允许 https 和 ssh",
    "git could not push to {remote}": "git 无法推送到 {remote}",
    "a pipeline of {name}": "{name} 的流水线",
    "a pipeline trigger token may not look at what is at {host}": "流水线触发令牌不能查看 {host} 上的内容",
    'say `strategy = "trigger"` in `[build]` to begin without looking, or make a token with the scope `api`': (
        '请在 `[build]` 中写 `strategy = "trigger"` 以便不查看就开始，或创建带有 `api` 权限的令牌'
    ),
    "the repository {name} has no branch yet": "仓库 {name} 还没有分支",
    "the run {run} has ended already": "运行 {run} 已经结束",
    "the role Developer in {name}": "{name} 中的 Developer 角色",
    "the strategy `trigger` needs a pipeline trigger token, and this is another kind": (
        "策略 `trigger` 需要流水线触发令牌，而这是另一种令牌"
    ),
    'Settings, CI/CD, Pipeline trigger tokens makes one; or say `strategy = "pipeline"` in `[build]`': (
        '可在 Settings、CI/CD、Pipeline trigger tokens 中创建；或在 `[build]` 中写 `strategy = "pipeline"`'
    ),
    "a pipeline trigger token can only trigger": "流水线触发令牌只能用于触发",
    'say `strategy = "trigger"` in `[build]`, or make a token with the scope `api`': (
        '请在 `[build]` 中写 `strategy = "trigger"`，或创建带有 `api` 权限的令牌'
    ),
    "{host} lets nobody of your role set variables of a pipeline": "{host} 不允许您的角色设置流水线变量",
    "Settings, CI/CD, Variables: choose who may use pipeline variables; then run the same command again": (
        "在 Settings、CI/CD、Variables 中选择谁可以使用流水线变量；然后再运行同一命令"
    ),
    "the pipeline has no job for a build that is begun from outside: {text}": (
        "流水线没有可由外部开始的构建作业：{text}"
    ),
    "give one a rule with `$CI_PIPELINE_SOURCE`; `manage.py build init-workflow` writes a job that has it": (
        "请给某个作业加上 `$CI_PIPELINE_SOURCE` 规则；`manage.py build init-workflow` 会写出带有它的作业"
    ),
    "it is somewhere else by now: was the project renamed?": "它现在位于别处：项目是否改名了？",
    "The project is ready": "项目已就绪",
    "The build failed": "构建失败",
    "Not everything could be taken back": "未能全部撤销",
    "{project} is ready": "项目 {project} 已就绪",
    "the build of {project} failed": "项目 {project} 的构建失败",
    "a rollback of {project} is incomplete": "项目 {project} 的回滚不完整",
    "no notice was sent: the variable {name} is not set": "没有发送通知：变量 {name} 未设置",
    "the notice may have been sent before the run was cut short: it is not sent again": (
        "运行中断之前通知可能已发送：不会再次发送"
    ),
    "the notice to {name} was not delivered: {reason}": "发往 {name} 的通知未送达：{reason}",
    "Tell that the project is ready": "通知项目已就绪",
    "a message that was sent stays sent": "已发送的消息无法收回",
    "it holds no address that apprise understands": "其中没有 apprise 能识别的地址",
    "the service did not take it": "该服务没有接受此通知",
}
