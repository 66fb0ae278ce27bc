"""The known ways in which uv and pip fail, each recognised by what they say."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from installer.errors import InstallerError, NotAllowed, Refused, StepFailed, Unavailable
from installer.i18n import tr
from phases.python import headers
from phases.python.failure_case import Case, at, end, first, lines, spot

if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Any


class BuildFailed(StepFailed):
    """A build backend failed. `output` is all that was said, for who looks for a remedy; it is not recorded."""

    def __init__(
        self,
        message: str,
        *,
        output: str,
        details: tuple[str, ...],
        hint: str,
        name: str,
        lack: headers.Lack | None,
        place: str = "",
    ) -> None:
        facts = spot(place) | ({"missing": lack.what, "missing_kind": lack.kind} if lack else {})
        super().__init__("python.build", message, details=details, hint=hint, name=name, **facts)
        self.output = output
        self.name = name
        self.lack = lack


def _hash(case: Case) -> InstallerError | None:
    found = re.search(r"Hash mismatch for `?([\w.-]+)", case.output) or re.search(
        r"THESE PACKAGES DO NOT MATCH THE HASHES[^\n]*\n(?:[^\n]*\n)??\s+([\w.-]+)", case.output
    )
    if found:
        name = found[1]
        return Refused(
            "python.hash",
            tr("the file of `{name}` is not the one that was locked: its hash differs", name=name)
            + at(case.where(name)),
            details=tuple(
                line.strip()
                for line in re.findall(r"^\s*(?:sha\w+:|Expected|Got|Computed)[^\n]*", case.output, re.MULTILINE)
            ),
            hint=tr("nothing of it was installed; if the new file is meant, lock it anew"),
            name=name,
            **spot(case.where(name)),
        )
    if re.search(
        r"requires? (?:all requirements|them all) to have hashes|--require-hashes.{0,80}must have|hashes are required",
        case.output,
        re.DOTALL,
    ):
        return Refused(
            "python.no_hash",
            tr("could not {doing}: not every requirement has a hash", doing=case.doing),
            details=end(case.output),
        )
    return None


def _archive(case: Case) -> InstallerError | None:
    """An archive that would be unpacked to where it must not be, or differently by different programs."""
    pattern = (
        r"unacceptable filename|multiple entries with different contents|ZIP file (?:uses conflicting|contains|reports)"
        r"|Failed to extract archive[^\0]{0,300}(?:File exists|Not a directory|Is a directory)"
        r"|Bad uncompressed size|(?:must resolve to a file|must be) within the scripts directory"
        r"|must not use the reserved name|invalid (?:console|gui) script"
        r"|zipfile\.BadZipFile|data directory contents should be named like"
        r"|trying to install outside the target directory|Invalid script entry point name"
    )
    if not re.search(pattern, case.output):
        return None
    name = first(case.output, r"Failed to (?:download|install|extract)[^`\n]*?[`(]+([\w.-]+)==", r"For req: ([\w.-]+)")
    return Refused(
        "python.archive",
        tr("the archive of `{name}` must not be trusted", name=name or "?") + at(case.where(name)),
        details=lines(case.output, pattern),
        hint=tr("nothing of it was installed; find out who published it before you ask for it again"),
        name=name,
        **spot(case.where(name)),
    )


def _offline(case: Case) -> InstallerError | None:
    if "network was disabled" not in case.output and "Network connectivity is disabled" not in case.output:
        return None
    name = first(
        case.output,
        r"(?:Because )?`?([\w.\-=<>!~]+)`? was not found in the cache",
        r"required for: `([^`]+)`",
        r"download `([^`]+)`",
    )
    return Unavailable(
        "python.offline",
        tr("`{name}` is not in the cache, and the network is switched off", name=name or "?") + at(case.where(name)),
        hint=tr("run it once without --offline"),
        **spot(case.where(name)),
    )


def _not_allowed(case: Case) -> InstallerError | None:
    found = re.search(
        r"\(?\b(40[13])(?:\b| (?:Unauthorized|Forbidden))[^\n]*|HTTP error (40[13])|lack of valid authentication",
        case.output,
    )
    if not found or not re.search(
        r"status client error|HTTP error|authentication|Unauthorized|Forbidden|Credentials not correct", case.output
    ):
        return None
    return NotAllowed(
        "python.not_allowed",
        tr("could not {doing}: the index asks for other credentials", doing=case.doing),
        details=lines(case.output, r"40[13]|authentication|credential"),
        hint=tr("check the index's user name and token: keyring, netrc or the index variables of uv and pip"),
    )


def _disk(case: Case) -> InstallerError | None:
    if "No space left on device" not in case.output and "os error 28" not in case.output:
        return None
    return StepFailed(
        "disk.full",
        tr("could not {doing}: the disk is full", doing=case.doing),
        details=lines(case.output, "No space|os error 28"),
        hint=tr("make room, or mend it; then run the same command again: it goes on where it stopped"),
    )


def _build(case: Case) -> InstallerError | None:
    if not re.search(
        r"build backend returned an error|Failed to build|metadata-generation-failed|subprocess-exited-with-error"
        r"|Failed building|failed-wheel-build|Failed to (?:resolve|install) requirements from",
        case.output,
    ) or re.search(
        r"Git operation failed|Failed to resolve requirements from|Failed to install requirements from", case.output
    ):
        return None
    name = first(
        case.output,
        r"Failed to (?:download and )?build `([^`@]+?)(?: @[^`]*)?`",
        r"Failed building (?:wheel|editable) for ([\w.-]+)",
        r"× Failed to build ([\w.-]+)",
    )
    place = case.where(name.partition("==")[0])  # uv says `name==1.0`
    lack = headers.find(case.output)
    message = tr("`{name}` could not be built", name=name) if name else tr("a project could not be built")
    hint = ""
    if lack is not None:
        message += ": " + tr("{kind} `{what}` is missing", kind=tr(lack.kind), what=lack.what)
        if lack.provider and lack.provider.debian:
            message += ", " + tr("which Debian has in {package}", package=lack.provider.debian)
        hint = (
            headers.advice(lack.provider)
            if lack.provider
            else tr("find out which system package brings it, and install that")
        )
    return BuildFailed(
        message + at(place),
        output=case.output,
        details=end(case.output),
        hint=hint or tr("the log of the run has all that the build said"),
        name=name,
        lack=lack,
        place=place,
    )


def _malformed(case: Case) -> InstallerError | None:
    """A line that is no requirement: uv shows it above its carets, pip between quotes."""
    found = re.search(
        r"Couldn't parse requirement in `[^`]+` at position[^\^]*\n[ \t]*(\S[^\n]*)\n[ \t]*\^", case.output
    )
    found = found or re.search(r"Invalid requirement: '([^'\n]+)'", case.output)
    if not found:
        return None
    name = first(found[1], r"^([\w.-]+)")
    return StepFailed(
        "python.malformed",
        tr("`{requirement}` is no requirement", requirement=found[1]) + at(case.where(name)),
        details=end(case.output),
        hint=tr("mend the requirement, then run the same command again"),
        requirement=found[1],
        **spot(case.where(name)),
    )


def _network(case: Case) -> InstallerError | None:
    pattern = (
        r"client error \(Connect\)|dns error|tcp connect|timed? ?out|status server error"
        r"|\b(?:429|50[0234])\b[^\n]{0,40}(?:for url|Error)"
        r"|status client error \(4(?:04|10)\b|error sending request|Network is unreachable"
        r"|Could not resolve host|Connection (?:refused|reset|aborted)|unable to access|Could not read from remote"
        r"|NewConnectionError|ProxyError|SSLError|certificate|IncompleteRead|error decoding response body"
    )
    if not re.search(pattern, case.output, re.IGNORECASE):
        return None
    return Unavailable(
        "python.unavailable",
        tr("could not {doing}: the index or a server did not answer", doing=case.doing),
        details=lines(case.output, pattern) or end(case.output),
        hint=tr("the same command goes on from here once it answers"),
    )


def _unsuitable(case: Case) -> InstallerError | None:
    found = re.search(
        r"current Python version \(([\d.]+\w*)\) does not\s+satisfy\s+Python\s*([<>=!~\d., *]+\d)", case.output
    ) or re.search(r"requires a different Python: ([\d.]+) not in '([^']+)'", case.output)
    if not found or "was not found in the package registry" in case.output:
        return None
    name = first(
        case.output,
        r"and ([\w.-]+?)(?:\[|[<>=]+)[^\s]* depends on Python",
        r"Package '([\w.-]+)' requires a different Python",
    )
    return StepFailed(
        "python.unsuitable",
        tr(
            "Python {version} is not for `{name}`, which wants {needs}",
            version=found[1],
            name=name or "?",
            needs=found[2],
        )
        + at(case.where(name)),
        details=end(case.output),
        needs=found[2].replace(" ", ""),
        version=found[1],
        name=name,
        **spot(case.where(name)),
    )


def _not_found(case: Case) -> InstallerError | None:
    flat = " ".join(case.output.split())
    absent = re.search(
        r"Because ([\w.-]+) was not found in the package registry and (?:you|[\w.-]+==\S+) "
        r"(?:require|depends on)s? (\S+?),",
        flat,
    )
    wrong = re.search(
        r"(?:there is no version of|there are no versions of|only \S+ is available[^,]*) (\S+?) and (?:you|\S+) "
        r"(?:require|depends on)s? (\S+?),",
        flat,
    )
    pip = (
        None
        if "NewConnectionError" in flat or "Retrying (" in flat
        else re.search(r"No matching distribution found for ([^\s(]+)", flat)
    )
    found = absent or wrong or pip
    if not found:
        return None
    requirement = found[found.lastindex or 1]
    name = re.split(r"[<>=!~\[]", requirement)[0]
    message = (
        tr("no index has `{name}`", name=name)
        if absent
        else tr("there is no version for `{requirement}`", requirement=requirement)
    )
    return StepFailed(
        "python.not_found",
        message + at(case.where(name)),
        details=lines(case.output, r"^\s*hint:|Because|ERROR:"),
        hint=tr("mend the requirement, then run the same command again"),
        name=name,
        requirement=requirement,
        **spot(case.where(name)),
    )


def _conflict(case: Case) -> InstallerError | None:
    if not re.search(
        r"No solution found|unsatisfiable|ResolutionImpossible|conflicting dependencies|conflicting URLs", case.output
    ):
        return None
    return StepFailed(
        "python.conflict",
        tr("could not {doing}: the requirements contradict each other", doing=case.doing),
        details=end(case.output),
        hint=tr("loosen one of them, then run the same command again"),
        **_asked_for(case),
    )


def _asked_for(case: Case) -> dict[str, Any]:
    """Where the first of the requirements that contradict each other stands, of those that the project itself has."""
    asked = r"(?:you require|The user requested) ([\w.-]+)"
    names = re.findall(asked, " ".join(case.output.split()))
    return next(filter(None, (spot(case.where(name)) for name in names)), {})


# In the order in which they are looked for: a build that fails may quote any of the others.
KINDS: tuple[Callable[[Case], InstallerError | None], ...] = (
    _hash,
    _archive,
    _disk,
    _build,
    _malformed,
    _offline,
    _not_allowed,
    _unsuitable,
    _not_found,
    _network,
    _conflict,
)
