"""The archive of one run: a gzipped tar that holds `manifest.json` and then `files/<sha256>`, each content once.

No name in the tar says where anything goes: the manifest does, and its paths are checked. What is read is bounded in
bytes, entries and ratio, and compared with its hash, before anything of it is used.
"""

from __future__ import annotations

import gzip
import hashlib
import io
import tarfile
import zlib
from pathlib import Path
from typing import IO, TYPE_CHECKING

from installer import __version__, journal
from installer.cloud import manifest as manifests
from installer.cloud.manifest import JOURNAL, Listed, Manifest, refused
from installer.cloud.secrets import refuse_secrets
from installer.errors import Precondition, UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import RelPath
from installer.state import fold

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from installer.store import Store

MOST_PACKED = 1 << 30
MOST_UNPACKED = 1 << 30
LARGEST = 256 << 20  # a single file
RATIO = 200  # unpacked to packed; text of ours comes to 20
_FREE = 16 << 20  # bytes for which no ratio is asked
_BLOCK = 512
_LARGEST_LIST = 16 << 20
_FIRST = "manifest.json"


@dataclass(frozen=True, slots=True, kw_only=True)
class Parcel:
    """An archive that was verified: it holds what `manifest` says, every byte of it. `journal` is its journal."""

    path: Path
    manifest: Manifest
    journal: bytes
    listings: dict[RelPath, bytes]


def pack(store: Store, project: str, install_id: str, target: Path) -> Manifest:
    """Write the archive of the run to `target`. Raises `UsageError` for an unknown run, `Refused` for a secret."""
    wanted = install_id or store.current().install_id or next(reversed(store.run_ids()), "")
    if not wanted:
        raise Precondition(
            "push.nothing", tr("there is no checkpoint to push yet"), hint=tr("`quickstart.py` makes one")
        )
    try:
        data = store.journal_of(wanted)
    except KeyError:
        raise UsageError(
            "run.unknown", tr("there is no run `{run}`", run=install_id), hint=tr("`manage.py history` lists them")
        ) from None
    reading = journal.decode(data, store.journal)
    sources: dict[RelPath, Callable[[], bytes]] = {RelPath(JOURNAL): lambda: data[: reading.size]}
    sources |= {RelPath(name): path.read_bytes for name, path in _files(store, wanted)}
    listed = tuple(_listed(path, read()) for path, read in sources.items())
    last = reading.entries[-1]
    made = Manifest(
        project=project,
        state=store.state,
        install_id=fold(reading.entries).install_id,
        records=last.seq,
        head=last.checksum,
        updated=last.time,
        tool_version=__version__,
        files=listed,
    )
    _write(target, made, sources)
    return made


def _files(store: Store, install_id: str) -> Iterator[tuple[str, Path]]:
    """What undo needs, and the reports."""
    for name in ("pylock.toml", "report.json"):
        path = store.runs / install_id / name
        if path.is_file() and not path.is_symlink():
            yield f"run/{name}", path
    stash = store.folder / "stash" / install_id
    for path in sorted(stash.rglob("*")) if stash.is_dir() else ():
        if path.is_file() and not path.is_symlink():
            yield f"stash/{path.relative_to(stash).as_posix()}", path


def _listed(path: RelPath, data: bytes) -> Listed:
    refuse_secrets(path, data)
    if len(data) > LARGEST:
        raise Precondition(
            "push.large",
            tr("a file of the checkpoint is too large to be pushed: {path}", path=path),
            hint=tr("the limit is {count} MB a file", count=LARGEST >> 20),
        )
    return Listed(path=path, sha256=hashlib.sha256(data).hexdigest(), size=len(data))


def _write(target: Path, made: Manifest, sources: dict[RelPath, Callable[[], bytes]]) -> None:
    with (
        target.open("xb") as raw,
        gzip.GzipFile(fileobj=raw, mode="wb", filename="", mtime=0) as packed,
        tarfile.open(fileobj=packed, mode="w|", format=tarfile.USTAR_FORMAT) as tar,
    ):
        _add(tar, _FIRST, made.dump())
        for digest, (path, *_) in paths_of(made).items():
            data = sources[path]()
            if hashlib.sha256(data).hexdigest() != digest:
                raise Precondition(
                    "push.changed",
                    tr("the checkpoint changed while it was read"),
                    hint=tr("another run is at work: wait for its end, then run the same command again"),
                )
            _add(tar, f"files/{digest}", data)


def _add(tar: tarfile.TarFile, name: str, data: bytes) -> None:
    about = tarfile.TarInfo(name)
    about.size, about.mode = len(data), 0o600
    tar.addfile(about, io.BytesIO(data))


def head(path: Path | IO[bytes]) -> Manifest:
    """Only the manifest of an archive, of which the beginning is enough."""
    for name, data in _members(path):
        if name == _FIRST:
            return manifests.load(data)
        break
    raise refused(tr("its list of files is not whole"))


def verify(path: Path) -> Parcel:
    """The archive at `path`, every name, size and hash of it checked. Raises `Refused`, `Damaged`."""
    members = _members(path)
    first = next(members, None)
    if first is None or first[0] != _FIRST:
        raise refused(tr("its list of files is not whole"))
    made = manifests.load(first[1])
    wanted = {each.sha256: each for each in made.files}
    sizes = {(each.sha256, each.size) for each in made.files}
    paths = paths_of(made)
    content: dict[RelPath, bytes] = {}
    seen = set()
    for name, data in members:
        digest = hashlib.sha256(data).hexdigest()
        if name != f"files/{digest}" or digest not in wanted or digest in seen:
            raise refused(tr("it holds what its list does not name, or other bytes: {name}", name=ascii(name)[:200]))
        seen.add(digest)
        content |= {each: data for each in paths[digest] if each == JOURNAL or each.endswith(".json")}
        sizes.discard((digest, len(data)))
    if sizes:
        raise refused(tr("files are missing in it, or have another size"))
    return Parcel(path=path, manifest=made, journal=content.pop(RelPath(JOURNAL)), listings=content)


def paths_of(made: Manifest) -> dict[str, list[RelPath]]:
    """Where each content goes."""
    paths: dict[str, list[RelPath]] = {}
    for each in made.files:
        paths.setdefault(each.sha256, []).append(each.path)
    return paths


def contents(parcel: Parcel, wanted: Iterable[RelPath]) -> Iterator[tuple[RelPath, bytes]]:
    """The files `wanted` with their bytes, whose hash is looked at once more."""
    left, paths = set(wanted), paths_of(parcel.manifest)
    for name, data in _members(parcel.path):
        for path in paths.get(name.removeprefix("files/"), ()):
            if path in left:
                if f"files/{hashlib.sha256(data).hexdigest()}" != name:
                    raise refused(tr("it changed while it was unpacked"))
                left.discard(path)
                yield path, data
    if left:
        raise refused(tr("it changed while it was unpacked"))


def _members(path: Path | IO[bytes]) -> Iterator[tuple[str, bytes]]:
    """Name and bytes of each member, plain files only, within the limits. Raises `Refused`."""
    packed = path.stat().st_size if isinstance(path, Path) else MOST_PACKED
    budget = min(MOST_UNPACKED, max(_FREE, packed * RATIO))
    count = 0
    try:
        with gzip.open(path, "rb") as stream:
            while (header := _exactly(stream, _BLOCK)) != bytes(_BLOCK):
                about = tarfile.TarInfo.frombuf(header, "ascii", "strict")
                count += 1
                budget -= _BLOCK + about.size
                if about.type not in {tarfile.REGTYPE, tarfile.AREGTYPE} or about.linkname:
                    raise refused(tr("it holds something else than plain files"))
                if (
                    not 0 <= about.size <= (LARGEST if count > 1 else _LARGEST_LIST)
                    or budget < 0
                    or count > manifests.MOST_FILES + 1
                ):
                    raise refused(tr("it is larger than a checkpoint can be"))
                yield about.name, _exactly(stream, about.size)
                _exactly(stream, -about.size % _BLOCK)
            if stream.read(_BLOCK * 64).strip(b"\0") or stream.read(1):  # the end is read, too: it has the checksum
                raise refused(tr("something follows its end"))
    except (OSError, EOFError, zlib.error, tarfile.TarError, UnicodeError, ValueError) as error:
        raise refused(tr("it cannot be unpacked: {reason}", reason=error)) from error


def _exactly(stream: gzip.GzipFile, size: int) -> bytes:
    data = stream.read(size)
    if len(data) != size:
        raise EOFError(tr("it ends too early"))
    return data
