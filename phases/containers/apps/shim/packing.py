"""The shim as one file that any Python runs: the same bytes every time."""

from __future__ import annotations

import io
import zipfile
from pathlib import Path

_LEFT_OUT = frozenset(("packing.py",))
_NAME = "surefoot_shim"
_MAIN = f"import sys\n\nfrom {_NAME}.commands import main\n\nsys.exit(main(sys.argv[1:]))\n"
_WHEN = (1980, 1, 1, 0, 0, 0)


def packed() -> bytes:
    """A zip of the modules beside this one, to be run as `python -I -B shim.pyz`."""
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr(zipfile.ZipInfo("__main__.py", _WHEN), _MAIN)
        for path in sorted(Path(__file__).parent.glob("*.py")):
            if path.name not in _LEFT_OUT:
                archive.writestr(zipfile.ZipInfo(f"{_NAME}/{path.name}", _WHEN), path.read_bytes())
    return target.getvalue()
