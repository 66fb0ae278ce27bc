"""What is said of apps in containers, in Chinese."""

SENTENCES: dict[str, str] = {
    "if all of this project was moved here from {path}: `manage.py checkpoint repair --adopt`": (
        "如果整个项目是从 {path} 移到这里的：`manage.py checkpoint repair --adopt`"
    ),
    "What it has in a Docker Engine was made for {path}.": "它在 Docker 引擎中的内容是为 {path} 创建的。",
    "`{image}` names another image by now; `apps update` moves it": (
        "`{image}` 现在指向另一个镜像；`apps update` 会更换它"
    ),
    "Put the way back in its place": "放好回退所需的脚本",
    "Create the network {name}": "创建网络 {name}",
    "Create the volume {name}": "创建卷 {name}",
    "Put aside the container of {app}": "把 {app} 的旧容器放到一边",
    "Create the container of {app}": "创建 {app} 的容器",
    "Wait until {app} is well": "等待 {app} 变为健康",
    "Remove earlier containers of {app}": "移除 {app} 更早的容器",
    "containers that earlier runs put aside are removed": "此前各次运行放到一边的容器会被移除",
    "a container called `{name}` is there, and is not ours; it stays as it is": (
        "已有名为 `{name}` 的容器，但不是我们的；它保持原样"
    ),
    "a container called `{name}` is there, and is not ours": "已有名为 `{name}` 的容器，但不是我们的",
    "a network called `{name}` is there, and is not ours; it stays as it is": (
        "已有名为 `{name}` 的网络，但不是我们的；它保持原样"
    ),
    "a volume called `{name}` is there, and is not ours; it stays as it is": (
        "已有名为 `{name}` 的卷，但不是我们的；它保持原样"
    ),
    "rename it or the app": "给它或给应用改名",
    "rename it, or choose another name": "给它改名，或另选一个名字",
    "the container of this run is gone": "这次运行的容器不见了",
    "`{app}` is there already, by another start": "`{app}` 已存在，来自另一次启动",
    "it had not enough memory": "它的内存不够",
    "it is paused": "它被暂停了",
    "it is unhealthy": "它不健康",
    "it ended with status {code}": "它以状态 {code} 结束",
    "it did not get well in {seconds} seconds": "它在 {seconds} 秒内没有变为健康",
    "`{app}` needs the folder {path}, which is not there": "`{app}` 需要文件夹 {path}，但它不存在",
    "`{target}` is mounted twice": "`{target}` 被挂载了两次",
    "`apps.{app}.volumes`: {text} cannot be": "`apps.{app}.volumes`：{text} 不可以",
    "`{app}` wants {cpus} processors; the engine has {there}": "`{app}` 要 {cpus} 个处理器；引擎只有 {there} 个",
    "`{app}` needs the network {network}, which is not there": "`{app}` 需要网络 {network}，但它不存在",
    "`{app}` wants port {port}, which is taken": "`{app}` 要用端口 {port}，但它已被占用",
    "`{app}` has no `command`, which its code needs": "`{app}` 没有 `command`，而它的代码需要",
    "`{text}` is no identifier of a server": "`{text}` 不能作服务器的标识",
    "`{text}` is no name of a file in a volume": "`{text}` 不能作卷中文件的名字",
    "the server `{name}` names no image": "服务器 `{name}` 没有指定镜像",
    "{path} is not what was written there": "{path} 的内容与写入的不一致",
    "`{name}` is there already; it stays as it is": "`{name}` 已经存在；它保持原样",
    "there is no server `{name}`": "没有服务器 `{name}`",
    "`{app}` runs in the mode {mode} already": "`{app}` 已经以 {mode} 模式运行",
    "`{app}` does not run in the mode {mode}": "`{app}` 没有以 {mode} 模式运行",
    "`manage.py apps start {app} --mode {mode}` starts it there": (
        "`manage.py apps start {app} --mode {mode}` 可在那里启动它"
    ),
    "`{app}` has no release yet": "`{app}` 还没有发布版本",
    "`manage.py apps update {app}` brings it": "`manage.py apps update {app}` 可取来",
    (
        "Have an app that runs in one mode run in the other.\n\n"
        "The new one is started and asked for its health, then the old one is stopped; where the app has ports, the "
        "old one is stopped before. `manage.py rollback` is the way back."
    ): (
        "把以一种模式运行的应用换到另一种模式。\n\n"
        "先启动新的并检查健康，再停止旧的；应用有端口时，先停止旧的。`manage.py rollback` 可以退回。"
    ),
    "process or docker.": "process 或 docker。",
    'Moved. For the next start, too: have `mode = "{mode}"` in the manifest.': (
        '已迁移。若下次启动也要如此：在清单中写 `mode = "{mode}"`。'
    ),
    "Print apps as a Compose file, for `docker-compose -f - up` in the project's folder.": (
        "把应用输出为 Compose 文件，供在项目文件夹中 `docker-compose -f - up` 使用。"
    ),
    "Print the state of apps and what they use, in the text format of Prometheus.": (
        "以 Prometheus 文本格式输出应用的状态和占用。"
    ),
}
