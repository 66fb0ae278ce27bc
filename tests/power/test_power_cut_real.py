"""The power fails in a real run: environment, uv, verification, switch; project and package cache on one disk.

In CI at some instants, with SUREFOOT_POWER=all at every one of them.
"""

from __future__ import annotations

import os
import random
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from installer.model import RelPath
from installer.store import Store
from installer.toolenv import tool_python
from tests.power.disk import Disk, disk
from tests.power.reboot import rebooted
from tests.whole.kit import ROOT, Ended, differences, environment, picture, run, versions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.power.surge import Loss

pytestmark = pytest.mark.slow

SEED = 20261122
SAMPLES = 6
LOSSES: tuple[Loss, Loss] = ("names kept", "all lost")
OLD, NEW = "idna==3.6\n", "idna==3.7\nattrs==23.2.0\n"


@pytest.fixture
def upgrade() -> Iterator[Upgrade]:
    """A disk with a project that is installed and asks for other versions now."""
    with disk(size="2G", options=()) as made:
        yield Upgrade(made)


class Upgrade:
    """The upgrade of a project, cut and recovered."""

    def __init__(self, made: Disk) -> None:
        self.disk = made
        self.project = made.top / "project"
        self.env = {"UV_CACHE_DIR": str(made.top / "cache"), "UV_LINK_MODE": "copy"}
        self.project.mkdir()
        (self.project / "requirements.txt").write_text(OLD)
        (self.project / "surefoot.toml").write_text('mode = "standard"\n')
        first = run("quickstart.py", "-y", cwd=self.project, env=self.env)
        assert first.status == 0, first.said
        self.first = self.last_run()
        (self.project / "requirements.txt").write_text(NEW)
        self.before = self.picture()
        self.disk.unmount()
        self.disk.save("before")
        self.disk.mount()
        self.changes = self.cut(0, "all lost")

    def cut(self, at: int, loss: Loss) -> int:
        """Run the upgrade up to the change `at`; the number of changes if it came to the end."""
        driver = Path(__file__).with_name("real.py")
        python = tool_python(str(ROOT))
        done = subprocess.run(
            [python, "-I", str(driver), str(self.disk.top), str(at), loss, "-y", "-C", str(self.project)],
            cwd="/",
            env=environment(self.env),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        assert done.returncode == (-9 if at else 0), done.stdout
        return at or int(done.stdout.split()[-1])

    def last_run(self) -> str:
        """The id of the run that the journal tells of."""
        return Store(self.project, RelPath(".surefoot")).current().install_id

    def picture(self) -> dict[str, str]:
        """The project but for the state folder; what Python compiled counts for nothing."""
        found = picture(self.project, without=(".surefoot",))
        return {name: word for name, word in found.items() if "__pycache__" not in name}

    def resumed(self) -> list[str]:
        """What is wrong after the same command was run again."""
        done = self._restarted("quickstart.py", "-y")
        if done.status:
            return [done.said]
        deep = self._restarted("manage.py", "verify", "--deep")
        wrong = [] if deep.status == 0 else [deep.said]
        found = versions(self.project / ".venv")
        wanted = {"idna": "3.7", "attrs": "23.2.0"}
        return wrong + ([] if {name: found.get(name) for name in wanted} == wanted else [str(found)])

    def reverted(self) -> list[str]:
        """What is wrong after a rollback of what stands of the upgrade, if it had begun at all."""
        if self.last_run() == self.first:
            return differences(self.before, self.picture())
        done = self._restarted("manage.py", "rollback", "--yes")
        return ([] if done.status == 0 else [done.said]) + differences(self.before, self.picture())

    def _restarted(self, door: str, *words: str) -> Ended:
        """Run a command after the machine has started anew."""
        return run(door, *words, cwd=self.project, env=self.env, through=rebooted(self.disk.image.parent))


def test_cut_in_a_real_upgrade_it_resumes_and_reverts(upgrade: Upgrade) -> None:
    print("seed", SEED, "of", upgrade.changes)  # noqa: T201 -- a failure is found again by it
    everything = range(1, upgrade.changes + 1)
    chance = random.Random(SEED)  # noqa: S311 -- a sample, no secret
    chosen = everything if os.environ.get("SUREFOOT_POWER") == "all" else sorted(chance.sample(everything, SAMPLES))
    wrong: list[str] = []
    for number in chosen:
        loss = LOSSES[number % 2]
        upgrade.disk.load("before")
        upgrade.cut(number, loss)
        upgrade.disk.unmount()
        upgrade.disk.mount()
        upgrade.disk.unmount()
        upgrade.disk.save("cut")
        for way in (upgrade.resumed, upgrade.reverted):
            upgrade.disk.load("cut")
            wrong += [f"{number}, {loss}, {way.__name__}: {each}" for each in way()]
    assert wrong == []
    assert upgrade.changes > 100
