"""What vouches for a RECORD: its own digest, in the seal. A RECORD that lost a line knows nothing of a lost file."""

from __future__ import annotations

from typing import TYPE_CHECKING

from installer.hashing import sha256
from phases.python import records as packages
from phases.python.environments import places
from phases.python.timeless import timeless

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path


def records(env: Path) -> dict[str, str]:
    """The RECORD of each package (its name) -> a digest of what it says, less what a layer of an image leaves out."""
    return dict(_records(env))


def otherwise(env: Path, sealed: Mapping[str, str]) -> Iterator[str]:
    """The packages whose RECORD is not the one that was sealed; none where the seal, an earlier one, has no digests."""
    now = records(env) if sealed else {}
    yield from (name for name, digest in now.items() if name in sealed and sealed[name] != digest)


def _records(env: Path) -> Iterator[tuple[str, str]]:
    for site in places.site_packages(env):
        for folder, name, _ in packages.distributions(site):
            try:
                data = (site / folder / "RECORD").read_bytes()
            except OSError:
                continue
            yield name, sha256(timeless(f"{folder}/RECORD", data)).hexdigest()[:32]
