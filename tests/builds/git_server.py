"""A real git server on loopback, git's own daemon, and a clone that knows it by an https address."""

from __future__ import annotations

import os
import socket
import subprocess
import threading
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

ADDRESS = "https://git.example/"  # what the clone's origin says; the user's `insteadOf` leads to the daemon


@dataclass(frozen=True)
class Served:
    """`bare` is the server's repository, `clone` the user's; `home` has the user's configuration."""

    bare: Path
    clone: Path
    home: Path

    def git(self, *words: str, at: Path | None = None) -> str:
        """`git WORDS` as the user, in the clone."""
        return _git(at or self.clone, self.home, *words)

    def pushes(self) -> list[str]:
        """What `main` of the server was set to, one update after the other."""
        log = self.bare / "logs" / "refs" / "heads" / "main"
        return [line.split()[1] for line in log.read_text().splitlines()]

    def hook(self, name: str, text: str) -> None:
        """Let the server do `text` at a push."""
        path = self.bare / "hooks" / name
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"#!/bin/sh\n{text}\n")
        path.chmod(0o755)


@contextmanager
def serving(folder: Path) -> Iterator[Served]:
    """A repository with one pushed commit on `main`, its server, and a clone; all of it ends with the block."""
    home = folder / "home"
    home.mkdir()
    served = Served(bare=folder / "served" / "demo.git", clone=folder / "clone", home=home)
    served.bare.mkdir(parents=True)
    with _listening(folder / "served") as port:
        (home / ".gitconfig").write_text(
            "[user]\n\tname = Jörg Ünäl\n\temail = j@example.org\n[init]\n\tdefaultBranch = main\n"
            f'[url "git://127.0.0.1:{port}/"]\n\tinsteadOf = {ADDRESS}\n'
        )
        served.git("init", "-q", "--bare", at=served.bare)
        served.git("config", "core.logAllRefUpdates", "always", at=served.bare)
        served.git("clone", "-q", f"{ADDRESS}demo.git", str(served.clone), at=folder)
        (served.clone / "a").write_text("a\n")
        served.git("add", "a")
        served.git("commit", "-q", "-m", "First")
        served.git("push", "-q", "-u", "origin", "main")
        yield served


@contextmanager
def _listening(base: Path) -> Iterator[int]:
    """`git daemon --inetd` for each connection, as inetd would: no port is taken twice, nothing is left running."""
    command = ["git", "daemon", "--inetd", "--export-all", "--enable=receive-pack", f"--base-path={base}"]
    workers: list[threading.Thread] = []

    def serve(client: socket.socket) -> None:
        with client:
            subprocess.run(
                command,
                stdin=client.fileno(),
                stdout=client.fileno(),
                stderr=subprocess.DEVNULL,
                check=False,
                timeout=60,
            )
            with suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            worker = threading.Thread(target=serve, args=(client,))
            worker.start()
            workers.append(worker)

    with socket.create_server(("127.0.0.1", 0)) as listener:
        taking = threading.Thread(target=accept)
        taking.start()
        try:
            yield int(listener.getsockname()[1])
        finally:
            with suppress(OSError):
                listener.shutdown(socket.SHUT_RDWR)
            taking.join()
            for worker in workers:
                worker.join()


def _git(folder: Path, home: Path, *words: str) -> str:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    environment = {**kept, "HOME": str(home), "XDG_CONFIG_HOME": str(home / ".config"), "GIT_CONFIG_NOSYSTEM": "1"}
    done = subprocess.run(["git", *words], cwd=folder, env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()
