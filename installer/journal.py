"""The journal: one checksummed JSON line a record, appended, synced, read back.

Each line carries `seq` (from 1, without gaps) and `sum`: the first 16 hex digits of the SHA-256 of the previous sum
followed by the line without its sum. So a flipped bit, a lost or swapped line and an older copy are all noticed. A torn
last line is dropped; a bad line before the end raises `Damaged`.
"""

from __future__ import annotations

import errno
import gc
import json
import os
from _thread import allocate_lock  # without `threading`, which is not needed for a lock
from contextlib import contextmanager, suppress
from typing import TYPE_CHECKING, Any, NoReturn

from installer import clock, codec, files, pins
from installer.errors import Damaged, StepFailed
from installer.frozen import dataclass
from installer.hashing import sha256
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from pathlib import Path

    from installer.model import Record
    from installer.witness import Mark

FORMAT = 1
_RESERVE = 64 << 10  # bytes set aside, so that a full disk can still be recorded
_LONGEST = 8 << 20  # no record of ours comes near; a longer line is not ours
_UPGRADES: Mapping[int, Callable[[dict[str, Any]], dict[str, Any]]] = {}  # format -> a record in the next one


@dataclass(frozen=True, slots=True)
class Entry:
    """A record with what the journal adds: its number, its time (ISO 8601 with offset), its checksum, its format."""

    seq: int
    time: str
    record: Record
    checksum: str
    version: int = FORMAT


@dataclass(frozen=True, slots=True)
class Reading:
    """What a journal holds: its good entries, and how many bytes they take. `torn`: something followed them.

    `after` is the record before the first of them, of a journal whose beginning is known and was not read.
    """

    entries: tuple[Entry, ...]
    size: int
    torn: bool
    after: Mark | None = None


class Journal:
    """An open journal; `append` returns when the record is on the disk. Threads may share it."""

    def __init__(self, path: Path, reading: Reading | None = None) -> None:
        """Open or make the journal at `path`; a torn tail is cut off. Raises `Damaged`.

        `reading` is what it holds, if the caller has just read it, with the lock in hand.
        """
        self._path = path
        self._reserve = path.with_name("reserve")
        self._lock = allocate_lock()
        reading = reading or read(path)
        _keep_old_format(path, reading)
        self.entries: list[Entry] = list(reading.entries)
        self._after = reading.after
        new = not path.exists()
        with pins.at(path) as spot:
            self._descriptor = spot.open(os.O_WRONLY | os.O_CREAT | os.O_APPEND)
        self._size = reading.size
        self._torn = reading.torn
        self._cut_back()
        self._make_reserve()
        if new:
            files.sync_folder(path.parent)

    def append(self, record: Record) -> Entry:
        """Write `record` and wait until it is durable. One that could not be read again is refused."""
        with self._lock:
            entry, line = encode(record, self.entries[-1] if self.entries else self._after)
            if len(line) > _LONGEST:
                raise StepFailed("journal.long", f"a record of {len(line)} bytes is more than the journal takes")
            self._cut_back()
            try:
                self._write(line)
            except OSError as error:
                with suppress(OSError):
                    self._cut_back()
                if error.errno not in {errno.ENOSPC, errno.EDQUOT} or not self._reserve.exists():
                    raise
                files.remove(self._reserve)
                self._cut_back()
                self._write(line)
            self.entries.append(entry)
            return entry

    def _write(self, line: bytes) -> None:
        self._torn = True
        files.append(self._descriptor, line)
        self._torn = False
        self._size += len(line)

    def close(self) -> None:
        """Let go of the file. The reserve stays: also the way back may meet a full disk."""
        if self._descriptor >= 0:
            os.close(self._descriptor)
            self._descriptor = -1

    def _cut_back(self) -> None:
        """Half a line may be there: nothing is ever written behind one."""
        if self._torn:
            os.ftruncate(self._descriptor, self._size)
            files.sync(self._descriptor)
            self._torn = False

    def _make_reserve(self) -> None:
        if not self._reserve.exists():
            with suppress(OSError):  # no room for the reserve is no reason not to start: the precheck speaks of it
                files.replace(self._reserve, b"\0" * _RESERVE, lasting="nothing")


def encode(record: Record, before: Entry | Mark | None) -> tuple[Entry, bytes]:
    """The line for `record` after the entry `before`, and the entry that reading it will give."""
    seq = before.seq + 1 if before else 1
    time = clock.now()
    body = {"v": FORMAT, "seq": seq, "time": time} | codec.to_json(record)
    text = json.dumps(body, separators=(",", ":"))
    checksum = _checksum(before.checksum if before else "", text)
    line = f'{text[:-1]},"sum":"{checksum}"}}\n'.encode()
    return Entry(seq=seq, time=time, record=record, checksum=checksum, version=FORMAT), line


def read(path: Path) -> Reading:
    """The entries of the journal at `path`; none if it is not there. Raises `Damaged`."""
    try:
        data = files.content(path)
    except FileNotFoundError:
        return Reading(entries=(), size=0, torn=False)
    except OSError as error:
        raise damaged(path, 0, tr("it cannot be read: {reason}", reason=error.strerror)) from error
    return decode(data, path)


def decode(data: bytes, path: Path, after: Mark | None = None) -> Reading:
    """The entries in `data`. A bad last line is a torn one; a bad line with a good one after it is damage.

    `after` is the record that comes before them, of a journal whose beginning is known.
    """
    with _no_collecting():
        return _decoded(data, path, after)


@contextmanager
def _no_collecting() -> Iterator[None]:
    """Nothing that is read here is garbage: looking for some after every few records takes a fifth of the time."""
    was = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was:
            gc.enable()


def _decoded(data: bytes, path: Path, after: Mark | None) -> Reading:
    entries: list[Entry] = []
    before: Entry | Mark | None = after
    position = 0
    number = 0
    while position < len(data):
        number += 1
        end = data.find(b"\n", position)
        line = data[position : end if end >= 0 else len(data)]
        entry = _entry(line, before, path, number) if end >= 0 else None
        if entry is None:
            rest = data[end + 1 :] if end >= 0 else b""
            if before is None and (rest.strip(b"\0") or not _may_be_ours(line)):
                raise damaged(path, number, tr("it was not written by Surefoot"))
            if _holds_a_record(rest):
                raise damaged(path, number, tr("a line in the middle is damaged"))
            return Reading(entries=tuple(entries), size=position, torn=True)
        entries.append(entry)
        before = entry
        position = end + 1
    return Reading(entries=tuple(entries), size=position, torn=False)


def _entry(line: bytes, before: Entry | Mark | None, path: Path, number: int) -> Entry | None:
    """The entry that `line` holds; None for a line that was not written like that, or not whole."""
    if len(line) > _LONGEST:
        return None
    try:
        text = line.decode()
    except UnicodeDecodeError:
        return None
    body, _, tail = text.rpartition(',"sum":"')
    checksum = tail.removesuffix('"}')
    if not body or checksum != _checksum(before.checksum if before else "", body + "}"):
        return None
    try:
        return _read(body + "}", checksum, before.seq + 1 if before else 1, path)
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise damaged(path, number, str(error)) from error


def _read(body: str, checksum: str, expected: int, path: Path) -> Entry:
    """The entry of a line that is whole. Raises `Damaged`, or what parsing raises for one that nobody of ours wrote."""
    data = _JSON.decode(body)
    version, seq, time = data["v"], data["seq"], data["time"]
    if type(version) is not int or type(seq) is not int or type(time) is not str or version < 1:
        raise ValueError(tr("it was not written by Surefoot"))
    if version > FORMAT:
        raise _newer(path, data)
    if seq != expected:
        raise ValueError(tr("record {seq} is out of order", seq=seq))
    for known in range(version, FORMAT):
        data = _UPGRADES[known](data)
    return Entry(seq=seq, time=time, record=codec.from_json(data), checksum=checksum, version=version)


def _no_number(word: str) -> NoReturn:
    raise ValueError(word)  # NaN, Infinity: no other reader of JSON takes them


_JSON = json.JSONDecoder(parse_constant=_no_number)


def _newer(path: Path, data: Mapping[str, Any]) -> Damaged:
    facts = data.get("facts")
    writer = str(facts.get("tool_version", "")) if isinstance(facts, dict) else ""
    return Damaged(
        "journal.newer",
        tr(
            "{path} was written by a newer version (format {version}, this one reads up to {known})",
            path=path,
            version=data["v"],
            known=FORMAT,
        ),
        hint=tr("update Surefoot to {version} or later, then run the same command again", version=writer)
        if writer
        else tr("update Surefoot, then run the same command again"),
        path=str(path),
        format=data["v"],
        needs=writer,
    )


def _keep_old_format(path: Path, reading: Reading) -> None:
    """What an older version wrote is copied before anything is added that only this one can read."""
    oldest = min((entry.version for entry in reading.entries), default=FORMAT)
    kept = path.with_name(f"{path.stem}.format-{oldest}{path.suffix}")
    if oldest < FORMAT and all(entry.version == oldest for entry in reading.entries) and not files.exists(kept):
        files.copy(path, kept)


def _may_be_ours(line: bytes) -> bool:
    """Say whether a bad first line can be a torn one of ours: a power cut leaves its start, or zeros, or its end."""
    start = line.rstrip(b"\0")[:5]
    end_only = line.startswith(b"\0") and b'"sum":"' in line and line.endswith(b'"}')
    return end_only or start == b'{"v":'[: len(start)]


def _holds_a_record(rest: bytes) -> bool:
    """Does anything after a bad line look like a whole record of ours? Then the bad one is no torn tail."""
    return any(line.startswith(b'{"v":') and line.endswith(b'"}') for line in rest.split(b"\n"))


def _checksum(previous: str, text: str) -> str:
    return sha256(f"{previous}{text}".encode("utf-8", "surrogatepass")).hexdigest()[:16]


def damaged(path: Path, line: int, what: str) -> Damaged:
    """The error for a journal that is not what it was: `what` is wrong, at or after `line` (0: all of it)."""
    place = tr("{path}, line {line}", path=path, line=line) if line else str(path)
    return Damaged(
        "journal.damaged",
        tr("the journal cannot be trusted: {place}: {what}", place=place, what=what),
        hint=tr("`manage.py checkpoint repair` shows what can be saved; nothing is changed until you agree"),
        path=str(path),
        line=line,
    )
