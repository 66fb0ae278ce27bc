"""Draws docs/run.svg from a real run: installed, killed, gone on with, taken back.

    python3 benchmarks/picture.py FOLDER docs/run.svg

FOLDER is a project; a copy of it is used. What is drawn is what the terminal showed, read off a pseudo-terminal.
"""

from __future__ import annotations

import io
import os
import re
import shutil
import signal
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT))

from installer import toolenv  # noqa: E402 -- the folder is known only now

WIDTH, HEIGHT = 84, 40
KILL_AT = "Install the packages"
TRIES = 20
_PIECE = re.compile(r"\x1b\[([?\d;]*)([A-Za-z])|\x1b\][^\x07]*\x07|([^\x1b])", re.DOTALL)


class Screen:
    """As much of a terminal as the live display asks for: lines, upwards, erase, colours."""

    def __init__(self) -> None:
        self.lines = [""]
        self.row = 0

    def feed(self, text: str) -> None:
        """Take what a program wrote."""
        for match in _PIECE.finditer(text):
            numbers, command, character = match.groups()
            if command == "A":
                self.row = max(0, self.row - int(numbers or 1))
            elif command == "K":
                self.lines[self.row] = ""
            elif command == "m":
                self.lines[self.row] += match.group()
            elif character == "\n":
                self.row += 1
                self.lines += [""] * (self.row + 1 - len(self.lines))
            elif character and character != "\r":
                self.lines[self.row] += character

    def say(self, text: str, *before: str) -> None:
        """Add a line of our own below the last, and what comes `before` it."""
        while self.lines and not self.lines[-1].strip():
            self.lines.pop()
        self.lines += [*before, text, ""]
        self.row = len(self.lines) - 1


def show(screen: Screen, prompt: str, command: list[str], folder: Path, *, kill_at: str = "") -> bool:
    """Run `command` as a person would in a terminal; kill it once `kill_at` is on the screen. Was it killed?"""
    import pty

    screen.say(f"\x1b[2m$\x1b[0m \x1b[1m{prompt}\x1b[0m", *([""] if screen.row else []))
    began = len(screen.lines)
    pid, terminal = pty.fork()
    if pid == 0:
        os.chdir(folder)
        settings = {"TERM": "xterm-256color", "COLUMNS": str(WIDTH), "LINES": str(HEIGHT), "LC_ALL": "C.UTF-8"}
        kept = {name: value for name, value in os.environ.items() if name not in {"CI", "NO_COLOR"}}
        os.execve(command[0], command, kept | settings)  # noqa: S606 -- a program on a terminal of its own
    while data := _read(terminal):
        screen.feed(data)
        if kill_at and any(kill_at in line for line in screen.lines[began:]):
            os.kill(pid, signal.SIGKILL)
            break
    status = os.waitpid(pid, 0)[1]
    os.close(terminal)
    return os.WIFSIGNALED(status)


def _read(terminal: int) -> str:
    try:
        return os.read(terminal, 1 << 16).decode("utf-8", "replace")
    except OSError:  # the other end is closed
        return ""


def session(source: Path, folder: Path) -> Screen:
    """The whole story, in a copy of `source`; begun again when the machine was quicker than the kill."""
    python = toolenv.base_interpreter()
    quickstart = [python, str(ROOT / "quickstart.py"), "-y"]
    for number in range(TRIES):
        screen, project = Screen(), folder / str(number) / source.name
        shutil.copytree(source, project, symlinks=True, ignore=shutil.ignore_patterns(".venv", ".surefoot"))
        if show(screen, "python3 quickstart.py -y", quickstart, project, kill_at=KILL_AT):
            screen.say("\x1b[31mKilled\x1b[0m")
            show(screen, "python3 quickstart.py -y", quickstart, project)
            back = [python, str(ROOT / "manage.py"), "rollback", "-q"]
            show(screen, "python3 manage.py rollback -q", back, project)
            return screen
    sys.exit(f"it was never seen at `{KILL_AT}`")


def draw(screen: Screen, target: Path, title: str) -> None:
    """Write the picture; no font is fetched from anywhere, the reader's own monospaced one is used."""
    from rich.console import Console
    from rich.terminal_theme import SVG_EXPORT_THEME
    from rich.text import Text

    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    for line in screen.lines:
        console.print(Text.from_ansi(line), no_wrap=True, overflow="ellipsis", crop=True)
    svg = console.export_svg(title=title, theme=SVG_EXPORT_THEME, unique_id="run")
    svg = re.sub(r"@font-face\s*{.*?}\s*", "", svg, flags=re.DOTALL)
    svg = svg.replace("<svg ", '<svg xml:space="preserve" ', 1)
    svg = svg.replace("Fira Code", "ui-monospace, Menlo, Consolas, DejaVu Sans Mono")
    target.write_text("\n".join(line.rstrip() for line in svg.splitlines()) + "\n", encoding="utf-8")


def main() -> None:
    """Run in a copy of the project, draw."""
    source, target = Path(sys.argv[1]).resolve(), Path(sys.argv[2]).resolve()
    with tempfile.TemporaryDirectory() as folder:
        screen = session(source, Path(folder))
    draw(screen, target, source.name)


if __name__ == "__main__":
    if Path(sys.prefix) != Path(toolenv.tool_python(str(ROOT))).parents[1]:  # rich is among the tool's own packages
        os.execv(toolenv.tool_python(str(ROOT)), [toolenv.tool_python(str(ROOT)), "-I", *sys.argv])  # noqa: S606
    main()
