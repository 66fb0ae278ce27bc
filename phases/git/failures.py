"""What git's complaints mean: a table from its words (in English: it runs with LC_ALL=C) to our errors."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from installer.errors import (
    Conflict,
    InstallerError,
    NotAllowed,
    Precondition,
    Refused,
    StepFailed,
    Unavailable,
)
from installer.i18n import tr
from installer.redact import redact

if TYPE_CHECKING:
    from installer.model import Finished


class _Meaning(NamedTuple):
    words: str
    kind: type[InstallerError]
    code: str
    message: str
    hint: str = ""


_REFUSAL = (
    r"transport '[^']*' not allowed|is inside git dir|refusing to (?:work|fetch|create|clone)"
    r"|suspicious submodule|ignoring (?:suspicious|submodule)"
    r"|which may be interpreted as a command-line option|invalid (?:submodule )?path"
    r"|strange (?:hostname|pathname|port) '"
)

_MEANINGS = (
    _Meaning(
        r"dubious ownership",
        Precondition,
        "git.ownership",
        "`{place}` belongs to another user, so git refuses to work in it",
        "make it yours (`chown`), or tell git once that you trust it: "
        "`git config --global --add safe.directory FOLDER`",
    ),
    _Meaning(
        r"No space left on device|Disk quota exceeded",
        Precondition,
        "disk.full",
        "there is no room on the disk for `{place}`",
        "free some space, then run the same command again",
    ),
    _Meaning(
        _REFUSAL,
        Refused,
        "git.refused",
        "git refuses `{place}` for security",
        "look at `.gitmodules`: where does it come from?",
    ),
    _Meaning(
        r"would be overwritten by (?:checkout|merge)|Your local changes|needs merge"
        r"|already exists and is not an empty dir",
        Conflict,
        "submodule.changed",
        "files of yours are in the way in `{place}`",
        "commit, stash or move them, then run the same command again",
    ),
    _Meaning(
        r"not our ref|did not contain [0-9a-f]{40}|Server does not allow request for unadvertised"
        r"|reference is not a tree|Unable to find current revision",
        StepFailed,
        "submodule.commit",
        "the recorded commit of `{place}` is not on its server",
        "push that commit from where it was made, or record one that is there: "
        "`git -C FOLDER checkout BRANCH`, `git add FOLDER`",
    ),
    _Meaning(
        r"Host key verification failed",
        NotAllowed,
        "submodule.host",
        "the server of `{place}` is not among the hosts that ssh knows",
        "connect to it once with `ssh` and check its key, then run the same command again",
    ),
    _Meaning(
        r"Authentication failed|could not read (?:Username|Password)|terminal prompts disabled"
        r"|Permission denied(?: \(|,)|returned error: 40[13]|HTTP Basic: Access denied"
        r"|[Rr]epository (?:'[^']*' )?not found|access denied",
        NotAllowed,
        "submodule.denied",
        "`{place}` may not be read with your credentials, or does not exist",
        "check the address, and log in (`git credential`, an ssh key); for one that you can do without: "
        "`[tool.surefoot.submodules] optional`",
    ),
    _Meaning(
        r"Could not resolve (?:host|proxy)|Connection (?:refused|timed out|reset|closed)"
        r"|Failed to connect|unable to access|early EOF|RPC failed|hung up unexpectedly"
        r"|Operation too slow|unable to connect|Network is unreachable|Could not read from remote repository"
        r"|returned error: (?:429|5\d\d)|Couldn't connect|does not appear to be a git"
        r"|repository '[^']*' does not exist",
        Unavailable,
        "submodule.unreachable",
        "`{place}` could not be fetched",
        "check the network and the address, then run the same command again; it goes on from here",
    ),
)

_TRANSIENT = re.compile(
    r"Could not resolve (?:host|proxy)|Connection (?:refused|timed out|reset|closed)|Failed to connect"
    r"|early EOF|RPC failed|hung up unexpectedly|Operation too slow|unable to connect"
    r"|Network is unreachable|Couldn't connect|returned error: (?:429|5\d\d)|Temporary failure"
)


def explain(finished: Finished, *, place: str, url: str = "") -> InstallerError:
    """The error that a failed git command stands for: `place` is what it worked on, `url` where it fetched from."""
    said = tuple(_sentences(finished))
    details = ((redact(url),) if url else ()) + said
    for meaning in _MEANINGS:
        if re.search(meaning.words, finished.stderr):
            return meaning.kind(
                meaning.code, tr(meaning.message, place=place), hint=tr(meaning.hint), details=details, submodule=place
            )
    return StepFailed(
        "git.failed",
        tr("git failed in `{place}`", place=place),
        hint=tr("mend it, then run the same command again"),
        details=details,
        submodule=place,
    )


def is_refused(finished: Finished) -> bool:
    """Whether git left something out because it looked dangerous: it says so in a warning, and goes on."""
    return re.search(_REFUSAL, finished.stderr) is not None


def is_unsettled(finished: Finished) -> bool:
    """Whether git went on, and may have ended well, over what is only half there: it says so in between.

    It could not write settings of the clone, or its own clone was killed and it went on with what that one had left.
    """
    return (
        re.search(
            r"^error: (?:could not (?:lock|write) config file|chmod on |.* died of signal)",
            finished.stderr,
            re.MULTILINE,
        )
        is not None
    )


def is_passing(finished: Finished) -> bool:
    """Whether the same command may succeed a moment later."""
    return _TRANSIENT.search(finished.stderr) is not None


def _sentences(finished: Finished) -> list[str]:
    """What git said, without progress, repetitions and the advice that follows every failed fetch."""
    noise = re.compile(
        r"^(?:Cloning into|Submodule |Failed to clone .*(?:Retry scheduled|second time)"
        r"|Please make sure|and the repository exists|hint:)"
    )
    lines = (redact(line.strip()) for line in finished.stderr.splitlines())
    kept = dict.fromkeys(line for line in lines if line and not noise.match(line))
    return [line for line in kept if line.isprintable()][-6:]
