"""How an error looks: `error:`, details, what is kept, a blank line, `hint:`. As JSON: the same facts."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from installer import __version__, ci
from installer.errors import InstallerError
from installer.i18n import tr
from installer.redact import redact
from installer.show.words import clean_lines

if TYPE_CHECKING:
    from collections.abc import Sequence

    import click

BUG = 70


def show(error: InstallerError, *, as_json: bool, state: Sequence[str] = ()) -> int:
    """Say what went wrong, and in what `state` things are now; returns the exit code."""
    if ci.in_use():
        from installer.cli.served_report import report

        report(error)
    if as_json:
        from installer.show.jsonlines import line

        sys.stdout.write(line({"event": "error", "error": error.as_json() | ({"state": list(state)} if state else {})}))
    else:
        sys.stdout.flush()
        sys.stderr.write("\n".join(lines(error, state)) + "\n")
    sys.stderr.flush()
    return error.exit_code


def lines(error: InstallerError, state: Sequence[str] = ()) -> list[str]:
    """The error for people. What came from elsewhere is made harmless and free of secrets."""
    first, *rest = clean_lines(redact(error.message))
    below = [*rest, *(line for detail in error.details for line in clean_lines(redact(detail))), *state]
    said_no = error.code == "not.agreed" and error.facts.get("answer") == "no"  # that is no error
    text = [first if said_no else tr("error: {message}", message=first), *(f"  {line}".rstrip() for line in below)]
    return text + (["", tr("hint: {hint}", hint=redact(error.hint))] if error.hint else [])


def show_usage(error: click.ClickException, *, as_json: bool, junit: str = "") -> int:
    """A command line that click cannot read. In the report `junit`, where the verb writes one, it is a case."""
    from installer.cli.usage import sentence
    from installer.errors import UsageError

    context = getattr(error, "ctx", None)
    hint = tr("`{command} --help` shows what there is", command=context.command_path) if context else ""
    known = UsageError("usage", sentence(error), hint=hint)
    if junit and context and any(each.name == "junit" for each in context.command.params):
        from installer.cli.verified_junit import note

        note(junit, known)
    return show(known, as_json=as_json)


def show_bug(error: Exception, argv: Sequence[str]) -> int:
    """An error of ours: a log with versions and trace is written and named."""
    import traceback

    trace = "".join(traceback.format_exception(error))
    loud = "--debug" in argv or any(word.startswith("-vv") for word in argv)
    if loud:
        sys.stderr.write(redact(trace))
    path = _log(trace, argv)
    known = InstallerError(
        "bug",
        tr("this should not have happened: {kind}: {message}", kind=type(error).__name__, message=error),
        details=(tr("versions and trace are in {path}", path=path),) if path else (),
        hint=tr("please report the log; an unfinished run goes on when the same command is run again"),
        log=path,
    )
    known.exit_code = BUG
    return show(known, as_json="--json" in argv)


def _folder() -> str:
    try:
        return os.getcwd()
    except OSError as error:
        return str(error)


def _log(trace: str, argv: Sequence[str]) -> str:
    """Write the log where a file of ours may be written without knowing the project; returns its path, or nothing."""
    import platform
    import tempfile
    from datetime import UTC, datetime

    text = "\n".join(
        (
            f"surefoot {__version__}",
            f"python {sys.version}",
            f"platform {platform.platform()}",
            f"time {datetime.now(UTC).isoformat(timespec='seconds')}",
            f"arguments {list(argv)!r}",
            f"folder {_folder()}",
            "",
            trace,
        )
    )
    try:
        descriptor, path = tempfile.mkstemp(prefix="surefoot-bug-", suffix=".log")
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="backslashreplace") as stream:
            stream.write(redact(text))
    except OSError:
        return ""
    return path
