"""What is said of servers and of the engine's health, in Chinese."""

SENTENCES: dict[str, str] = {
    "`{app}` has code of its own; a server runs what its image has": "`{app}` 有自己的代码；服务器只运行镜像中的内容",
    "the files of the server `{name}` changed meanwhile": "服务器 `{name}` 的文件在此期间发生了变化",
    "Write the configuration of {name}": "写入 {name} 的配置",
    "Note {name} in {database}": "把 {name} 记入 {database}",
    "Where the rows are; an SQLite file.": "记录所在的 SQLite 文件。",
    (
        "Create a server: two volumes, a container like an app of the manifest, and a row, last.\n\n"
        "What fails or is cut short leaves nothing of it; `rollback` takes it away again, also later."
    ): (
        "创建服务器：两个卷、一个与清单中某应用相同的容器，最后是一条记录。\n\n"
        "失败或被中断时什么也不会留下；以后也可以用 `rollback` 撤销。"
    ),
    "The app of the manifest whose image, command … it has.": "清单中的应用；服务器使用它的镜像、命令等。",
    "A file of the project, written into its volume; repeated.": "写入其卷的项目文件；可重复。",
    "Done: the server {name} runs": "完成：服务器 {name} 正在运行",
    "List the servers that a database knows.": "列出数据库中的服务器。",
    "Docker Engine": "Docker 引擎",
    "needed by {names}": "{names} 需要它",
    "update it: 19.03 is the oldest that is known to work": "请升级：已知可用的最旧版本是 19.03",
    "{version}, API {api} ({url})": "{version}，API {api}（{url}）",
    "There are no servers.": "没有服务器。",
    "Servers: a row in a database, a container and two volumes that come together, or not at all.": (
        "服务器：数据库中的一条记录、一个容器和两个卷，要么全部创建，要么都不创建。"
    ),
}
