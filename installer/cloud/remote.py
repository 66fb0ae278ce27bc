"""A place for archives behind an address, by fsspec: a folder, S3, whatever driver is installed.

Whatever a driver raises becomes an error of ours, without the address's secrets.
"""

from __future__ import annotations

import errno
import os
import secrets as random
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from installer import extras
from installer.cloud.secrets import scrub, shown
from installer.errors import InstallerError, NotAllowed, Precondition, Refused, Unavailable, UsageError
from installer.i18n import tr

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from pathlib import Path

    Meter = Callable[[int, int], None]  # (bytes done, bytes in all or 0)

_CHUNK = 1 << 20
_DENIED = frozenset({401, 403, 407})
_DRIVERS = {
    "s3": "s3fs",
    "s3a": "s3fs",
    "gs": "gcsfs",
    "gcs": "gcsfs",
    "az": "adlfs",
    "abfs": "adlfs",
    "https": "aiohttp",
    "sftp": "paramiko",
    "ssh": "paramiko",
}
_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True, slots=True, kw_only=True)
class Remote:
    """One archive in a store. `shown` is the address as it may be shown."""

    url: str = field(repr=False)
    shown: str
    system: Any = field(repr=False)  # an fsspec file system: a library without types
    path: str = field(repr=False)

    @contextmanager
    def reading(self) -> Iterator[IO[bytes] | None]:
        """The archive as a stream; None if there is none."""
        with _translated(self.url):
            self.system.invalidate_cache()
            try:  # to ask beforehand is no help: a driver may say "no" where it could not ask
                stream = self.system.open(self.path, "rb")
            except FileNotFoundError as error:
                cause = error.__cause__  # some drivers call whatever went wrong a file that is not there
                if isinstance(cause, Exception) and not _means_missing(cause):
                    raise cause from None
                stream = None
        try:
            yield stream
        finally:
            if stream is not None:
                stream.close()

    def fetch(self, target: Path, limit: int, meter: Meter) -> None:
        """Copy the archive to `target`. Raises `UsageError` if there is none, `Refused` beyond `limit` bytes."""
        with self.reading() as stream:
            if stream is None:
                raise UsageError(
                    "pull.missing",
                    tr("there is no checkpoint at {url}", url=self.shown),
                    hint=tr("`manage.py checkpoint push` puts one there"),
                )
            with _translated(self.url), target.open("xb") as file:
                total, done = int(getattr(stream, "size", 0) or 0), 0
                while chunk := stream.read(_CHUNK):
                    done += len(chunk)
                    if done > limit:
                        raise Refused("pull.large", tr("what is at {url} is larger than a checkpoint", url=self.shown))
                    file.write(chunk)
                    meter(done, total)

    def store(self, source: Path, meter: Meter, *, check: Callable[[], None]) -> None:
        """Upload `source` beside its place, call `check`, then rename it in, where the store can."""
        beside = f"{self.path}.{random.token_hex(4)}.part"
        total, done = source.stat().st_size, 0
        try:
            with _translated(self.url):
                with suppress(FileExistsError):
                    self.system.makedirs(self.system._parent(self.path), exist_ok=True)  # noqa: SLF001 -- its only name
                with source.open("rb") as file, self.system.open(beside, "wb") as stream:
                    while chunk := file.read(_CHUNK):
                        stream.write(chunk)
                        meter(done := done + len(chunk), total)
            check()
            with _translated(self.url):
                if "file" in _protocols(self.system):
                    os.replace(beside, self.path)
                else:
                    self.system.mv(beside, self.path)
        except BaseException:
            with suppress(Exception):  # the failure of the work is the one to tell of
                self.system.rm(beside)
            raise


def locate(url: str, name: str) -> Remote:
    """The archive at `url`; of an address that ends with `/`, the archive `name` in it.

    Raises `Precondition` without the extra or the driver, `Refused` for an address that nobody should be asked by.
    """
    fsspec = extras.need("cloud", "fsspec")
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in url) or not url or url.startswith("-"):  # noqa: PLR2004
        raise UsageError("cloud.url", tr("this is no address of a checkpoint: {url}", url=ascii(shown(url))))
    parts = urlsplit(url)
    if parts.scheme in {"http", "ftp"} and parts.hostname not in _LOOPBACK:
        raise Refused(
            "cloud.plain",
            tr("{url} would be asked in the clear: anybody on the way could read or change it", url=shown(url)),
            hint=tr("use an address that is encrypted (https, s3, sftp …)"),
        )
    whole = url + name if url.endswith("/") else url
    with _translated(whole):
        try:
            system, path = fsspec.core.url_to_fs(whole)
        except ImportError as error:
            raise _no_driver(parts.scheme, scrub(str(error), whole)) from error
        except ValueError as error:
            if "Protocol not known" in str(error):
                raise _no_driver(parts.scheme, scrub(str(error), whole)) from error
            raise
    return Remote(url=whole, shown=shown(whole), system=system, path=path)


def _no_driver(scheme: str, why: str) -> Precondition:
    root = extras.clone()
    tool = f"surefoot[cloud] @ {root}" if root else "surefoot[cloud]"
    package = _DRIVERS.get(scheme, "DRIVER")
    return Precondition(
        "cloud.driver",
        tr("there is no driver here for addresses that begin with `{scheme}:`", scheme=scheme),
        details=(why,),
        hint=tr(
            "install Surefoot with it: `uv tool install --with {package} '{tool}'`, then use `surefoot-manage`",
            package=package,
            tool=tool,
        ),
    )


def _protocols(system: Any) -> tuple[str, ...]:  # noqa: ANN401 -- as above
    return (system.protocol,) if isinstance(system.protocol, str) else tuple(system.protocol)


@contextmanager
def _translated(url: str) -> Iterator[None]:
    """Errors of a driver as errors of ours. Their chain is cut: a trace must not carry the address."""
    try:
        yield
    except InstallerError:
        raise
    except Exception as error:  # noqa: BLE001 -- every driver has its own
        raise _explained(error, url) from None


def _explained(error: Exception, url: str) -> InstallerError:
    why = (scrub(f"{type(error).__name__}: {error}".splitlines()[0], url)[:500].rstrip(": "),)
    if isinstance(error, NotImplementedError):
        return UsageError("cloud.read-only", tr("{url} can only be read", url=shown(url)), details=why)
    if isinstance(error, PermissionError) or _status(error) in _DENIED or "Credentials" in type(error).__name__:
        return NotAllowed(
            "cloud.denied",
            tr("not allowed at {url}", url=shown(url)),
            details=why,
            hint=tr("give the driver its credentials by its own variables or files (for S3: AWS_PROFILE, ~/.aws)"),
        )
    if isinstance(error, OSError) and error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return Unavailable("cloud.full", tr("there is no room at {url}", url=shown(url)), details=why)
    return Unavailable(
        "cloud.unavailable",
        tr("{url} does not answer as it should", url=shown(url)),
        details=why,
        hint=tr("run the same command again later: nothing was changed here"),
    )


def _means_missing(error: Exception) -> bool:
    return isinstance(error, FileNotFoundError | KeyError) or _status(error) in {404, 410}


def _status(error: Exception) -> int:
    """The HTTP status that the error carries, if it does."""
    response = getattr(error, "response", None)
    if isinstance(response, dict):
        return int(response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0) or 0)
    found = getattr(error, "status", None) or getattr(response, "status_code", 0)
    return found if isinstance(found, int) else 0
