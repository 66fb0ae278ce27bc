"""`cache-key`: under which name a build server saves the environment, and from which it restores one."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

import click

from installer import settings
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say
from installer.cli.session import Session, open_session
from installer.i18n import tr
from installer.model import Facts
from installer.show.words import clean

if TYPE_CHECKING:
    from collections.abc import Sequence


@verb(
    tr(
        "Print the key under which a build server saves the environment; nothing, and exit 1, unless it is proven."
        "\n\n"
        "--restore prints what to restore from instead, best first: the key, then the beginnings of keys. "
        "What was restored is proven by `quickstart.py` before it is used."
    ),
    example="manage.py cache-key --restore",
)
@click.option("--restore", is_flag=True, help=tr("Print the keys to restore from."))
@click.option("--mode", metavar="NAME", help=tr("What to install: minimal, standard, dev, full, or the project's own."))
@click.option("--python", metavar="SPEC", help=tr("The interpreter: a version, a range, or a path."))
@click.option("--backend", type=click.Choice(("uv", "pip")), help=tr("What installs the packages."))
def cache_key(asked: Asked, *, restore: bool) -> int:
    """Print the key, or those to restore from."""
    from phases.python import cache_key as keys

    session = open_session(asked)
    if not restore:
        from installer.cli.as_made import as_made

        session = as_made(session)  # what is there is asked about, not what a plain `quickstart.py` would put there
    facts = _facts(session)
    if restore:
        found = keys.restore_keys(session.manifest, facts)
        return _tell(asked, found[0], found[1:], "")
    why = keys.why_not(session.manifest, facts)
    key = "" if why else keys.key(session.manifest, facts)
    return _tell(asked, key, (), why or ("" if key else tr("its interpreter does not start")))


def _facts(session: Session) -> Facts:
    return Facts(
        root=session.root, state=session.store.state, install_id="-", options=settings.options(session.settings)
    )


def _tell(asked: Asked, key: str, more: Sequence[str], why: str) -> int:
    if asked.as_json:
        emit("cache-key", key=key, restore=list(more), reason=why)
    elif key:
        say(key, *more)
    else:
        sys.stderr.write(tr("no key: {reason}", reason=clean(why)) + "\n")
    return 0 if key else 1
