"""What the tests about images share: a tag that moves, a command that is killed, the code of an error."""

from __future__ import annotations

import subprocess
import threading
from typing import TYPE_CHECKING

from tests.containers import kit, proxy

if TYPE_CHECKING:
    from tests.containers.kit import Place
    from tests.ended import Ended


def code(ended: Ended) -> str:
    """The code of the error among the events."""
    return next((str(each["error"]["code"]) for each in ended.events if "error" in each), "")


def moved(place: Place, *, name: str = "") -> tuple[str, str, str]:
    """A tag that the engine has in an old version and the registry in a new one: its reference, and both ids."""
    new = place.pushed("moving", name=name, lines="ENV version=2", keep=True)
    new_id = str(place.client.images.get(new).id)
    place.client.images.remove(new, noprune=True)
    old = place.image("moving", name=name, lines="ENV version=1")
    return old, str(place.client.images.get(old).id), new_id


def killed_in(place: Place, between: proxy.Proxy, path: str, *words: str, count: int = 1) -> None:
    """Run the command; `kill -9` it while the engine's answer to the request of that path is held back."""
    go = threading.Event()
    between.spoil("POST", path, proxy.held(go), after=count - 1)
    child = subprocess.Popen(
        kit.command(*words), cwd=place.root, env=place.variables(), stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    try:
        between.await_request("POST", path.replace(".*", ""), count=count)
    finally:
        child.kill()
        child.communicate(timeout=60)
        go.set()
        between.mend()
