"""The checkpoint API as shell functions: POSIX sh, safe for any string as argument.

Every value travels as a word of its own (`"$@"`), never inside of code; what is known here is quoted.
"""

from __future__ import annotations

import shlex
from typing import TYPE_CHECKING

from installer.i18n import language, tr

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

_TEXT = """\
# Surefoot's checkpoint functions. Use: eval "$(python3 manage.py shell-api)"
_surefoot() {{
    [ "${{{prefix}_DISABLE_CHECKPOINT:-0}}" != 1 ] || return 0
    {command} "$@"
}}

# Create what is needed. A script may call it at each start.
init_checkpoint_system() {{
    _surefoot checkpoint init {common}
}}

# update_checkpoint PHASE started|completed|failed [DATA: a sentence, or a JSON object]
update_checkpoint() {{
    case "${{2:-}}" in
        started) _surefoot_phase=$1 ;;
        completed) _surefoot_phase='' ;;
    esac
    _surefoot checkpoint update {common} -- "$@"
}}

# Is there an unfinished installation? The status says it: 0 yes, 1 no.
check_resume_install() {{
    [ "${{{prefix}_DISABLE_CHECKPOINT:-0}}" != 1 ] || return 1
    _surefoot checkpoint check-resume {common} "$@"
}}

# create_rollback_point DESCRIPTION [FILE...]: keep the configuration as it is now (and FILEs).
create_rollback_point() {{
    _surefoot checkpoint create {common} -- "$@"
}}

# Return to the last checkpoint, or to the one that is named.
execute_rollback() {{
    _surefoot checkpoint rollback {common} -- "$@"
}}

# For a trap: trap 'handle_install_error "$LINENO"' ERR
# Notes the failure of the phase that is under way, and asks whether to return to the last checkpoint.
handle_install_error() {{
    printf {failed} "$1" >&2
    if [ -n "${{_surefoot_phase:-}}" ]; then
        update_checkpoint "$_surefoot_phase" failed "Error at line $1"
    fi
    if [ -t 0 ] && [ -t 2 ]; then
        printf '%s ' {question} >&2
        read -r _surefoot_answer || _surefoot_answer=
        case "$_surefoot_answer" in
            [yY]*) execute_rollback ;;
        esac
    fi
}}
"""


def functions(command: Sequence[str], root: Path, prefix: str) -> str:
    """The functions, calling `command` for the project at `root`, whatever the folder of the caller."""
    failed = tr("❌ Installation failed at line {line}", line="\0").replace("%", "%%").replace("\0", "%s") + "\\n"
    return _TEXT.format(
        command=shlex.join(command),
        common=shlex.join(("-C", str(root), "--lang", language())),
        prefix=prefix,
        failed=shlex.quote(failed),
        question=shlex.quote(tr("Roll back to the last checkpoint? [y/N]")),
    )
