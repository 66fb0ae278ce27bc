"""`shell-api` and `completion`: text for a shell to read."""

from __future__ import annotations

import os
import shlex
import sys
from pathlib import Path

import click

from installer.cli.options import Asked, verb
from installer.cli.output import say
from installer.cli.session import open_session
from installer.errors import UsageError
from installer.i18n import tr
from installer.shell_api import render


@verb(
    tr(
        "Print the checkpoint functions for an install script of your own, in POSIX sh.\n\n"
        "init_checkpoint_system, update_checkpoint, check_resume_install, create_rollback_point, execute_rollback, and "
        "a few around them; each is explained in the text."
    ),
    example='eval "$(python3 manage.py shell-api)"',
)
def shell_api(asked: Asked) -> int:
    """Print the functions."""
    session = open_session(asked)
    text = render(sys.executable, str(_script()), session.manifest.env_prefix, root=str(session.root))
    failed = tr("❌ Installation failed at line {line}", line="\0").replace("%", "%%").replace("\0", "%s") + "\\n"
    say((text + _TRAP.format(failed=shlex.quote(failed))).rstrip("\n"))
    return 0


_TRAP = """
# handle_install_error LINE [PHASE]: for a trap. Says where it failed, notes it for PHASE, and asks about going back:
#     trap 'handle_install_error "$LINENO" "$phase"' ERR
handle_install_error() {{
    printf {failed} "$1" >&2
    if [ -n "${{2:-}}" ]; then update_checkpoint "$2" failed "Error at line $1"; fi
    confirm_rollback
}}
"""


def _script() -> Path:
    """The script that a shell can call again: the one that was called, or the one beside our packages."""
    called = Path(sys.argv[0])
    return called if called.name == "manage.py" else Path(__file__).parents[2] / "manage.py"


@verb(
    tr("Print the completion for your shell (bash, zsh or fish)."),
    example='eval "$(manage.py completion bash)"',
)
@click.argument("shell", default="")
@click.option("--door", type=click.Choice(("manage", "quickstart")), default="manage", help=tr("For which command."))
def completion(asked: Asked, shell: str, door: str) -> int:  # noqa: ARG001 -- every verb takes `Asked`
    """Print a completion script."""
    from click.shell_completion import get_completion_class

    from installer.cli.tree import command

    wanted = shell or Path(os.environ.get("SHELL", "bash")).name
    kind = get_completion_class(wanted)
    if kind is None:
        raise UsageError(
            "completion.shell",
            tr("there is no completion for `{shell}`", shell=wanted),
            hint=tr("there are: {names}", names="bash, zsh, fish"),
        )
    program = f"{door}.py"
    say(kind(command(door), {}, program, f"_{door.upper()}_PY_COMPLETE").source())
    return 0
