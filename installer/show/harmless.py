"""A stream that a build server reads: of all that is written to it, only our own commands are commands.

What a package, a build or a file name says ends up in the log of a job, where GitHub's runner obeys every line that
begins with `::`, after any blanks, and the older `##[…]` wherever it stands; GitLab folds what is between two of its
marks. So whatever is not ours is made harmless on its way out, here, and not by each of those who write.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from installer import lazily

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from typing import TextIO

# a line ends at a line feed or a carriage return; blanks as .NET trims them, and what it may take off as well
_COMMAND = lazily.pattern("(?m)(?P<before>(?:^|\r)(?:[^\\S\r\n]|[\ufeff\u200b])*)::")
_OLD_COMMAND = "##["
_SECTION = lazily.pattern("section_(?=(?:start|end):)")


class Harmless:
    """Wraps `stream`, which stays as it is; `command` passes it by. Whole lines: the rest of one waits for its end.

    What is not of text streams' writing is left to `stream`.
    """

    def __init__(self, stream: TextIO, server: str) -> None:
        self.stream = stream
        self._tame: Callable[[str], str] = _for_github if server == "github" else _for_gitlab
        self._begun = ""

    def __getattr__(self, name: str) -> Any:  # noqa: ANN401 -- whatever the stream has
        return getattr(self.stream, name)

    def write(self, text: str) -> int:
        """Write `text`, up to its last line's end; what follows is kept until that comes."""
        whole, end, self._begun = (self._begun + text).rpartition("\n")
        if end:
            self.stream.write(self._tame(whole) + end)
        return len(text)

    def writelines(self, lines: Iterable[str]) -> None:
        """Write each."""
        for line in lines:
            self.write(line)

    def flush(self) -> None:
        """Write what was begun, too, as a line of its own where it is one that could still become a command."""
        if self._begun:
            begun, self._begun = self._begun, ""
            self.stream.write(self._tame(begun) + "\n")
        self.stream.flush()

    def command(self, line: str) -> None:
        """Write a line that is meant for the server, on a line of its own."""
        self.flush()
        self.stream.write(line + "\n")
        self.stream.flush()


def _for_github(text: str) -> str:
    if "::" in text:
        text = _COMMAND.sub(r"\g<before>: :", text)
    if _OLD_COMMAND in text:
        lines = text.split("\n")
        text = "\n".join(each.replace(_OLD_COMMAND, _instead(each)) for each in lines)
    return text


def _instead(line: str) -> str:
    r"""What stands for `##[`; in a line of JSON, where it can only be in a string, what means the very same."""
    return r"#\u0023[" if line.startswith('{"') else "## ["


def _for_gitlab(text: str) -> str:
    return _SECTION.sub("section ", text) if "section_" in text else text


def command(stream: TextIO, line: str) -> None:
    """Write `line`, which is ours, to `stream` as a command."""
    if isinstance(stream, Harmless):
        stream.command(line)
    else:
        stream.write(line + "\n")
        stream.flush()
