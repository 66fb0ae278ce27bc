"""Which wheel of the tool a project pins: one that is named, the one that runs, one of our clone, or the index's."""

from __future__ import annotations

import json
import os
import re
import tempfile
import zipfile
from pathlib import Path
from urllib.parse import urlsplit
from urllib.request import url2pathname

from installer import DISTRIBUTION, __version__, extras, files, process
from installer.errors import InstallerError, Precondition, StepFailed, UsageError
from installer.frozen import dataclass, replace
from installer.hashing import sha256
from installer.i18n import tr
from installer.toolenv import KEPT_WHEEL, base_interpreter, cache_folder
from installer.toolpip import find_pip
from phases.python.uv import executable as uv

VARIABLE = "SUREFOOT_TOOL"  # as in the launcher: the wheel, or a folder that holds it
_RUN_PIP = "import runpy, sys; sys.path.insert(0, sys.argv.pop(1)); runpy.run_module('pip', run_name='__main__')"
_NAME = re.compile(r"surefoot-([0-9][0-9A-Za-z.]*)-py3-none-any\.whl")
_NEEDED = ("installer/pinned.py", "installer/locks/tool.txt", "quickstart.py", "manage.py")


@dataclass(frozen=True, slots=True, kw_only=True)
class Pin:
    """A wheel by its version and the SHA-256 of its bytes; `why` says where that was read.

    `source` is the file, where the index does not have these very bytes: then the project brings it along.
    """

    version: str
    sha256: str
    why: str
    source: str = ""

    @property
    def name(self) -> str:
        """The wheel's file name, by which the launcher looks for it."""
        return f"{DISTRIBUTION}-{self.version}-py3-none-any.whl"


def choose(given: str) -> Pin:
    """The wheel `given` (or named by SUREFOOT_TOOL), else what runs: the wheel, or one built of the clone.

    What the index calls by our name is taken only where nothing else is known: anybody may have put it there.

    Raises `UsageError` for a file that is no such wheel, `Precondition` where none can be had.
    """
    named = given or os.environ.get(VARIABLE, "")
    if named:
        return of(_in_folder(Path(named)), why=named)
    own = _of_ourselves() or _of_clone(extras.clone())
    found = _of_the_index()
    if own is not None:
        return replace(own, source="") if found is not None and found.sha256 == own.sha256 else own
    if found is not None:
        return found
    raise Precondition(
        "init.no-wheel",
        tr("no package index has Surefoot {version}, and it runs from no wheel", version=__version__),
        hint=tr("build one from a clone (`uv build --wheel`) and name it: `manage.py init --tool WHEEL`"),
    )


def of(wheel: Path, *, why: str) -> Pin:
    """The pin for the file `wheel`. Raises `UsageError` if it is none of ours, or one that cannot be pinned."""
    found = _NAME.fullmatch(wheel.name)
    try:
        data = wheel.read_bytes()
        with zipfile.ZipFile(wheel) as archive:
            lacking = [name for name in _NEEDED if name not in archive.namelist()]
    except (OSError, zipfile.BadZipFile) as error:
        raise UsageError("init.wheel", tr("cannot read the wheel {path}: {reason}", path=wheel, reason=error)) from None
    if not found or lacking:
        raise UsageError(
            "init.wheel",
            tr("{path} is no wheel of Surefoot that a project can pin", path=wheel),
            hint=tr("build one from a clone of Surefoot: `uv build --wheel`"),
        )
    return Pin(version=found[1], sha256=sha256(data).hexdigest(), why=why)


def _in_folder(path: Path) -> Path:
    """The wheel itself, or the one of this version in a folder."""
    return path / f"{DISTRIBUTION}-{__version__}-py3-none-any.whl" if path.is_dir() else path


def _of_ourselves() -> Pin | None:
    """The wheel that this code came from, where that is known."""
    root = Path(__file__).resolve().parents[2]
    if re.fullmatch(r"[0-9a-f]{64}", root.name) and (root / "surefoot-wheel").is_file():
        return _running(root.name, root / KEPT_WHEEL)
    try:
        record = json.loads((root / f"{DISTRIBUTION}-{__version__}.dist-info" / "direct_url.json").read_text("utf-8"))
        found = str(record["archive_info"]["hashes"]["sha256"])
        return _running(found, Path(url2pathname(urlsplit(str(record["url"])).path)))
    except (OSError, ValueError, KeyError, TypeError):
        return None


def _running(digest: str, file: Path) -> Pin:
    """The pin of the wheel that runs, which `file` is if its bytes say so."""
    there = file.is_file() and sha256(file.read_bytes()).hexdigest() == digest
    why = tr("the wheel that is running")
    return Pin(version=__version__, sha256=digest, why=why, source=str(file) if there else "")


def _of_clone(root: str) -> Pin | None:
    """Built from the clone `root` by what its lock holds, the same bytes each time, and kept in the cache.

    Raises `Precondition` where that cannot be done, as it takes a network until uv has what builds it.
    """
    if not root or not os.path.isfile(os.path.join(root, "pyproject.toml")):
        return None
    with tempfile.TemporaryDirectory(prefix="surefoot-init-") as folder:
        words = ["build", "--wheel", "--quiet", "--require-hashes", "--out-dir", folder, root]
        try:
            process.run(
                [uv(), *words, "--build-constraints", os.path.join(root, "locks", "backend.txt")], cwd=Path(folder)
            )
        except (Precondition, StepFailed) as error:
            raise Precondition(
                "init.no-wheel",
                tr("the wheel of Surefoot could not be built from the clone {root}", root=root),
                hint=tr("go online, or name a wheel that was built elsewhere: `manage.py init --tool WHEEL`"),
                details=error.details or (error.message,),
            ) from error
        made = of(_in_folder(Path(folder)), why=tr("built from the clone {root}", root=root))
        kept = Path(cache_folder(), "built", made.sha256, made.name)
        files.make_folder(kept.parent)
        files.replace(kept, (Path(folder) / made.name).read_bytes())
    return replace(made, source=str(kept))


def _of_the_index() -> Pin | None:
    with tempfile.TemporaryDirectory(prefix="surefoot-init-") as folder:
        words = "download --no-deps --only-binary :all: --no-input --disable-pip-version-check --progress-bar off"
        command = [base_interpreter(), "-I", "-c", _RUN_PIP, find_pip(), *words.split(), "--dest", folder]
        try:
            process.run([*command, f"{DISTRIBUTION}=={__version__}"], cwd=Path(folder))
        except InstallerError:
            return None
        return of(_in_folder(Path(folder)), why=tr("the package index"))
