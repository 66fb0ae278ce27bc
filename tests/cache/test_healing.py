"""uv's cache may have been restored with the environment, and be as ill: what it linked is compared, and fetched anew.

Here by hand: the index of a test may forbid uv to believe its cache, so that uv itself fetches anew.
"""

from __future__ import annotations

import base64
import hashlib
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

import pytest

from phases.python import carrying, records, uv

if TYPE_CHECKING:
    from pathlib import Path


def staged(tmp_path: Path, **content: bytes) -> Path:
    """An environment with one-file packages whose RECORDs tell of b"good"."""
    site = tmp_path / "staging" / "lib" / "python3.12" / "site-packages"
    digest = base64.urlsafe_b64encode(hashlib.sha256(b"good").digest()).rstrip(b"=").decode()
    for name, data in content.items():
        (site / f"{name}-1.dist-info").mkdir(parents=True)
        (site / f"{name}.py").write_bytes(data)
        (site / f"{name}-1.dist-info" / "RECORD").write_text(
            f"{name}.py,sha256={digest},4\n{name}-1.dist-info/RECORD,,\n"
        )
    (tmp_path / "staging" / "pyvenv.cfg").touch()
    return tmp_path / "staging"


@pytest.mark.parametrize(
    ("args", "backend", "healed"),
    [
        ({"restored": {}}, "uv", ["forgot ill", "said ill", "removed ill"]),
        ({"restored": {}}, "pip", []),  # its cache has archives, whose hashes it compares
        ({}, "uv", []),  # nothing was restored: sizes are enough, as ever
    ],
)
def test_what_the_cache_has_other_bytes_of_is_fetched_anew(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, args: dict[str, Any], backend: str, healed: list[str]
) -> None:
    done: list[str] = []
    monkeypatch.setattr(uv, "forget", lambda _, names: done.extend(f"forgot {name}" for name in names))
    context: Any = SimpleNamespace(warn=lambda text: done.append(f"said {text.rpartition(' ')[2]}"))
    installer: Any = SimpleNamespace(
        name=backend, uninstall=lambda _context, _python, names: done.extend(f"removed {name}" for name in names)
    )
    assert carrying.heal(args, context, installer, staged(tmp_path, ill=b"evil", well=b"good")) is bool(healed)
    assert sorted(done) == sorted(healed)


def test_a_cache_that_is_well_is_left_alone(tmp_path: Path) -> None:
    installer: Any = SimpleNamespace(name="uv")
    context: Any = SimpleNamespace()
    assert not carrying.heal({"restored": {}}, context, installer, staged(tmp_path, well=b"good"))


def test_a_record_that_no_path_can_be_read_from_is_a_missing_file(tmp_path: Path) -> None:
    env = staged(tmp_path, ill=b"good")
    site = next(env.glob("lib/*/site-packages"))
    (site / "ill-1.dist-info" / "RECORD").write_bytes(b"a\0b.py,sha256=x,4\nill.py\0,,\n")
    assert [each.fault for each in records.check(site)] == ["missing", "missing"]
