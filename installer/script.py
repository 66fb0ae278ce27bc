"""The same undo list as a POSIX shell script: the way back on a machine where Python is broken or gone.

It uses `sh`, `cp`, `mv`, `rm`, `mkdir`, `rmdir`, `chmod`, `ln`, `sha256sum` and nothing else, quotes every name, reads
itself whole before it begins (one brace-wrapped body), and may be run again after being cut short.
"""

from __future__ import annotations

import json
import shlex
from typing import TYPE_CHECKING

from installer import files, guard
from installer.model import Command, Delete, Exchange, Guard, Lasting, Move, Prune, Restore, Undo

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from installer.rollback import Place
    from installer.state import Run, StepState

FLAG = "rolled-back-by-script"  # what the script leaves behind for the tool: the id of the run

_HEAD = """\
#!/bin/sh
# Takes back the installation {install_id}. Run it with: sh {name}
# Written by Surefoot before every step, replaced only by renaming; it needs no Python.
{{
set -eu
umask 077
root={root}
state={state}
id={install_id}
kept="$root/$state/kept/$id"
bad=0
aside=0
cd "$root" || exit 5

say() {{ printf '%s\\n' "$*"; }}
fail() {{ bad=$((bad + 1)); printf 'not done: %s\\n' "$*" >&2; }}
there() {{ [ -e "$1" ] || [ -L "$1" ]; }}
plain() {{  # refuses a path whose parent is a link
  rest=$1 seen=
  while :; do
    case $rest in */*) seen=$seen${{rest%%/*}} rest=${{rest#*/}} ;; *) return 0 ;; esac
    if [ -L "$seen" ]; then fail "$1: $seen is a link"; return 1; fi
    seen=$seen/
  done
}}
sum_of() {{ [ -f "$1" ] && [ ! -L "$1" ] || return 0; set -- $(sha256sum < "$1"); printf %s "$1"; }}
parents() {{ case $1 in */*) mkdir -p -- "${{1%/*}}" ;; esac; }}
keep() {{  # moves what is at $1 to the kept folder
  to=$kept/$1 n=1
  while there "$to"; do n=$((n + 1)); to=$kept/$1_$n; done
  mkdir -p -- "${{to%/*}}"
  mv -- "$1" "$to" && aside=$((aside + 1))
}}
gone() {{ plain "$1" || return 0; if there "$1"; then rm -rf -- "$1" || fail "$1"; fi; }}
ours() {{  # $1 path, $2 sha256 of what we left (or nothing): removes it if it is still that, keeps it aside if not
  plain "$1" || return 0
  there "$1" || return 0
  if [ -n "$2" ] && [ "$(sum_of "$1")" = "$2" ]; then rm -f -- "$1"; else keep "$1"; fi
}}
empty() {{ if [ -d "$1" ] && [ ! -L "$1" ]; then rmdir -- "$1" 2>/dev/null || :; fi; }}
file() {{  # $1 path, $2 backup, $3 its sha256, $4 mode, $5 sha256 of what we left (or nothing)
  plain "$1" || return 0
  now=$(sum_of "$1")
  if [ "$now" = "$3" ] && [ ! -L "$1" ]; then chmod "$4" "$1"; return 0; fi
  if [ "$(sum_of "$2")" != "$3" ]; then fail "$1: its backup is missing or damaged"; return 0; fi
  if there "$1" && {{ [ -z "$5" ] || [ "$now" != "$5" ]; }}; then keep "$1"; fi
  parents "$1"
  cp -- "$2" "$1.surefoot-tmp" && chmod "$4" "$1.surefoot-tmp" && mv -f -- "$1.surefoot-tmp" "$1" || fail "$1"
}}
link() {{
  plain "$1" || return 0
  if there "$1"; then rm -rf -- "$1"; fi
  parents "$1"
  ln -s -- "$2" "$1" || fail "$1"
}}
folder() {{ plain "$1" || return 0; [ -d "$1" ] || {{ gone "$1"; mkdir -p -- "$1"; }}; chmod "$2" "$1"; }}
moved() {{ if there "$1" && ! there "$2"; then parents "$2"; mv -- "$1" "$2" || fail "$1"; fi; }}
swapped() {{  # $1 and $2 changed names if $1 carries the mark $3
  mark=
  if [ -f "$1/surefoot-generation" ]; then IFS= read -r mark < "$1/surefoot-generation" || :; fi
  if [ "$mark" = "$3" ] && there "$2" && ! there "$2.swap"; then mv -- "$2" "$2.swap"; fi
  if [ "$mark" = "$3" ] && there "$2.swap" && ! there "$2"; then mv -- "$1" "$2"; fi
  if there "$2.swap" && ! there "$1"; then mv -- "$2.swap" "$1"; fi
  if there "$2.swap"; then fail "$1"; fi
}}
nl='
'
only() {{  # everything below $1 (relative prefix $2) that is not a line of $names is set aside
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    there "$e" || continue
    case $skip in *"$nl$e$nl"*) continue ;; esac
    case $e in */.git|*/node_modules) continue ;; esac
    if [ -d "$e" ] && [ -f "$e/pyvenv.cfg" ]; then continue; fi
    case $names in
      *"$nl$e$nl"*) if [ -d "$e" ] && [ ! -L "$e" ]; then only "$e"; fi ;;
      *) case $e in
           */build|*.egg-info|*/__pycache__|*.pyc|*.so|*.pyd|*.dylib|*.o|*/.eggs|*/_skbuild|*/.pdm-build|*/.mesonpy-*) rm -rf -- "$e" ;;
           *.c|*.cpp) if [ -e "${{e%.*}}.pyx" ]; then rm -f -- "$e"; else keep "$e"; fi ;;
           *) keep "$e" ;;
         esac ;;
    esac
  done
}}

say "Taking back the installation $id in $root"
"""

_TAIL = """
if [ "$bad" -gt 0 ]; then
  say "$bad thing(s) could not be taken back; run this again, or manage.py rollback" >&2
  exit 5
fi
printf '%s\\n' "$id" > "$root/$state/checkpoints/{flag}"
if [ "$aside" -gt 0 ]; then say "$aside thing(s) that may be yours were moved to $kept"; fi
say "Done: the project is as it was before $id"
exit 0
}}
"""


Rendered = dict[tuple[int, str], str]  # the lines of a step, by its intent's number and its status


def render(run: Run, place: Place, name: str, known: Rendered | None = None) -> bytes:
    """The script that takes back all of `run` that stands now. `known` keeps what was rendered before."""
    lines = {} if known is None else known
    head = _HEAD.format(
        install_id=run.install_id, name=shlex.quote(name), root=_quote(str(place.root)), state=_quote(place.state)
    )
    for state in run.standing:
        if (state.seq, state.status) not in lines:
            lines[state.seq, state.status] = "\n".join(_step(state, place))
    body = "\n".join(lines[state.seq, state.status] for state in run.undo_order())
    return (head + body + "\n" + _TAIL.format(flag=FLAG)).encode("utf-8", "surrogateescape")


def write(run: Run, place: Place, path: Path, known: Rendered | None = None) -> None:
    """Replace the script at `path`, whole or not at all."""
    files.replace(path, render(run, place, path.name, known), mode=0o700)


def _step(state: StepState, place: Place) -> Iterator[str]:
    yield f"# {_comment(state.step.id)}: {_comment(state.step.title)}"
    for undo in state.undo:
        yield from _lines(undo, state, place)


def _lines(undo: Undo, state: StepState, place: Place) -> Iterator[str]:  # noqa: C901 -- one arm an undo kind
    match undo:
        case Delete():
            yield from _delete(undo, state)
        case Restore(kind="link"):
            yield f"link {_quote(undo.path)} {_quote(undo.target)}"
        case Restore(kind="folder"):
            if (state.digests.get(undo.path) or "").startswith("tree:"):
                yield f"if [ -d {_quote(undo.path)} ]; then keep {_quote(undo.path)}; fi"
            else:
                yield f"gone {_quote(undo.path)}"
            yield f"folder {_quote(undo.path)} {undo.mode:o}"
        case Restore():
            ours = state.digests.get(undo.path, "").removeprefix("sha256:")
            yield f"file {_quote(undo.path)} {_quote(undo.backup)} {undo.sha256} {undo.mode:o} {_quote(ours)}"
        case Move():
            yield f"moved {_quote(undo.path)} {_quote(undo.home)}"
        case Exchange():
            yield f"swapped {_quote(undo.first)} {_quote(undo.second)} {_quote(undo.mark)}"
        case Prune():
            yield from _prune(undo)
        case Guard():
            yield from _guard(undo, state, place)
        case Command():
            yield f"{shlex.join(undo.argv)} || fail {_quote(shlex.join(undo.argv))}"
        case Lasting():
            yield f"say {_quote('stays: ' + undo.reason)}"


def _delete(undo: Delete, state: StepState) -> Iterator[str]:
    left = state.digests.get(undo.path, "")
    if left.startswith("sha256:") and not undo.scratch:
        yield f"ours {_quote(undo.path)} {left[7:]}"
    elif left.startswith("tree:") and not undo.scratch:
        yield f"if there {_quote(undo.path)}; then keep {_quote(undo.path)}; fi"
    else:
        yield f"gone {_quote(undo.path)}"
    for parent in undo.empty_parents:
        yield f"empty {_quote(parent)}"


def _prune(undo: Prune) -> Iterator[str]:
    """A folder of our own that grew: what was not there before goes."""
    patterns = "|".join(_quote(f"{undo.path}/{name}") for name in undo.keep) or "''"
    path = _quote(undo.path)
    yield f"for e in {path}/* {path}/.[!.]*; do"
    yield f"""  case $e in {patterns}) ;; *) if there "$e"; then gone "$e"; fi ;; esac"""
    yield "done"


def _guard(undo: Guard, state: StepState, place: Place) -> Iterator[str]:
    listing = guard.load(place.root / undo.listing)
    left = state.digests.get(undo.path, "")
    if left.startswith("guard:"):
        yield from _finished_guard(undo, listing, json.loads(left[6:]), place)
        return
    prefix = "" if undo.path == "." else f"{undo.path}/"
    # `only` walks from the tree's own name, so a tree at the root is walked as "./…": the names are given that form.
    start = "." if undo.path == "." else undo.path
    names = [f"{start}/{name}" for name in listing.entries]
    skipped = [f"{start}/{name}" for name in (*listing.skipped, *_below(place, undo.path))]
    yield f"names={_quote(chr(10) + chr(10).join(names) + chr(10))}"
    yield f"skip={_quote(chr(10) + chr(10).join(skipped) + chr(10))}"
    yield f"only {_quote(start)}"
    for name, entry in listing.entries.items():
        yield from _entry(prefix + name, entry, "")


def _finished_guard(undo: Guard, listing: guard.Listing, ours: dict[str, str], place: Place) -> Iterator[str]:
    prefix = "" if undo.path == "." else f"{undo.path}/"
    for name in sorted(ours, reverse=True):
        if name not in listing.entries:
            artefact = guard.is_artefact(place.root / undo.path, name)
            path = _quote(prefix + name)
            if ours[name] == "folder":
                yield f"empty {path}"
            elif artefact:
                yield f"gone {path}"
            else:
                yield f"if there {path}; then keep {path}; fi"
    for name in sorted(ours):
        if name in listing.entries:
            yield from _entry(prefix + name, listing.entries[name], "")


def _entry(path: str, entry: guard.Entry, ours: str) -> Iterator[str]:
    if entry.kind == "folder":
        yield f"folder {_quote(path)} {entry.mode:o}"
    elif entry.kind == "link":
        yield f"[ -L {_quote(path)} ] || link {_quote(path)} {_quote(entry.target)}"
    elif entry.kind == "file" and entry.copy:
        yield f"file {_quote(path)} {_quote(entry.copy)} {entry.sha256} {entry.mode:o} {_quote(ours)}"


def _below(place: Place, tree: str) -> list[str]:
    """What no guard looks into, relative to `tree`."""
    base = place.root if tree == "." else place.root / tree
    return [str(each.relative_to(base)) for each in place.skip if each.is_relative_to(base) and each != base]


def _quote(text: str) -> str:
    return shlex.quote(text)


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
