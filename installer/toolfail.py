"""Why Surefoot's own environment could not be made: one sentence, and the command that mends it."""

from __future__ import annotations

import os
import re
import sys
from itertools import pairwise

from installer import i18n, lazily
from installer.errors import InstallerError, NotAllowed, Precondition, Refused, UsageError
from installer.i18n import tr
from installer.toolpip import NO_PIP, NO_VENV

DENIED = lazily.pattern(r"\b(401|403) Client Error|Tunnel connection failed: 407")
NETWORK = lazily.pattern(
    r"Could not fetch URL (?!.* 404 Client Error)|connection broken|ConnectTimeout|ReadTimeout|ProxyError|SSLError"
    r"|name resolution|Max retries|Connection(Reset|Refused|Aborted)|timed out|\b(429|5\d\d) (Client|Server) Error",
    re.IGNORECASE,
)
DISK = lazily.pattern(r"No space left on device|Disk quota exceeded", re.IGNORECASE)


def speak() -> None:
    """Choose the language before the command line is parsed."""
    words = sys.argv[1:]
    joined = [word.removeprefix("--lang=") for word in words if word.startswith("--lang=")]
    apart = [value for flag, value in pairwise(words) if flag == "--lang"]
    i18n.use(i18n.choose("".join((apart + joined)[:1])))


def redacted(text: str) -> str:
    """`text` without the user part of any URL (pip hides only some forms) and without control characters."""
    return re.sub(r"[^\n\x20-\x7e\xa0-\U0010ffff]", "", re.sub(r"(?<=://)[^/@\s]+@", "****@", text))


def explain(code: int, output: str, base: str) -> InstallerError:
    """What to say for a child that ended with `code` and said `output`, which is redacted already."""
    if code in {NO_PIP, NO_VENV}:
        return _no_ensurepip("ensurepip" if code == NO_PIP else "venv", base)
    if "DO NOT MATCH THE HASHES" in output:
        return _other_hash(output)
    if DISK.search(output):
        return _full_disk()
    return _no_answer(output) or _nothing_there(output) or _unknown(code, output)


def unwritable(tools: str, error: OSError) -> Precondition:
    """The cache folder refuses to be written."""
    if error.strerror and DISK.search(error.strerror):
        return _full_disk()
    return Precondition(
        "tools.folder",
        tr("cannot write Surefoot's own tools to {folder}: {reason}", folder=tools, reason=error.strerror or error),
        hint=tr("mend its permissions, or `export SUREFOOT_CACHE_DIR=…` with a folder of your own"),
    )


def no_lock(lock: str, error: OSError) -> Precondition:
    """This copy of Surefoot is not complete."""
    return Precondition(
        "tools.no-lock",
        tr("cannot read the list of Surefoot's own tools, {path}: {reason}", path=lock, reason=error.strerror or error),
        hint=tr("bring back the file (`git checkout -- locks` in Surefoot's folder), or get Surefoot anew"),
    )


def no_extra(name: str, known: tuple[str, ...]) -> UsageError:
    """SUREFOOT_EXTRAS names what this copy has no lock for."""
    return UsageError(
        "extras.unknown",
        tr("there is no extra `{name}`", name=redacted(name)),
        hint=tr("there are: {names}", names=", ".join(known) or "-"),
    )


def without_extras(error: InstallerError) -> str:
    """What to say when the tool has to go on without the extras that the user added."""
    return tr("warning: going on without the extras, which cannot be prepared: {reason}", reason=error.message)


def homeless() -> Precondition:
    """There is no home folder, so no cache folder either."""
    return Precondition(
        "tools.home",
        tr("there is no home folder to keep Surefoot's own tools in"),
        hint=tr("`export SUREFOOT_CACHE_DIR=…` with a folder of your own, then run the same command again"),
    )


def foreign_folder(tools: str) -> Refused:
    """Code that we would run lies where another user may write."""
    return Refused(
        "tools.foreign-folder",
        tr("the folder for Surefoot's own tools belongs to another user: {folder}", folder=tools),
        hint=tr("run it as that user, or `export SUREFOOT_CACHE_DIR=…` with a folder of your own"),
    )


def _other_hash(output: str) -> Refused:
    return Refused(
        "tools.hash",
        tr("a package for Surefoot's own tools is not the one that was locked (its hash differs); none was installed"),
        details=_lines(output, r"\s+(\S+==|Expected|Got)"),
        hint=tr("find out who changed it: the index, a proxy on the way, or `locks/tool.txt` in this copy of Surefoot"),
    )


def _full_disk() -> Precondition:
    return Precondition(
        "tools.disk",
        tr("the disk is full: Surefoot's own tools need about 150 MB while they are made"),
        hint=tr("make room, or `export SUREFOOT_CACHE_DIR=…` with a folder on another disk, then run it again"),
    )


def _no_answer(output: str) -> InstallerError | None:
    """The index, or what is before it, did not let pip have anything."""
    why = _lines(output, r"Could not fetch URL|.*connection broken")[:1] or _last(output, 2)
    if DENIED.search(output):
        return NotAllowed(
            "tools.denied",
            tr("the package index, or the proxy before it, does not let pip in"),
            details=why,
            hint=tr("give pip the right credentials (`~/.netrc`, keyring, or PIP_INDEX_URL), then run it again"),
        )
    if NETWORK.search(output):
        return Precondition(
            "tools.network",
            tr("the package index cannot be reached, and Surefoot's own tools are not on this machine yet"),
            details=why,
            hint=tr(
                "go online, or name an index or a proxy that answers (`export PIP_INDEX_URL=…`,"
                " `export HTTPS_PROXY=…`), then run the same command again; once made, the tools work offline"
            ),
        )
    return None


def _nothing_there(output: str) -> Precondition | None:
    """The index answered, and has not what is needed."""
    if "No matching distribution found" not in output:
        return None
    if "(from versions: none)" in output:
        message = tr("the package index that pip is set to has none of what Surefoot needs for its own tools")
        hint = tr("look at `pip config list` and the variables PIP_* (PIP_NO_INDEX, PIP_INDEX_URL), then run it again")
    else:
        version = f"Python {sys.version_info.major}.{sys.version_info.minor}"
        message = tr(
            "the package index has no build for {version} on {platform} of what Surefoot needs",
            version=version,
            platform=sys.platform,
        )
        hint = tr("use another Python (`uv python install 3.12`), or an index that has it (`export PIP_INDEX_URL=…`)")
    return Precondition("tools.index", message, details=_last(output, 2), hint=hint)


def _unknown(code: int, output: str) -> Precondition:
    return Precondition(
        "tools.failed",
        tr("Surefoot's own tools could not be installed: pip ended with {code}", code=code),
        details=_last(output, 6),
        hint=tr("mend what pip names, then run the same command again"),
    )


def _no_ensurepip(missing: str, base: str) -> Precondition:
    if os.path.exists("/etc/debian_version") and sys.platform != "win32":
        sudo = "" if os.geteuid() == 0 else "sudo "
        remedy = f"{sudo}apt install python{sys.version_info.major}.{sys.version_info.minor}-venv"
    elif os.path.exists("/etc/alpine-release"):
        remedy = "apk add py3-pip"
    else:
        remedy = "uv python install 3.12"
    return Precondition(
        "tools.no-ensurepip",
        tr(
            "this Python ({python}) has no `{module}` to prepare Surefoot's own tools with",
            python=base,
            module=missing,
        ),
        hint=tr("run `{command}`, then run the same command again", command=remedy),
    )


def _lines(output: str, pattern: str) -> tuple[str, ...]:
    """The lines that begin with `pattern`, none of them endless."""
    return tuple(line.strip()[:300] for line in output.splitlines() if re.match(pattern, line))


def _last(output: str, count: int) -> tuple[str, ...]:
    return _lines(output, r".*\S")[-count:]
