"""The harness itself: it sees what strace sees, and it finds the breakage that it is there to find."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING

import pytest

from tests.faults import audit, subject
from tests.faults.interposer import Fault, by_program
from tests.faults.points import LINKING
from tests.whole.kit import differences, environment

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.faults.lab import Lab

pytestmark = pytest.mark.slow

SHARES = tuple(n / 12 for n in range(1, 12))  # of uv's linking


def test_the_interposer_sees_what_strace_sees(fresh: Lab, record_property: Callable[[str, object], None]) -> None:
    fresh.fresh()
    ended = fresh.run(Fault(), through=audit.through(fresh.folder))
    assert ended.status == 0, ended.said
    strace = audit.seen_by_strace(fresh.folder, fresh.project)
    ours = audit.seen_by_interposer(fresh.interposer.calls())
    record_property("tried", f"changes of one run: strace {strace.total()}, interposer {ours.total()}")
    record_property("tried", f"by program: {by_program(fresh.calls)}")
    assert ours - strace == {}
    unseen = strace - ours  # uv's renameat2 of `.lock`, a raw system call, and what ld's buffers do by themselves
    assert unseen.total() <= 4, unseen
    assert unseen.keys() <= {"rename", "write"}, unseen


def test_a_plain_uv_sync_killed_while_it_links_stays_broken(
    fresh: Lab, record_property: Callable[[str, object], None]
) -> None:
    words = ("sync", "--frozen", "--offline", "--no-editable", "--no-install-workspace")
    _uv(fresh, Fault(), words)
    whole = _installed(fresh)
    linking = [call for call in fresh.interposer.calls() if call.kind != "sync" and LINKING in call.path]
    broken = 0
    for share in SHARES:
        _uv(fresh, Fault("tree", int(len(linking) * share), part=LINKING), words)
        again = subject.uv(fresh.subject, *words, cwd=fresh.project)
        assert again == 0, "it says that all is well"
        broken += bool(differences(whole, _installed(fresh)))
    record_property("tried", f"plain uv sync killed while linking, run again: {broken} of {len(SHARES)} broken")
    assert broken > 0, "the harness would not notice a broken environment"


def _uv(lab: Lab, fault: Fault, words: tuple[str, ...]) -> None:
    """`uv WORDS` on a fresh copy, disturbed."""
    lab.fresh()
    variables = lab.interposer.set(fault)
    subject.uv(lab.subject, *words, cwd=lab.project, env=variables, check=fault.mode == "count")
    lab.interposer.quiet()


def _installed(lab: Lab) -> dict[str, str]:
    return {name: text for name, text in lab.picture().items() if LINKING in name}


def test_an_interposer_that_is_not_asked_changes_nothing(fresh: Lab) -> None:
    done = subprocess.run(
        ["sh", "-c", "echo x > a && mv a b && cat b && rm b"],
        cwd=fresh.folder,
        env=environment({"LD_PRELOAD": str(fresh.interposer.library)}),
        capture_output=True,
        text=True,
        check=True,
    )
    assert (done.stdout, done.stderr) == ("x\n", "")
