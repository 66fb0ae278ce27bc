"""What is said of apps, in Chinese."""

SENTENCES: dict[str, str] = {
    "Start apps: those named, or all.\n\nOne that runs already is left as it is.": (
        "启动应用：指定的，或全部。\n\n已在运行的保持原样。"
    ),
    "Stop apps: those named, or all.\n\nThey stay stopped until `start` or `restart`.": (
        "停止应用：指定的，或全部。\n\n它们保持停止，直到 `start` 或 `restart`。"
    ),
    "Stop apps, and start them again.": "停止应用，再重新启动。",
    "How apps are.": "应用的状况。",
    "The apps that there are, and their state.": "有哪些应用，以及它们的状态。",
    "What apps use now: memory, processor time, processes.": "应用当前的占用：内存、处理器时间、进程数。",
    "Whether apps are well: exit 0 if all that have a health check are healthy, 1 if not.": (
        "应用是否健康：凡有健康检查的都健康则退出码为 0，否则为 1。"
    ),
    "What an app said.": "应用的输出。",
    "What the project runs: start, stop, update and watch its apps, as processes or in containers.": (
        "项目所运行的应用：启动、停止、更新、照看，作为进程或在容器中。"
    ),
    "Started.": "已启动。",
    "Stopped.": "已停止。",
    "Restarted.": "已重新启动。",
    "How many of its last lines.": "最后多少行。",
    "Go on with what it says from now on, until Ctrl-C.": "继续显示此后的输出，直到 Ctrl-C。",
    "How they run: process or docker.": "运行方式：process 或 docker。",
    "never started": "从未启动",
    "starting": "启动中",
    "running": "运行中",
    "waiting to start again": "等待重新启动",
    "stopping": "停止中",
    "stopped": "已停止",
    "exited": "已结束",
    "gone": "已消失",
    "running, nobody looks after it": "运行中，无人照看",
    "healthy": "健康",
    "unhealthy": "不健康",
    "app": "应用",
    "mode": "方式",
    "state": "状态",
    "pid": "进程号",
    "since": "已历时",
    "restarts": "重启次数",
    "version": "版本",
    "memory": "内存",
    "processor time": "处理器时间",
    "processes": "进程数",
    "The manifest names no apps.": "清单中没有应用。",
    "should be a size such as `512k` or `1.5g`, not `{text}`": "应为大小，例如 `512k` 或 `1.5g`，而不是 `{text}`",
    "should be 6m or more, not `{text}`": "应不小于 6m，而不是 `{text}`",
    "should be a number of processors, such as `0.5` or `2`, not `{text}`": (
        "应为处理器的数目，例如 `0.5` 或 `2`，而不是 `{text}`"
    ),
    "should be a time such as `500ms`, `30s` or `2m`, not `{text}`": (
        "应为时间，例如 `500ms`、`30s` 或 `2m`，而不是 `{text}`"
    ),
    "should be a port such as `8080`, `8080:80` or `0.0.0.0:53:53/udp`, not `{text}`": (
        "应为端口，例如 `8080`、`8080:80` 或 `0.0.0.0:53:53/udp`，而不是 `{text}`"
    ),
    "`{app}` needs variables that are not set: {names}": "`{app}` 所需的变量没有设置：{names}",
    "there is no app `{name}`": "没有应用 `{name}`",
    "set them where you run this command": "请在运行此命令处设置它们",
    "should be a name of small letters, digits, `-`, `_` and `.`": "应为由小写字母、数字、`-`、`_` 和 `.` 组成的名称",
    "cannot stand beside `{other}`": "不能与 `{other}` 并存",
    "should have one of `command`, `http` and `tcp`": "应有 `command`、`http`、`tcp` 之一",
    "should ask more often than never": "间隔与次数都应大于零",
    "should be 1 or more": "应不小于 1",
    "should have one of `path` and `url`": "应有 `path` 或 `url` 之一",
    "should begin with https:// or http://": "应以 https:// 或 http:// 开头",
    "should be 64 small hex digits": "应为 64 位小写十六进制数",
    "should be from 0 to 9": "应在 0 到 9 之间",
    "should be the name of a variable": "应为变量名",
    "unknown mode: {mode}": "未知的方式：{mode}",
    "apps as processes run on Linux and macOS, not on Windows": (
        "以进程方式运行的应用可用于 Linux 和 macOS，不可用于 Windows"
    ),
    "run them with --mode docker": "请用 --mode docker 运行",
    "`{app}` could not be started: {reason}": "无法启动 `{app}`：{reason}",
    "`{app}` runs already, by another start": "`{app}` 已由另一次启动运行",
    "`{app}` could not be stopped: {reason}": "无法停止 `{app}`：{reason}",
    "`{app}` has no `command`, which an app in process mode needs": "`{app}` 没有 `command`，而进程方式的应用需要它",
    "name it in the manifest, or run it with --mode docker": "请在清单中写明，或用 --mode docker 运行",
    "Put the shim of apps in its place": "放好应用的看护程序",
    "Start {app}": "启动 {app}",
    "Stop {app}": "停止 {app}",
    "what the manifest says of `{app}` changed meanwhile": "清单中关于 `{app}` 的内容在此期间变了",
    "run the same command again": "请再次运行同一命令",
    "Stop apps, and start them as the manifest has them now, whether that is something new or not.": (
        "停止应用，再按清单现在的写法启动，不论是否有变化。"
    ),
    (
        "Bring what the manifest has now: a new release, a new configuration.\n\n"
        "It is fetched and unpacked beside what runs. An app that is not well after it goes back to what it was before."
    ): ("换上清单现在所写的：新的版本、新的配置。\n\n在运行着的版本旁边获取并解开。之后不健康的应用会回到原来的样子。"),
    (
        "Go back to the release of an app that was in use before.\n\n"
        "`reconcile` does not bring the newer one again, until the manifest names another. No other app is touched."
    ): ("回到应用先前使用的版本。\n\n在清单写明另一版本之前，`reconcile` 不会再换上较新的那个。其他应用不受影响。"),
    (
        "Have apps run as the manifest wants them.\n\n"
        "Those that are new or gone are started, changed ones updated, those that it no longer has stopped. "
        "What was stopped on command stays stopped. With --watch it does so again and again, until Ctrl-C or TERM, "
        "which leave the apps running."
    ): (
        "让应用按清单所要的那样运行。\n\n"
        "新的和已消失的会启动，变了的会更新，清单中不再有的会停止。按命令停止的保持停止。"
        "加上 --watch 则反复如此，直到 Ctrl-C 或 TERM；那之后应用继续运行。"
    ),
    "Started anew.": "已重新建立并启动。",
    "Updated.": "已更新。",
    "Rolled back.": "已退回。",
    "Another one of its releases.": "它的另一个版本。",
    "All is as the manifest wants it.": "一切都如清单所要。",
    "Go on, and look again every few seconds.": "持续进行，每隔几秒再看一次。",
    "How often to look.": "多久看一次。",
    "looking after the apps every {seconds} seconds; Ctrl-C ends that": "每 {seconds} 秒照看一次应用；Ctrl-C 结束",
    "{url} cannot be fetched: {reason}": "无法获取 {url}：{reason}",
    "what is at {url} has another hash than the manifest says": "{url} 处的内容与清单中的哈希不符",
    "check `sha256`; nothing of it was unpacked": "请检查 `sha256`；没有解开其中任何内容",
    "the connection ended too early": "连接过早结束",
    "run the same command again; what came already is kept": "请再次运行同一命令；已获取的部分会保留",
    "{path} has another hash than the manifest says": "{path} 与清单中的哈希不符",
    "check the address in the manifest": "请检查清单中的地址",
    "the artifact is larger than {most} GB": "制品大于 {most} GB",
    "there is no artifact `{path}`": "没有制品 `{path}`",
    "the link {path} leads outside of the app": "链接 {path} 指向应用之外",
    "{path} is neither file, folder nor link": "{path} 既不是文件、文件夹，也不是链接",
    "Switch {app} to {version}": "将 {app} 切换到 {version}",
    "{url} is not here, and nothing is fetched offline": "此处没有 {url}，而离线时不获取任何内容",
    "what {app} is made of changed while it was copied": "复制期间，{app} 的内容发生了变化",
    "Fetch {version} of {app}": "获取 {app} 的 {version}",
    "Unpack {version} of {app}": "解开 {app} 的 {version}",
    "Copy {folder} as {version} of {app}": "将 {folder} 复制为 {app} 的 {version}",
    "the artifact {name} is refused: {why}": "拒绝制品 {name}：{why}",
    "nothing of it is in use": "其中没有任何内容被使用",
    "a link in it leads outside: {name}": "其中有链接指向外部：{name}",
    "it has more than {count} entries": "条目多于 {count} 个",
    "a name in it leads outside: {name}": "其中有名称指向外部：{name}",
    "it holds what is neither file, folder nor link: {name}": "其中有既非文件、文件夹也非链接的内容：{name}",
    "it holds two of the same name: {name}": "其中有两个同名条目：{name}",
    "a name in it leads through what is no folder: {name}": "其中有名称经过非文件夹：{name}",
    "it is far larger unpacked than any app": "解开后远大于任何应用",
    "`{app}` did not stay up": "`{app}` 没有保持运行",
    "`{app}` ended with {code} soon after its start": "`{app}` 启动后不久即以 {code} 结束",
    "`manage.py apps logs {app}` has all it said": "`manage.py apps logs {app}` 有它的全部输出",
    "`{app}` is not healthy": "`{app}` 不健康",
    "`{app}` has no earlier release to go back to": "`{app}` 没有可退回的更早版本",
    "a port of `{app}` is taken: {port}": "`{app}` 的端口已被占用：{port}",
    "nobody knows any more how it was started": "已无从得知它是如何启动的",
    "`manage.py apps recreate` starts it anew": "`manage.py apps recreate` 可重新启动",
    "Look after {app} again": "重新照看 {app}",
    "Wait until {app} is well": "等待 {app} 健康",
}
