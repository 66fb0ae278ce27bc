"""The same undo list as a POSIX shell script: the way back on a machine where Python is broken or gone.

It uses `sh`, `cp`, `mv`, `rm`, `mkdir`, `rmdir`, `chmod`, `ln`, `ls`, `readlink`, `sha256sum` and nothing else (`flock`
and `sync` where there are such; macOS has no flock), quotes every name, reads itself whole before it begins (one
brace-wrapped body), and may be run again after being cut short. There is no `set -e`: one thing that cannot be taken
back is counted and named, and does not stop the others.
"""

from __future__ import annotations

import os
import shlex
from pathlib import PurePath
from typing import TYPE_CHECKING

from installer import files, guard, rollback, witness
from installer.errors import Refused
from installer.model import Command, Delete, Exchange, Guard, Lasting, Move, Prune, Restore, Undo
from installer.store import SCRIPT_NOTE

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

    from installer.model import RelPath
    from installer.rollback import Place
    from installer.state import Run, StepState


_HEAD = """\
#!/bin/sh
# Takes back the installation {install_id}. Run it with: sh {name}
# Written by Surefoot before every step, replaced only by renaming; it needs no Python.
{mark}
{{
set -u
umask 077
unset CDPATH
root={root}
here=${{0%/*}}
[ "$here" != "$0" ] || here=.
first=
if [ -f "$here/journal.jsonl" ]; then IFS= read -r first < "$here/journal.jsonl"; fi
if [ -f "$here/{name}" ] && [ -f "$here/{up}"/{journal} ]; then  # the project may have been moved
  cd -P -- "$here/{up}" || exit 5
else
  cd -- "$root" || exit 5
fi
state={state}
id={install_id}
case $first in
  *'"type":"Opened","install_id":"'"$id"'"'*) ;;
  *'"type":"Opened"'*)  # the next one was cut short before its first step, or it is an older one's turn
    printf 'The records are of another installation than %s, so nothing is taken back: see manage.py status\n' "$id"
    exit 0 ;;
esac
kept=$state/kept/$id
if [ -w "$state/lock" ] && [ ! -L "$state/lock" ] && command -v flock > /dev/null 2>&1; then
  exec 9>> "$state/lock"  # the lock of the tool; where there is no flock, see to it that nothing else runs
  flock -n 9 || {{ printf 'not begun: another run holds this project\n' >&2; exit 3; }}
fi
bad=0 aside=0 left=0
nl='
'

say() {{ printf '%s\\n' "$*"; }}
fail() {{ bad=$((bad + 1)); printf 'not done: %s\\n' "$*" >&2; }}
stays() {{ left=$((left + 1)); printf 'changed since, so it stays: %s\\n' "$1" >&2; }}
there() {{ [ -e "$1" ] || [ -L "$1" ]; }}
plain() {{  # refuses a path whose parent is a link
  rest=$1 seen=
  while :; do
    case $rest in */*) seen=$seen${{rest%%/*}}; rest=${{rest#*/}} ;; *) return 0 ;; esac
    if [ -L "$seen" ]; then fail "$1: $seen is a link"; return 1; fi
    seen=$seen/
  done
}}
sum_of() {{
  if [ -f "$1" ] && [ ! -L "$1" ]; then sum=$(sha256sum < "$1") && printf %s "${{sum%% *}}"; fi
}}
is_ours() {{  # is $1 still the file ($2 is its sha256) or the link (link:TARGET) that we left?
  case $2 in
    link:*) [ -L "$1" ] && [ "$(readlink -- "$1")" = "${{2#link:}}" ] ;;
    sha256:*) [ "sha256:$(sum_of "$1")" = "$2" ] ;;
    *) false ;;
  esac
}}
parents() {{ case $1 in */*) [ -d "${{1%/*}}" ] || (umask 022; mkdir -p -- "${{1%/*}}") ;; esac; }}
keep() {{  # moves what is at $1 to the kept folder
  to=$kept/${{1#./}} n=1
  while there "$to" || ! mkdir -p -- "${{to%/*}}" 2>/dev/null; do
    n=$((n + 1)) to=${{kept}}_$n/${{1#./}}
    if [ "$n" -gt 99 ]; then fail "$1"; return 1; fi
  done
  if mv -- "$1" "$to"; then aside=$((aside + 1)); else fail "$1"; return 1; fi
}}
gone() {{ if plain "$1" && there "$1"; then rm -rf -- "$1" || fail "$1"; fi; }}
away() {{ if plain "$1" && there "$1"; then keep "$1"; fi; }}
ours() {{  # removes $1 if it is still what we left ($2)
  if plain "$1" && there "$1"; then
    if is_ours "$1" "$2"; then rm -f -- "$1" || fail "$1"; else stays "$1"; fi
  fi
}}
artefact() {{  # what a build tool made goes; it is set aside if it is not what we left ($2)
  if plain "$1" && there "$1"; then
    if is_ours "$1" "$2"; then rm -f -- "$1" || fail "$1"; else keep "$1"; fi
  fi
}}
empty() {{ if plain "$1" && [ -d "$1" ]; then rmdir -- "$1" 2>/dev/null; fi; }}
mode() {{  # gives $1 the mode $2; what has it is not touched: git, make and uv go by the time of a change
  want='' rest=$2
  while [ -n "$rest" ]; do
    case $rest in
      7*) want=${{want}}rwx ;; 6*) want=${{want}}rw- ;; 5*) want=${{want}}r-x ;; 4*) want=${{want}}r-- ;;
      3*) want=${{want}}-wx ;; 2*) want=${{want}}-w- ;; 1*) want=${{want}}--x ;; *) want=${{want}}--- ;;
    esac
    rest=${{rest#?}}
  done
  case $(ls -ld -- "$1") in ?"$want"[!a-zA-Z-]*) ;; *) chmod -- "$2" "$1" ;; esac
}}
way() {{  # makes room at $1: what we left ($2) goes, what nobody knows (no $2) is set aside; fails if it must stay
  there "$1" || return 0
  case $2 in
    '') keep "$1" ;;
    tree:*) if [ -d "$1" ] && [ ! -L "$1" ]; then keep "$1"; else stays "$1"; false; fi ;;
    folder) if rmdir -- "$1" 2>/dev/null; then :; else keep "$1"; fi ;;
    *) if is_ours "$1" "$2"; then rm -f -- "$1"; else stays "$1"; false; fi ;;
  esac
}}
put() {{  # $1 path, $2 backup, $3 mode, $4 where it is written first
  parents "$1"
  if cp -p -- "$2" "$4" && chmod -- "$3" "$4" && mv -f -- "$4" "$1"; then :; else fail "$1"; fi
}}
file() {{  # $1 path, $2 backup, $3 its sha256, $4 mode, $5 what we left (or nothing), $6 where it is written first
  plain "$1" || return 0
  rm -f -- "$6"
  now=$(sum_of "$1")
  if [ "$now" = "$3" ]; then mode "$1" "$4" || fail "$1"; return 0; fi
  if [ "$(sum_of "$2")" != "$3" ]; then fail "$1: its backup is missing or damaged"; return 0; fi
  if is_ours "$1" "$5" && [ ! -L "$1" ]; then put "$1" "$2" "$4" "$6"; return 0; fi
  if way "$1" "$5"; then put "$1" "$2" "$4" "$6"
  elif ! there "$1.before-$id"; then put "$1.before-$id" "$2" "$4" "$6"
  fi
}}
link() {{  # $1 path, $2 target, $3 what we left (or nothing)
  plain "$1" || return 0
  if is_ours "$1" "link:$2"; then return 0; fi
  way "$1" "$3" || return 0
  parents "$1"
  ln -s -- "$2" "$1" || fail "$1"
}}
folder() {{  # $1 path, $2 mode, $3 what we left (or nothing)
  plain "$1" || return 0
  if [ ! -d "$1" ] || [ -L "$1" ]; then
    way "$1" "$3" || return 0
    parents "$1"
    mkdir -- "$1" || {{ fail "$1"; return 0; }}
  fi
  mode "$1" "$2" || fail "$1"
}}
hollow() {{  # an empty folder was at $1, with the mode $2; $3 is what we left (or nothing)
  plain "$1" || return 0
  case $3 in
    ''|tree:*) if [ -d "$1" ] && [ ! -L "$1" ] && ! rmdir -- "$1" 2>/dev/null; then keep "$1" || return 0; fi ;;
  esac
  folder "$1" "$2" "$3"
}}
outside() {{  # a command that takes back what lies outside; 10: it names what was changed since, and left alone
  "$@"
  case $? in 0) ;; 10) left=$((left + 1)) ;; *) fail "$*" ;; esac
}}
large() {{ there "$1" || fail "$1: it was too large to be copied"; }}
moved() {{  # $1 belongs to $2
  if plain "$1" && plain "$2" && there "$1"; then
    if there "$2"; then fail "$1: it belongs to $2, where something else is"; return 0; fi
    parents "$2"
    mv -- "$1" "$2" || fail "$1"
  fi
}}
swapped() {{  # $1 and $2 changed names if $1 carries the mark $3
  plain "$1" && plain "$2" || return 0
  mark=
  if [ -f "$1/surefoot-generation" ]; then IFS= read -r mark < "$1/surefoot-generation" || :; fi
  if [ "$mark" = "$3" ] && there "$2" && ! there "$2{swap}"; then
    mv -- "$2" "$2{swap}" || {{ fail "$1"; return 0; }}
  fi
  if [ "$mark" = "$3" ] && ! there "$2"; then
    parents "$2"
    mv -- "$1" "$2" || {{ fail "$1"; return 0; }}
  fi
  if there "$2{swap}" && ! there "$1"; then mv -- "$2{swap}" "$1" || {{ fail "$1"; return 0; }}; fi
  if there "$2{swap}"; then fail "$1"; fi
}}
only() {{  # what is in $1 and is none of the names $2 (a line each) came with a build that was cut short
  plain "$1" && [ -d "$1" ] && [ ! -L "$1" ] || return 0
  for e in "$1"/* "$1"/.[!.]* "$1"/..?*; do
    there "$e" || continue
    case $2 in *"$nl${{e##*/}}$nl"*) continue ;; esac
    case $e in
      */.git) ;;
      */.surefoot-????????????????.tmp) rm -f -- "$e" || fail "$e" ;;
      {artefacts}) rm -rf -- "$e" || fail "$e" ;;
      *.c|*.cpp) if [ -e "${{e%.*}}.pyx" ]; then rm -f -- "$e" || fail "$e"; else keep "$e"; fi ;;
      *) keep "$e" ;;
    esac
  done
}}

say "Taking back the installation $id in $(pwd)"
"""

_TAIL = """
if [ "$bad" -gt 0 ]; then
  say "$bad thing(s) could not be taken back; run this again, or manage.py rollback" >&2
  exit 5
fi
if command -v sync > /dev/null 2>&1; then sync; fi  # the note that it was done must not outlive what was done
if mkdir -p -- "$state/checkpoints" && printf '%s\\n' "$id" > "$state/checkpoints/{flag}"; then :; fi
if [ "$aside" -gt 0 ]; then say "$aside thing(s) that may be yours were moved to $kept"; fi
if [ "$left" -gt 0 ]; then
  say "$left file(s) that you changed since stay as they are; what they were before has the ending .before-$id" >&2
  exit 10
fi
say "Done: the project is as it was before $id"
exit 0
}}
"""


Rendered = dict[tuple[int, str], str]  # the lines of a step, by its intent's number and its status


def render(run: Run, place: Place, script: Path, known: Rendered | None = None) -> bytes:
    """The script, at the path `script`, that takes back all of `run` that stands now.

    `known` keeps what was rendered before.
    """
    lines = {} if known is None else known
    head = _HEAD.format(
        mark=f"{witness.LINE}{run.anchor or ''}".rstrip(),
        install_id=shlex.quote(run.install_id),
        name=shlex.quote(script.name),
        up=_up(script, place.root),
        journal=shlex.quote(f"{place.state}/checkpoints/journal.jsonl"),
        root=_quote(str(place.root)),
        state=_quote(place.state),
        swap=rollback.SWAP,
        artefacts="|".join(f"*/{each}" for each in guard.ARTEFACTS),
    )
    for state in run.standing:
        if (state.seq, state.status) not in lines:
            lines[state.seq, state.status] = "\n".join(_step(state, place))
    body = "\n".join(lines[state.seq, state.status] for state in run.undo_order())
    return (head + body + "\n" + _TAIL.format(flag=SCRIPT_NOTE)).encode("utf-8", "surrogateescape")


def write(run: Run, place: Place, path: Path, known: Rendered | None = None) -> None:
    """Replace the script at `path`, whole or not at all."""
    files.replace(path, render(run, place, path, known), mode=0o700)


def _up(script: Path, root: Path) -> str:
    """The way from the script's folder to the project's; one that lies elsewhere has none."""
    return "/".join([".."] * len(script.parent.relative_to(root).parts)) if script.is_relative_to(root) else "nowhere"


def _step(state: StepState, place: Place) -> Iterator[str]:
    yield f"# {_comment(state.step.id)}: {_comment(state.step.title)}"
    for undo in state.undo:
        try:
            yield from list(_lines(undo, state, place))
        except (OSError, ValueError, KeyError, TypeError, Refused) as error:
            yield f"fail {_quote(f'what {state.step.id} changed cannot be read: {error}')}"


def _lines(undo: Undo, state: StepState, place: Place) -> Iterator[str]:
    rollback.refuse_sacred(undo)
    left = state.digests.get(getattr(undo, "path", ""), "")
    match undo:
        case Delete():
            yield _delete(undo, left, place)
            yield from (f"empty {_path(parent)}" for parent in undo.empty_parents)
        case Restore():
            yield _restore(undo, left, place)
        case Move():
            yield f"moved {_path(undo.path)} {_path(undo.home)}"
            yield from (f"empty {_path(parent)}" for parent in undo.empty_parents)
        case Exchange():
            yield f"swapped {_path(undo.first)} {_path(undo.second)} {_quote(undo.mark)}"
        case Prune():
            yield from _prune(undo)
        case Guard():
            yield from _guard(undo, left, place)
        case Command():
            yield f"outside {shlex.join(undo.argv)}"
        case Lasting():
            yield f"say {_quote('stays: ' + undo.reason)}"


def _delete(undo: Delete, left: str, place: Place) -> str:
    path = _path(undo.path)
    if undo.scratch or (not left and undo.path.within(place.state)):
        return f"gone {path}"
    unfinished = f"gone {_temporary(undo.path)}\n"
    if not left or left.startswith("tree:"):
        return f"{unfinished}away {path}"
    return f"{unfinished}ours {path} {_quote(left)}"


def _restore(undo: Restore, left: str, place: Place) -> str:
    path = _path(undo.path)
    match undo.kind:
        case "link":
            return f"gone {_temporary(undo.path)}\nlink {path} {_quote(undo.target)} {_quote(left)}"
        case "folder" if not left and undo.path.within(place.state):
            return f"gone {path}\nhollow {path} {undo.mode:o} ''"
        case "folder":
            return f"gone {_temporary(undo.path)}\nhollow {path} {undo.mode:o} {_quote(left)}"
    backup = _path(undo.backup)
    return f"file {path} {backup} {undo.sha256} {undo.mode:o} {_quote(left)} {_temporary(undo.path)}"


def _prune(undo: Prune) -> Iterator[str]:
    """A folder of our own that grew: what was not there before goes."""
    patterns = "|".join(_quote(f"./{undo.path}/{name}") for name in undo.keep) or "''"
    path = _path(undo.path)
    yield f"for e in {path}/* {path}/.[!.]* {path}/..?*; do"
    yield f"""  case $e in {patterns}) ;; *) gone "$e" ;; esac"""
    yield "done"


def _guard(undo: Guard, left: str, place: Place) -> Iterator[str]:
    listing = guard.load(place.root / undo.listing)
    tree = _path(undo.path)
    yield f"if [ -L {tree} ] || {{ there {tree} && [ ! -d {tree} ]; }}; then fail {tree}; else"
    if left:
        ours = rollback.accounts(left, place.root)
        yield from _what_a_step_made(undo.path, listing, ours, place)
        wanted = {name: ours[name] for name in sorted(ours) if name in listing.entries}
    else:
        yield from _what_came(undo.path, listing, place)
        wanted = dict.fromkeys(sorted(listing.entries), "")
    folders = []
    for name, mine in wanted.items():
        entry = listing.entries[name]
        yield from _entry(_join(undo.path, name), entry, mine, place)
        if entry.kind == "folder":
            path = _path(_join(undo.path, name))
            folders.append(f"if [ -d {path} ]; then mode {path} {entry.mode:o}; fi")
    yield from reversed(folders)
    yield f"if [ -d {tree} ]; then mode {tree} {listing.mode:o}; fi" if not left or "." in ours else ":"
    yield "fi"


def _what_came(tree: RelPath, listing: guard.Listing, place: Place) -> Iterator[str]:
    """After a cut: one line a folder, with the names that it held."""
    below = (str(each.relative_to(place.root)) for each in place.skip if each.is_relative_to(place.root))
    names: dict[str, list[str]] = {}
    for name in (*(_join(tree, each) for each in (*listing.entries, *listing.skipped)), *below):
        folder, _, last = name.rpartition("/")
        names.setdefault(folder or ".", []).append(last)
    for folder in (tree, *(_join(tree, name) for name, entry in listing.entries.items() if entry.kind == "folder")):
        lines = "\n".join(["", *names.get(folder, []), ""])
        yield f"only {_path(folder)} {_quote(lines)}"


def _what_a_step_made(tree: RelPath, listing: guard.Listing, ours: Mapping[str, str], place: Place) -> Iterator[str]:
    for name in sorted(set(ours) - set(listing.entries) - {"."}, reverse=True):
        path = _path(_join(tree, name))
        if ours[name] == "folder" and guard.is_looked_into(place.root / tree / name):
            yield f"empty {path}"
        elif guard.is_artefact(place.root / tree, name):
            yield f"artefact {path} {_quote(ours[name])}"
        else:
            yield f"away {path}"


def _entry(path: str, entry: guard.Entry, ours: str, place: Place) -> Iterator[str]:
    match entry.kind:
        case "folder":
            yield f"folder {_path(path)} 700 {_quote(ours)}"
        case "link":
            yield f"link {_path(path)} {_quote(entry.target)} {_quote(ours)}"
        case "file" if entry.copy:
            copy = _path(os.path.relpath(entry.copy, place.root))
            yield f"file {_path(path)} {copy} {entry.sha256} {entry.mode:o} {_quote(ours)} {_temporary(path)}"
        case "file":
            yield f"large {_path(path)}"


def _join(tree: str, name: str) -> str:
    """The name in the project of what is called `name` in `tree`; it may be any that a disk takes."""
    return name if tree == "." else f"{tree}/{name}"


def _temporary(path: str) -> str:
    return _path(str(files.temporary(PurePath(path))))


def _path(path: str) -> str:
    """A name that no command takes for an option."""
    return shlex.quote("." if path == "." else f"./{path}")


def _quote(text: str) -> str:
    return shlex.quote(text)


def _comment(text: str) -> str:
    return "".join(character if character.isprintable() else "?" for character in text)
