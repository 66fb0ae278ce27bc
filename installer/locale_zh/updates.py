"""What is said of updates of images and their containers, in Chinese."""

SENTENCES: dict[str, str] = {
    "List the containers that were made from an image, also from what its tag named before.\n\n"
    "For those that Compose or Swarm look after, the command that moves them is shown.": (
        "列出由某个镜像创建的容器，包括由其标签以前所指的镜像创建的。\n\n"
        "对于由 Compose 或 Swarm 管理的容器，会显示更新它们的命令。"
    ),
    "No container was made from it.": "没有由它创建的容器。",
    "Fetch a newer image and, with --recreate, move the containers to it: each is made anew beside the old one "
    "with all of its settings, and has to prove itself; one that does not goes back, with its data.\n\n"
    "The old ones are kept, stopped, as NAME.before-RUN until the next update: `rollback` is instant.": (
        "获取较新的镜像；给出 --recreate 时还会更新容器：在旧容器旁以相同的设置创建新容器，"
        "并要求它证明自己正常；不正常的会连同数据一起退回。\n\n"
        "旧容器会以 NAME.before-RUN 的名称保持停止状态，直到下次更新：`rollback` 立即生效。"
    ),
    "Move the containers, too; default: the image only.": "同时更新容器；默认只更新镜像。",
    "All at the same time; default: one after the other.": "全部同时进行；默认逐个进行。",
    "Keep what the volumes hold while nobody writes to them; default: yes.": ("在无人写入时保存卷的内容；默认：是。"),
    "Take the image that is here by that name; fetch nothing.": "使用本地同名的镜像；不获取任何东西。",
    "How long one may take to become healthy.": "容器变为健康最多可用的时间。",
    "How long one without a health check has to run.": "没有健康检查的容器必须持续运行的时间。",
    "Leave this container alone; repeated.": "不动这个容器；可重复。",
    "An image with `rm`, to empty a volume with.": "带有 `rm` 的镜像，用于清空卷。",
    "Make these containers anew on the new image? [y/N]": "用新镜像重新创建这些容器吗？[y/N]",
    "Done: updated": "完成：已更新",
    "these stay on what they run until they are made anew (--recreate): {names}": (
        "以下容器在重新创建（--recreate）之前保持现状：{names}"
    ),
    "Containers that are made from it:": "由它创建的容器：",
    "All of them stop at the same time.": "它们会同时停止。",
    "One after the other stops for a moment.": "它们会逐个短暂停止。",
    "What their volumes hold is kept while they are stopped.": "停止期间会保存它们的卷的内容。",
    "What their volumes hold is NOT kept: a version that spoils data cannot be taken back wholly.": (
        "不会保存它们的卷的内容：损坏数据的版本将无法完全退回。"
    ),
    "One that does not become well again goes back to the old image, and so do the others.": (
        "若有容器不能恢复正常，它和其他容器都会退回旧镜像。"
    ),
    "not touched: {name}; its own command is `{command}`": "未改动：{name}；请使用它自己的命令 `{command}`",
    "{name}: {seconds} s away, now {how}": "{name}：中断 {seconds} 秒，现在{how}",
    "healthy": "健康",
    "running": "正在运行",
    "what the new version had written is kept in {path}": "新版本写入的内容保存在 {path}",
    "on an older image": "使用较旧的镜像",
    "on the image that is here": "使用本地的镜像",
    "volumes: {names}": "卷：{names}",
    "the image {name} is gone": "镜像 {name} 已不存在",
    "{name} would not be the same: {fields}": "{name} 将与原来不同：{fields}",
    "leave it out with --except {name}, and make it anew by hand": ("请用 --except {name} 略过它，并手动重新创建"),
    "the new container was removed by somebody else": "新容器已被他人删除",
    "{name} was started with --rm: stopped, it is gone, and could not come back": (
        "{name} 是用 --rm 启动的：停止后就会消失，无法恢复"
    ),
    "{name} lives in another container ({field})": "{name} 依附于另一个容器（{field}）",
    "{name} is paused": "{name} 已暂停",
    "the image that {name} was made from is gone: its own settings cannot be told from it": (
        "创建 {name} 的镜像已不存在：无法分辨哪些是它自己的设置"
    ),
    "{other} leans on {name}, and would be left with the old one": "{other} 依赖 {name}，会留在旧容器上",
    "the volume {name} is in use by {names}, which goes on: no exact copy can be made": (
        "卷 {name} 正被继续运行的 {names} 使用：无法得到精确的副本"
    ),
    "{name}: {count} files that were written outside of its volumes stay in the old one": (
        "{name}：写在卷之外的 {count} 个文件会留在旧容器中"
    ),
    "{name}: folders of this machine that it writes to are not copied": "{name}：它写入的本机文件夹不会被复制",
    "{name} ended with status {status}": "{name} 以状态 {status} 结束",
    "{name} ended, and the engine started it again": "{name} 已结束，引擎又重新启动了它",
    "{name} is not healthy": "{name} 不健康",
    "{name} is not healthy after {seconds} s": "{name} 在 {seconds} 秒后仍不健康",
    "Remove {name}, which an earlier update kept": "删除以前的更新保留的 {name}",
    "it is removed for good; its volumes stay": "它会被永久删除；它的卷会保留",
    "Make the new {name} beside the old one": "在旧容器旁创建新的 {name}",
    "Let the engine not start the old {name} again by itself": "让引擎不再自动启动旧的 {name}",
    "Keep the old {name} as {other}": "把旧的 {name} 保留为 {other}",
    "Give the new one the name {name}": "把名称 {name} 给新容器",
    "Stop the old {name}": "停止旧的 {name}",
    "Prove the archives: from here on the data may change": "校验归档：从此刻起数据可能改变",
    "Start the new {name}": "启动新的 {name}",
    "See that {name} is well": "确认 {name} 正常",
    "Try the `rm` that volumes would be emptied with": "试运行用于清空卷的 `rm`",
    "the image given with --helper has no `rm` that runs": "用 --helper 指定的镜像没有可运行的 `rm`",
    "{name} is not here, and not there to be left out": "{name} 不在这里，无需略过",
    "not everything can be made anew as it is; nothing was touched": ("并非一切都能原样重新创建；没有改动任何东西"),
    "--except NAME leaves a container alone; --no-backup-volumes does without copies of the data": (
        "--except NAME 不动某个容器；--no-backup-volumes 不保存数据的副本"
    ),
    "the image {name} is not here": "镜像 {name} 不在本地",
}
