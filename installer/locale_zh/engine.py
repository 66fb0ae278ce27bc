"""The engine, the journal, the state folder and the process door in Chinese."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "{title}: its inputs changed, so it is done anew": "{title}：其输入已改变，因此重新执行",
    "passed over, as this failed: {title}": "已跳过，因为此步骤失败：{title}",
    "{count} files are too large to be copied: only your version control has them": (
        "{count} 个文件过大而未被复制：只有您的版本控制保存着它们"
    ),
    "{title}: {reason}": "{title}：{reason}",
    "{path} was changed since; it stays as you left it": "{path} 此后被改动过；将保持您改动后的状态",
    "will not take {path} away: no step of ours makes it": "不会移除 {path}：没有任何步骤会创建它",
    "not a path below the project: {path}": "不是项目内的路径：{path}",
    "the path leaves the project: {path}": "该路径超出了项目范围：{path}",
    "no file can be called so: {path}": "不是合法的文件名：{path}",
    "will not pass through the link {path}": "不会穿过链接 {path}",
    "{path} was written by a newer version (format {version}, this one reads up to {known})": (
        "{path} 由更新的版本写入（格式 {version}，本版本最多读到 {known}）"
    ),
    "update Surefoot, then run the same command again": "请更新 Surefoot，然后再次运行同一命令",
    "record {seq} is out of order": "记录 {seq} 次序错乱",
    "a line in the middle is damaged": "中间有一行已损坏",
    "it was not written by Surefoot": "它不是由 Surefoot 写入的",
    "it cannot be read: {reason}": "无法读取：{reason}",
    "{path}, line {line}": "{path} 第 {line} 行",
    "the system allows too few open files: {reason}": "系统允许打开的文件太少：{reason}",
    "raise the limit (`ulimit -n 1024`), then run the same command again: it goes on where it stopped": (
        "请提高上限（`ulimit -n 1024`），然后再次运行同一命令：它会从中断处继续"
    ),
    "the file system mounted at {place} can only be read: {path}": "挂载于 {place} 的文件系统为只读：{path}",
    "look for errors of the disk (`dmesg`), mount it for writing, then run the same command again": (
        "请查看磁盘错误（`dmesg`），以可写方式挂载，然后再次运行同一命令"
    ),
    "a name in `{path}` is longer than file systems take": "`{path}` 中的名称超出文件系统允许的长度",
    "make room, then run the same command again": "请腾出空间，然后再次运行同一命令",
    "it tells nothing of the run {run}, which has left traces": "其中没有运行 {run} 的任何记录，而该运行留有痕迹",
    "the journal cannot be trusted: {place}: {what}": "日志不可信：{place}：{what}",
    "`manage.py checkpoint repair` shows what can be saved; nothing is changed until you agree": (
        "`manage.py checkpoint repair` 会显示可以挽救的内容；在您同意之前不作任何改动"
    ),
    "cannot write the state folder {path}: {reason}": "无法写入状态文件夹 {path}：{reason}",
    "make the project folder writable, or give another one with -C": "请使项目文件夹可写，或用 -C 指定另一个",
    "this file system cannot lock files: {path}": "此文件系统无法锁定文件：{path}",
    "without locks two runs could not be kept apart; put the project on another file system": (
        "没有文件锁就无法避免两次运行互相干扰；请将项目放到另一文件系统"
    ),
    "process {pid} on {host}, since {time}": "{host} 上的进程 {pid}，始于 {time}",
    "a process that left no note": "一个未留下记录的进程",
    "not started, as the run is stopping: {program}": "运行正在停止，未启动：{program}",
    "the folder {path} is gone": "文件夹 {path} 已不存在",
    "`{program}` was not found": "未找到 `{program}`",
    "`{program}` may not be run: {reason}": "不允许运行 `{program}`：{reason}",
    "`{program}` did not end within {seconds} seconds": "`{program}` 未在 {seconds} 秒内结束",
    "`{program}` was ended: the disk has {used} MB less than before, and {most} are allowed": (
        "`{program}` 已被终止：磁盘比之前少了 {used} MB，只允许 {most} MB"
    ),
    "if that is what it needs, set `{variable}` (0: no bound)": "如果确实需要，请设置 `{variable}`（0：不限制）",
    "`{variable}` must be a whole number: {value}": "`{variable}` 必须是整数：{value}",
    "`{program}` was ended by SIGKILL; the system may have run out of memory": (
        "`{program}` 被 SIGKILL 终止；系统可能内存不足"
    ),
    "`{program}` was ended by {signal}": "`{program}` 被 {signal} 终止",
    "`{program}` ended with status {status}": "`{program}` 以状态 {status} 结束",
}
