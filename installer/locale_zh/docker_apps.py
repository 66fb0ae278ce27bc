"""What is said of apps in containers, in Chinese."""

SENTENCES: dict[str, str] = {
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
    "image missing, download it manually": "镜像缺失，请手动下载",
    "`manage.py images pull {names}`": "`manage.py images pull {names}`（下载）",
}
