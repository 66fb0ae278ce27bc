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
    "should be a size of 6m or more, such as `512m` or `1.5g`, not `{text}`": (
        "应为不小于 6m 的大小，例如 `512m` 或 `1.5g`，而不是 `{text}`"
    ),
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
    "docker mode is not there yet": "docker 方式尚不可用",
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
}
