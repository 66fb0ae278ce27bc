"""Chinese for restored environments and their cache keys."""

from __future__ import annotations

SENTENCES: dict[str, str] = {
    "Print the key under which a build server saves the environment; nothing, and exit 1, unless it is proven.\n\n"
    "--restore prints what to restore from instead, best first: the key, then the beginnings of keys. "
    "What was restored is proven by `quickstart.py` before it is used.": (
        "输出构建服务器保存环境所用的键；除非环境已经过验证，否则什么也不输出，并以退出码 1 结束。\n\n"
        "--restore 改为输出可供恢复的键，最合适的在前：先是完整的键，然后是键的前缀。"
        "恢复出来的内容在使用之前由 `quickstart.py` 加以验证。"
    ),
    "Print the keys to restore from.": "输出可供恢复的键。",
    "What to install: minimal, standard, dev, full, or the project's own.": (
        "安装什么：minimal、standard、dev、full，或项目自定义的模式。"
    ),
    "For an image: leave the environment and nothing else, the same bytes each time; there is no way back.": (
        "用于镜像：只留下环境，别无其他，每次字节都相同；无法回退。"
    ),
    "--no-state is for a fresh tree, as in an image; here {run} could still be taken back": (
        "--no-state 用于全新的目录（例如镜像中）；此处 {run} 仍可回退"
    ),
    "`manage.py clean-env --all` deletes all that was kept, or run without --no-state": (
        "`manage.py clean-env --all` 删除保留的一切，或者不带 --no-state 运行"
    ),
    "Nothing but the environment is left; there is no way back.": "只留下了环境；无法回退。",
    "the cache of uv holds other files than were published; fetched anew: {names}": (
        "uv 缓存中的文件与发布的不符；已重新获取：{names}"
    ),
    "no key: {reason}": "没有键：{reason}",
    "its interpreter does not start": "它的解释器无法启动",
    "its interpreter does not start: {path}": "它的解释器无法启动：{path}",
    "it was made for another kind of machine: {old}, not {new}": "它是为另一类机器制作的：{old}，而不是 {new}",
    "this project installs into the active environment, which is not the tool's to save": (
        "此项目安装到当前激活的环境中，该环境不归本工具保存"
    ),
    "Use the restored `{path}` as it is: it is proven (packages: {count})": (
        "原样使用恢复的 `{path}`：已通过验证（软件包：{count}）"
    ),
    "Repair the restored `{path}`: {reason}; packages that are sound, and taken over: {count}": (
        "修复恢复的 `{path}`：{reason}；完好并沿用的软件包：{count}"
    ),
    "Throw the restored `{path}` away: {reason}": "弃用恢复的 `{path}`：{reason}",
    "what was built of the project's own packages may be stale: {names}": (
        "项目自身软件包的构建结果可能已过时：{names}"
    ),
    "packages are not what was installed: {names}": "软件包与当初安装的不符：{names}",
    "files came or changed after it was sealed: {names}": "封存之后有文件增加或改变：{names}",
    "{name} (files: {count})": "{name}（文件：{count}）",
    "{name} (all of it)": "{name}（全部）",
    " and {count} more": " 等，另有 {count} 个",
    "taken over from the restored environment: {count}": "从恢复的环境中沿用：{count}",
    "the unfinished run {run} is of another place: its journal is put aside": (
        "未完成的运行 {run} 属于另一个位置：其日志已放到一边"
    ),
}
