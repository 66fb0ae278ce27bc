"""A disk as a list of operations, and what a power cut may leave of it.

The rules are those of POSIX, not of one file system: the bytes, the mode and the times of a file are durable after an
fsync of the file; a name made, removed or renamed is durable after an fsync of the folder it is in (a rename between
two folders: of both); syncfs makes everything durable. Of the rest any subset may be there after a cut, in any order,
but for two things that every file system keeps: a rename happens whole or not at all, and what happened to the names
of one inode happens in order.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal["write", "truncate", "mode", "time", "link", "unlink", "rename", "exchange", "sync", "sync all"]
Fate = Literal["kept", "lost", "torn", "holed", "gapped", "nul", "silent"]
Names = dict[str, int]
NAMING = frozenset({"link", "unlink", "rename", "exchange"})
SYNCING = frozenset({"sync", "sync all"})
ROOT = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Op:
    """One operation on the disk. `inode` is what it is about (an exchange: also `other`).

    `identity` is inode number and time of change that the real file had afterwards, `mtime` that of its content;
    `site` says which line of the tool asked for a sync.
    """

    kind: Kind
    inode: int
    other: int = 0
    folder: int = 0
    name: str = ""
    to_folder: int = 0
    to_name: str = ""
    offset: int = 0
    data: bytes = b""
    number: int = 0  # the size of a truncate, the mode of a chmod
    mtime: int = 0
    identity: tuple[int, int] = (0, 0)
    site: str = ""

    def folders(self) -> frozenset[int]:
        """The folders whose fsync makes a change of names durable."""
        return frozenset({self.folder, self.to_folder} - {0})


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """A file, folder or link as it is on the disk."""

    kind: Literal["file", "folder", "link"]
    mode: int = 0
    mtime: int = 0
    data: bytes = b""  # of a file; of a link its target
    names: Mapping[str, int] = field(default_factory=dict)  # of a folder
    identity: tuple[int, int] = (0, 0)


Disk = Mapping[int, Node]  # by inode; the project's root is `ROOT`


def tree(disk: Disk) -> Iterator[tuple[str, int]]:
    """Every path below the root with its inode, folders before what they hold."""
    pending = [("", ROOT)]
    while pending:
        prefix, folder = pending.pop()
        for name, inode in sorted(disk[folder].names.items()):
            yield prefix + name, inode
            if disk[inode].kind == "folder":
                pending.append((f"{prefix}{name}/", inode))


def key(disk: Disk) -> int:
    """The same for two disks on which the same paths hold the same."""
    nodes = ((path, disk[inode]) for path, inode in tree(disk))
    return hash(
        tuple(
            (path, each.kind, each.mode, each.mtime if each.kind == "file" else 0, each.identity[1], each.data)
            for path, each in nodes
        )
    )


class Trace:
    """What was done to a disk: how it was before, which inodes came, and the operations in order."""

    def __init__(self, before: Disk) -> None:
        self.before = dict(before)
        self.born: dict[int, Node] = {}
        self.ops: list[Op] = []

    def durable(self, without: str = "") -> list[int]:
        """For each operation the number of the sync after which it cannot be lost any more.

        Those asked for at the site `without` never happened. An operation that is never synced has the length.
        """
        never = len(self.ops)
        found = [never] * never
        synced: dict[int, int] = {}
        everything = never
        for number in range(never - 1, -1, -1):
            op = self.ops[number]
            if op.kind in SYNCING:
                if not without or op.site != without:
                    if op.kind == "sync all":
                        everything, synced = number, {}
                    else:
                        synced[op.inode] = number
                found[number] = number
            else:
                of = op.folders() if op.kind in NAMING else {op.inode}
                found[number] = min(everything, max(synced.get(each, everything) for each in of))
        return found

    def at(self, fates: Sequence[Fate]) -> Disk:
        """The disk after the first `len(fates)` operations, each of which had the fate given."""
        disk: dict[int, Node] = dict(self.before) | self.born
        for op, fate in zip(self.ops, fates, strict=False):
            if fate != "lost" and op.kind not in SYNCING:
                _apply(disk, op, fate)
        return disk


def _apply(disk: dict[int, Node], op: Op, fate: Fate) -> None:
    node = disk[op.inode]
    match op.kind:
        case "write":
            disk[op.inode] = _written(node, op, fate)
        case "truncate":
            data = node.data[: op.number] + b"\0" * (op.number - len(node.data))
            disk[op.inode] = replace(node, data=data, mtime=op.mtime, identity=op.identity)
        case "mode":
            disk[op.inode] = replace(node, mode=op.number, identity=op.identity)
        case "time":
            disk[op.inode] = replace(node, mtime=op.mtime, identity=op.identity)
        case "link":
            _name(disk, op.folder, op.name, op.inode)
        case "unlink":
            _name(disk, op.folder, op.name, 0)
        case "rename":
            if disk[op.folder].names.get(op.name) == op.inode:
                _name(disk, op.folder, op.name, 0)
            _name(disk, op.to_folder, op.to_name, op.inode)
            disk[op.inode] = replace(disk[op.inode], identity=op.identity)
        case "exchange":
            _name(disk, op.folder, op.name, op.other)
            _name(disk, op.to_folder, op.to_name, op.inode)


def _written(node: Node, op: Op, fate: Fate) -> Node:
    """The file after a write that came through whole, by half, with zeros for one half or all, or without its time."""
    half = len(op.data) // 2
    first, second, none = op.data[:half], op.data[half:], b"\0" * len(op.data)
    data = {"torn": first, "holed": first + none[half:], "gapped": none[:half] + second, "nul": none}
    come = data.get(fate, op.data)
    before = node.data.ljust(op.offset, b"\0")
    whole = before[: op.offset] + come + before[op.offset + len(come) :]
    if fate == "silent":  # the block was written over, and what the inode says of it was not
        return replace(node, data=whole)
    return replace(node, data=whole, mtime=op.mtime, identity=op.identity)


def _name(disk: dict[int, Node], folder: int, name: str, inode: int) -> None:
    names = dict(disk[folder].names)
    if inode:
        names[name] = inode
    else:
        names.pop(name, None)
    disk[folder] = replace(disk[folder], names=names)


def fates_of(op: Op, size: int) -> tuple[Fate, ...]:
    """What may become of an operation that is not durable yet; `size` is that of the file before it."""
    if op.kind != "write":
        return ("kept", "lost")
    if op.offset + len(op.data) <= size:
        return ("kept", "lost", "torn", "silent")
    return ("kept", "lost", "torn", "holed", "gapped", "nul")


def sizes(trace: Trace) -> list[int]:
    """For each write the size of the file before it."""
    now = {inode: len(node.data) for inode, node in trace.before.items()}
    found = []
    for op in trace.ops:
        found.append(now.get(op.inode, 0))
        if op.kind == "write":
            now[op.inode] = max(now.get(op.inode, 0), op.offset + len(op.data))
        elif op.kind == "truncate":
            now[op.inode] = op.number
    return found


def in_order(ops: Sequence[Op], fates: Sequence[Fate]) -> bool:
    """Did what happened to the names of every single inode happen in order?"""
    stopped: set[int] = set()
    for op, fate in zip(ops, fates, strict=False):
        if op.kind not in NAMING:
            continue
        about = {op.inode, op.other} - {0}
        if fate == "lost":
            stopped |= about
        elif stopped & about:
            return False
    return True
