"""What is said of volumes, in Chinese."""

SENTENCES: dict[str, str] = {
    "Delete archives of volumes, but for the newest of each.\n\n"
    "A run that an archive was made for cannot bring that data back any more. No volume is touched.": (
        "删除卷的归档，每个卷最新的除外。\n\n为其制作归档的运行将无法再恢复该数据。不会触碰任何卷。"
    ),
    "Delete archives of volumes for good? [y/N]": "永久删除卷的归档吗？[y/N]",
    "Done: deleted": "完成：已删除",
    "Delete the archive {path}": "删除归档 {path}",
    "it is deleted for good; a run that it was made for cannot bring that data back any more": (
        "它被永久删除；为其制作的运行将无法再恢复该数据"
    ),
    "List the volumes of the engine: who uses them, and which archives of them are kept here.": (
        "列出引擎的卷：谁在使用，以及这里保存了哪些归档。"
    ),
    "Copy the volume {name} beforehand": "预先复制卷 {name}",
    "There are no volumes.": "没有卷。",
    "of this project": "属于本项目",
    "used by {names}": "被 {names} 使用",
    "not used": "未被使用",
    "removed": "已删除",
    "archives: {count}": "归档：{count}",
    "Make a volume. A rollback removes it again, with what came into it.": (
        "创建一个卷。回滚会连同其中的内容一起删除它。"
    ),
    "What keeps it.": "保存它的驱动。",
    "An option of the driver; repeated.": "驱动的选项；可重复。",
    "A label; repeated.": "标签；可重复。",
    "Done: the volume {name} is there": "完成：卷 {name} 已就绪",
    "Keep volumes in archives with a checksum, below the state folder or in --to FILE.\n\n"
    "What a running container writes meanwhile may be in it by half: stop it for an exact copy.": (
        "把卷保存到带校验和的归档中，位于状态文件夹下或 --to FILE。\n\n"
        "运行中的容器此时写入的内容可能只有一半：要得到精确的副本，请先停止它。"
    ),
    "Write the archive there; a file must not be there yet.": "把归档写到那里；该文件必须尚不存在。",
    "--to is for one volume": "--to 只能用于一个卷",
    "there is a file {path} already": "文件 {path} 已存在",
    "Done: kept in archives": "完成：已保存到归档",
    "Bring a volume back from an archive: what it holds now is kept in another one first.\n\n"
    "Without --from, the newest archive of it. The archive is proven before anything is touched, the volume after.": (
        "从归档恢复卷：其现有内容会先保存到另一个归档。\n\n"
        "不给 --from 时使用它最新的归档。改动之前先校验归档，之后再校验卷。"
    ),
    "The archive; its manifest lies beside it.": "归档；其清单在它旁边。",
    "An image with `rm`, to empty the volume with.": "带有 `rm` 的镜像，用于清空卷。",
    "Replace what is in the volume {name}? It is kept in an archive first. [y/N]": (
        "替换卷 {name} 的内容吗？会先把它保存到归档。[y/N]"
    ),
    "Done: {name} holds what the archive does": "完成：{name} 的内容与归档一致",
    "Remove volumes that no container uses. Each is kept in an archive first; `rollback` brings it back.": (
        "删除没有容器使用的卷。每个都会先保存到归档；`rollback` 可以恢复它。"
    ),
    "Remove {names}? Each is kept in an archive first. [y/N]": "删除 {names} 吗？每个都会先保存到归档。[y/N]",
    "Done: removed; archives are kept": "完成：已删除；归档仍保留",
    "`{text}` is not NAME=VALUE": "`{text}` 不是 NAME=VALUE 的形式",
    "there is no archive of the volume {name} here": "这里没有卷 {name} 的归档",
    "name one with --from FILE": "请用 --from FILE 指定一个",
    "The volumes of the engine: list them, make them, keep them in archives, bring them back, remove them.": (
        "引擎的卷：列出、创建、归档、恢复、删除。"
    ),
    "there is no image here to make a container from that reads the volume": ("这里没有镜像，无法创建用来读取卷的容器"),
    "there is a volume {name} already": "卷 {name} 已存在",
    "choose another name; `manage.py volumes list` shows them": (
        "请换一个名称；`manage.py volumes list` 会列出已有的卷"
    ),
    "the archive {path} stays": "归档 {path} 会保留",
    "Fill the volume {name} from {archive}": "用 {archive} 填充卷 {name}",
    "Make the volume {name}": "创建卷 {name}",
    "Keep the volume {name} in {archive}": "把卷 {name} 保存到 {archive}",
    "Remove the volume {name}": "删除卷 {name}",
    "Keep the way back": "保存回退的途径",
    "stop them first; nothing was touched": "请先停止它们；没有改动任何东西",
    "remove the containers first; nothing was touched": "请先删除这些容器；没有改动任何东西",
    "name an image that has `rm` with --helper IMAGE": "请用 --helper IMAGE 指定一个带有 `rm` 的镜像",
    "no image here has the `rm` by which the volume {name} could be emptied, and it cannot be made anew": (
        "这里没有带 `rm` 的镜像可以清空卷 {name}，而它也不能重新创建"
    ),
    "there is no volume {name}": "没有名为 {name} 的卷",
    "`manage.py volumes list` shows them": "`manage.py volumes list` 会列出它们",
    "the volume {name} is in use by {names}": "卷 {name} 正被 {names} 使用",
    "there is no file {path}": "没有文件 {path}",
    "the archive {path} is not what was kept: nothing was touched": ("归档 {path} 与保存时不同：没有改动任何东西"),
    "a password has no place on a command line, in a journal or in a label": ("密码不应出现在命令行、日志记录或标签中"),
    "give it to the driver in a file that only you can read (for cifs: `credentials=FILE`)": (
        "请把它放在只有您能读取的文件中交给驱动（cifs：`credentials=FILE`）"
    ),
}
