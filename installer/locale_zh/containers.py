"""What is said of container engines, images, apps and volumes, in Chinese."""

SENTENCES: dict[str, str] = {
    "an engine at {url} cannot be used; `unix://` and `tcp://` can": (
        "无法使用位于 {url} 的引擎；可以使用 `unix://` 和 `tcp://`"
    ),
    "set `DOCKER_HOST` to a socket, for example of `ssh -L`": (
        "请把 `DOCKER_HOST` 设为一个套接字，例如由 `ssh -L` 转发的套接字"
    ),
    "the engine does not know that: {text}": "引擎找不到它：{text}",
    "the engine refuses: {text}": "引擎拒绝了请求：{text}",
    "the engine says that it is in use: {text}": "引擎说它正在使用中：{text}",
    "the engine failed: {text}": "引擎出错：{text}",
    "the engine says: {text}": "引擎的回答：{text}",
    "the Docker Engine at {url} may not be used by you": "您没有权限使用位于 {url} 的 Docker 引擎",
    "add your user to the group `docker`, or set `DOCKER_HOST` to an engine of yours": (
        "请把您的用户加入 `docker` 组，或把 `DOCKER_HOST` 设为您自己的引擎"
    ),
    "there is no Docker Engine at {url}": "{url} 处没有 Docker 引擎",
    "start it, or set `DOCKER_HOST`; apps in process mode need none": (
        "请启动它，或设置 `DOCKER_HOST`；进程模式的应用不需要引擎"
    ),
    "the Docker Engine at {url} does not answer: {reason}": "位于 {url} 的 Docker 引擎没有回应：{reason}",
    "is it running? `docker info` tells more": "它在运行吗？`docker info` 会显示更多信息",
    "the registry wants fewer requests: {text}": "镜像仓库要求减少请求：{text}",
    "the registry asks for credentials: {text}": "镜像仓库需要凭据：{text}",
    "the registry cannot be reached: {text}": "无法连接镜像仓库：{text}",
    "no registry has that image: {text}": "没有仓库有这个镜像：{text}",
    "the registry failed: {text}": "镜像仓库出错：{text}",
    "the image is not there for this kind of machine: {text}": "该镜像不支持这种机器：{text}",
    "a port is taken: {text}": "端口已被占用：{text}",
    "the engine has no room: {text}": "引擎的磁盘空间不足：{text}",
    "what came is not what was announced: {text}": "收到的内容与声明的不符：{text}",
    "wait, then run the same command again": "请稍候，然后再次运行同一命令",
    "`docker login` keeps the credentials, which are used from there": "`docker login` 会保存凭据，之后会从那里读取",
    "what is here works without it; run the same command again when there is a network": (
        "已有的内容不需要网络；网络恢复后请再次运行同一命令"
    ),
    "check the name and the tag": "请检查名称和标签",
    "choose another one in `ports`, or stop who has it": "请在 `ports` 中选择另一个端口，或停止占用它的程序",
    "`manage.py images prune --keep-latest 1` makes room": "`manage.py images prune --keep-latest 1` 可以腾出空间",
    "`{text}` is no name of an image": "`{text}` 不是镜像名称",
    "such as `{one}` or `{other}`": "例如 `{one}` 或 `{other}`",
}
