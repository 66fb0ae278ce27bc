"""`build check-token`: what the token may, before it is needed."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.cli.build_runs import connected, section_of
from installer.cli.options import Asked, verb
from installer.cli.output import emit, say, table
from installer.cli.session import open_session
from installer.errors import NotAllowed
from installer.i18n import tr
from installer.show.words import clean

if TYPE_CHECKING:
    from installer.model import Json


@verb(
    tr("Say whose token it is, where it was found, and what it lacks to begin a build. Exit 8 if it lacks that."),
    example="manage.py build check-token",
)
def check_token(asked: Asked) -> int:
    """Check the token."""
    from phases.builds import remotes, tokens
    from phases.builds.model import Strategy

    session = open_session(asked)
    section = section_of(session)
    remote = remotes.origin(session.root, section)
    source = tokens.find(remote, session.root, section.token).source
    with connected(session, section) as provider:
        may = provider.permissions(Strategy(section.strategy))
    facts: Json = {
        "host": remote.host,
        "repository": remote.name,
        "source": source,
        "user": may.user,
        "granted": list(may.granted),
        "missing": list(may.missing),
        "known": may.known,
    }
    if asked.as_json:
        emit("build", action="check-token", **facts)
    else:
        unsaid = "" if may.known else tr("this kind of token does not tell what it may")
        rows = [
            (tr("Host"), remote.host),
            (tr("Repository"), remote.name),
            (tr("Found in"), source),
            (tr("User"), may.user),
            (tr("May"), ", ".join(may.granted) or unsaid),
        ]
        say(*table([(name, clean(text)) for name, text in rows if text]))
    if not may.missing:
        return 0
    names = ", ".join(may.missing)
    raise NotAllowed(
        "build.scope",
        tr("the token may not do this at {host}: it lacks {scopes}", host=remote.host, scopes=names),
        hint=tr("give it that, or make another one; `manage.py build check-token` tests it"),
        missing=list(may.missing),
    )
