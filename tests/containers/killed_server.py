"""Creates or starts a server, killed as by `kill -9` at one boundary: killed_server.py N VERB FOLDER WORD IMAGE.

Boundary N: just after the N-th way back is on disk, nothing of it done yet. One past the last: all is committed, and
the journal not cleared.
"""

from __future__ import annotations

import os
import signal
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

sys.path.insert(0, str(Path(__file__).resolve().parents[2]))

from installer.rollback_manager import RollbackManager
from phases.containers.apps.amounts import Duration
from phases.containers.apps.section import App, Health
from phases.containers.servers import Server, create_server, start_server

if TYPE_CHECKING:
    from installer.undo_actions import Way


def server(word: str, image: str, seconds: int = 1000) -> Server:
    """The one that the tests are about."""
    return Server(
        identifier=word,
        app=App(
            image=image,
            command=("sleep", str(seconds)),
            stop_timeout=Duration("0s"),
            health=Health(command=("test", "-s", "/data/conf/server.ini")),
        ),
        configuration={"conf/server.ini": b"[server]\nname = ours\n"},
        variables={"PASSWORD": "s3cret-of-the-test"},
    )


class Cut:
    """Counts the ways back."""

    def __init__(self, number: int) -> None:
        self.left = number
        self.add = RollbackManager.add_action
        self.clear = RollbackManager.clear

    def added(self, manager: RollbackManager, kind: str, resource: str, text: str, undo: Way) -> None:
        """`add_action`, and perhaps the end."""
        self.add(manager, kind, resource, text, undo)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    def cleared(self, manager: RollbackManager) -> None:
        """`clear`, or the end."""
        if self.left == 1:
            os.kill(os.getpid(), signal.SIGKILL)
        self.clear(manager)


def main() -> int:
    """Do it."""
    number, verb, folder, word, image = sys.argv[1:]
    cut = Cut(int(number))

    def added(*words: Any) -> None:
        cut.added(*words)

    def cleared(manager: RollbackManager) -> None:
        cut.cleared(manager)

    RollbackManager.add_action = added  # type: ignore[method-assign, assignment]  # as methods
    RollbackManager.clear = cleared  # type: ignore[method-assign, assignment]  # as methods
    database = Path(folder) / "servers.db"
    if verb == "create":
        create_server(server(word, image), database)
    else:
        start_server(server(word, image, seconds=2000), database)
    return 0


if __name__ == "__main__":
    sys.exit(main())
