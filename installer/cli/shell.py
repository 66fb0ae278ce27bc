"""`shell-api` and `completion`: text for a shell to read."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from installer.cli.options import Asked, verb
from installer.cli.output import say
from installer.cli.session import open_session
from installer.cli.shell_api import functions
from installer.errors import UsageError
from installer.i18n import tr


@verb(
    tr(
        "Print the checkpoint functions for an install script of your own, in POSIX sh:\n\n"
        "init_checkpoint_system, update_checkpoint, check_resume_install, create_rollback_point, execute_rollback."
    ),
    example='eval "$(python3 manage.py shell-api)"',
)
def shell_api(asked: Asked) -> int:
    """Print the functions."""
    session = open_session(asked)
    say(functions(_command(), session.root, session.manifest.env_prefix))
    return 0


def _command() -> tuple[str, ...]:
    """How a shell can call us again: the same interpreter, the same script."""
    script = Path(sys.argv[0])
    if script.is_file():
        return sys.executable, "-I", os.path.realpath(script)
    return (
        sys.executable,
        "-I",
        "-c",
        "import sys; from installer.cli.main import manage; sys.exit(manage(sys.argv[1:]))",
    )


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
