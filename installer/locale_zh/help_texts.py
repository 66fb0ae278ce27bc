"""The help texts of the command line in Chinese."""

# ruff: noqa: E501 -- the linter counts a Chinese character as two columns

from __future__ import annotations

SENTENCES = {
    "Example: {example}": "示例：{example}",
    "Make what is needed and begin a run of your own script, or go on with it.": "做好准备，开始或继续您自己的脚本的一次运行。",
    "Keep the configuration as it is now, and FILES, under a new rollback point.": "将当前配置与 FILES 保存为新的回滚点。",
    "List the checkpoints of the current run.": "列出当前运行的检查点。",
    "Note that a phase of your script was started, completed or failed. DATA is a sentence or a JSON object.": (
        "记录脚本的某个阶段已开始、完成或失败。DATA 是一句话或一个 JSON 对象。"
    ),
    "Is there an unfinished run? Exit 0: yes; 1: no. What is completed is printed, a phase a line.": (
        "是否有未完成的运行？退出码 0：有；1：没有。逐行列出已完成的阶段。"
    ),
    "List the completed phases of the unfinished run; with PHASE: exit 0 if it is completed, else 1.": (
        "列出未完成运行中已完成的阶段；给出 PHASE 时：已完成则退出码为 0，否则为 1。"
    ),
    "Check that the journal can be read and that every backup is what was kept.": "检查操作日志是否可读、备份是否完好。",
    "Return to the last checkpoint, or to NAME: the files that it kept come back.": (
        "回到上一个检查点或 NAME：恢复其中保存的文件。"
    ),
    "The named places in the journal: make them, list them, return to them; look after the journal.": (
        "操作日志中的检查点：创建、列出、返回，以及维护操作日志。"
    ),
    "A phase of the script, in order; repeated.": "脚本的一个阶段，按顺序，可重复给出。",
    "A file to keep besides the configuration.": "除配置外还要保存的文件。",
    "What the script installs, for the record.": "脚本安装的内容，仅作记录。",
    "Take an unfinished run back and begin anew.": "撤销未完成的运行并重新开始。",
    "Show the settings in effect, where each came from, and what was inferred from the project, and why.": (
        "显示生效的设置及其来源，以及从项目中推断出的内容和理由。"
    ),
    "Look for what stands in the way: interpreter, git, uv, disk, lock, journal, environment; each has its remedy.\n\n"
    "--fix mends what can be mended without touching anything of yours.": (
        "检查可能的障碍：解释器、git、uv、磁盘、锁、操作日志、环境，并逐一给出解决办法。\n\n"
        "--fix 修复不触及您文件的问题。"
    ),
    "Check that the environment is whole: every file that its packages brought is there, with its size.\n\n"
    "--deep compares contents, too; --repair installs anew, beside the old one, when something is wrong.": (
        "检查环境是否完整：软件包的每个文件都在，且大小正确。\n\n--deep 还会比较内容；--repair 在发现问题时于旁边重新安装。"
    ),
    "Mend what can be mended safely.": "修复可以安全修复的问题。",
    "Compare the contents of every file.": "比较每个文件的内容。",
    "Install anew when something is wrong.": "发现问题时重新安装。",
    "List the runs, newest first.": "列出所有运行，最新的在前。",
    "Tell what a run did: every step, how it ended, how long it took.": "显示一次运行做了什么：每个步骤的结果与用时。",
    "Tell how the packages of two runs differ: added, removed, changed.": "比较两次运行的软件包：新增、移除、变更。",
    "List the runs; `show` tells what one did, `diff` how the packages of two differ.": (
        "列出所有运行；`show` 显示其内容，`diff` 比较两次运行的软件包。"
    ),
    "Install the project: find out what it needs, make its environment, verify it, switch it in.\n\n"
    "Killed at any moment, the same command goes on. `manage.py rollback` takes everything back.": (
        "安装项目：找出所需、创建环境、验证并切换启用。\n\n"
        "无论何时中断，再次运行同一命令即可继续。`manage.py rollback` 可撤销一切。"
    ),
    "Go on with the unfinished run.": "继续未完成的运行。",
    "Go on with an unfinished run; do not ask.": "直接继续未完成的运行，不询问。",
    "Mend a damaged journal: show what can be read, and, if you agree, go on from there.\n\n"
    "The damaged file is set aside. Steps noted after the damage can no longer be taken back; they are not touched.": (
        "修复损坏的操作日志：显示可读的部分，经您同意后从那里继续。\n\n"
        "损坏的文件会另行保存。损坏处之后记录的步骤无法再撤销，也不会被触动。"
    ),
    "Put the finished current run away, compressed; `history` still shows it.": (
        "将已结束的当前运行压缩归档；`history` 仍可查看。"
    ),
    "Delete the records and logs of old closed runs; they cannot be taken back then. Environments stay.": (
        "删除旧运行的记录与日志；之后无法再撤销它们。环境保留。"
    ),
    "How many to leave.": "保留的数量。",
    "The project; default: here, upwards.": "项目文件夹；默认从当前位置向上查找。",
    "Speak JSON, one object a line, on standard output.": "在标准输出上输出 JSON，每行一个对象。",
    "Show the output of commands; -vv: traces of errors, too.": "显示命令的输出；-vv：同时显示错误的调用栈。",
    "Only errors and the last line.": "只显示错误和最后一行。",
    "Show the trace of an unexpected error.": "显示意外错误的调用栈。",
    "The language of messages.": "消息的语言。",
    "Show the plan, change nothing.": "只显示计划，不作更改。",
    "With --dry-run: exit 11 when something would change.": "与 --dry-run 同用：若有更改则退出码为 11。",
    "Answer every question with yes.": "对所有问题回答“是”。",
    "Exit 3 when another run holds the project; do not wait.": "若项目被另一个运行占用，不等待，以退出码 3 退出。",
    "What to install: minimal, standard, dev, full, or the project's own.": (
        "安装内容：minimal、standard、dev、full，或项目自定的模式。"
    ),
    "The same as --mode {name}.": "等同于 --mode {name}。",
    "What installs the packages.": "用什么安装软件包。",
    "The interpreter: a version, a range, or a path.": "解释器：版本、范围或路径。",
    "Use only what is on this machine.": "只使用本机已有的内容。",
    "Fail when the lock file does not fit the project.": "锁文件与项目不符时报错。",
    "Install nothing whose hash is not known beforehand.": "不安装事先不知道哈希值的内容。",
    "Install wheels only; build nothing.": "只安装 wheel，不进行构建。",
    "Resolve as the index was on this date, or at this commit.": "按该日期或该提交时的索引解析依赖。",
    "How much to do at the same time.": "同时进行的任务数。",
    "How often to try again what a network refused.": "网络失败时的重试次数。",
    "Allow submodules that are folders on this machine.": "允许位于本机文件夹中的子模块。",
    "What a failure takes back: its phase, nothing, or the whole run.": "失败时撤销什么：该阶段、不撤销，或整次运行。",
    "Stop after this phase.": "在此阶段之后停止。",
    "Leave this phase out; may be repeated.": "跳过此阶段；可重复给出。",
    "Print the checkpoint functions for an install script of your own, in POSIX sh.\n\n"
    "init_checkpoint_system, update_checkpoint, check_resume_install, create_rollback_point, execute_rollback, and a "
    "few around them; each is explained in the text.": (
        "输出供您自己的安装脚本使用的检查点函数（POSIX sh）。\n\n"
        "init_checkpoint_system、update_checkpoint、check_resume_install、create_rollback_point、execute_rollback "
        "以及几个相关函数；文本中逐一说明。"
    ),
    "Print the completion for your shell (bash, zsh or fish).": "输出您的 shell（bash、zsh 或 fish）的补全脚本。",
    "For which command.": "针对哪个命令。",
    "Run the project's tests in its environment; what follows `--` is passed on.\n\n"
    "The command is `test` in the manifest, else pytest, else unittest.": (
        "在项目的环境中运行其测试；`--` 之后的参数原样传递。\n\n命令取清单中的 `test`，否则用 pytest，再否则用 unittest。"
    ),
    "Look after what `quickstart.py` installed.": "管理 `quickstart.py` 安装的内容。",
    "Take back the unfinished run, or else the last finished one: every file as it was, byte for byte.\n\n"
    "What you changed since is left alone and named (exit 10).": (
        "撤销未完成的运行，否则撤销最近完成的一次：每个文件逐字节复原。\n\n您后来改动过的内容保持原样并列出（退出码 10）。"
    ),
    "Go back to the environment of an earlier run: a rename, whatever its size.\n\n"
    "Without RUN, the environments that are kept are listed.": (
        "回到以前某次运行的环境：无论多大，只需重命名。\n\n不给出 RUN 时，列出保留的环境。"
    ),
    "Take the environment out of use; it is kept, and `restore` or `rollback` brings it back.\n\n"
    "--all deletes it for good, with all earlier ones and all checkpoints, backups and logs; what of yours was set aside "
    "stays.": (
        "停用环境；环境会保留，可用 `restore` 或 `rollback` 恢复。\n\n"
        "--all 将永久删除它、所有以前的环境以及所有检查点、备份和日志；为您另行保存的内容不受影响。"
    ),
    "Prove that the last run can be taken back: roll back a copy of the project and compare hashes.\n\n"
    "The project itself is only read; commands that would undo what lies outside of it are not run.": (
        "证明最近一次运行可以撤销：在项目副本上回滚并比较哈希值。\n\n项目本身只被读取；不会运行用于撤销项目之外更改的命令。"
    ),
    "Stop at this checkpoint (`manage.py checkpoint list`).": "停在此检查点（`manage.py checkpoint list`）。",
    "Take back every run, to before the first.": "撤销所有运行，回到首次运行之前。",
    "Delete all that was ever kept, for good.": "永久删除保留过的一切。",
    "Show how the project's installation stands: its phases, its environment, what is left to do.": (
        "显示项目的安装状况：各阶段、环境以及尚待完成的内容。"
    ),
    "Show the log of a run: everything it said, commands' output included.": "显示一次运行的日志：包括命令输出在内的全部内容。",
    "Only the last lines.": "只显示最后若干行。",
    "Only say where the log is.": "只显示日志的位置。",
}
