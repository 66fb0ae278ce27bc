#!/usr/bin/env python3
"""Look after what was installed: `python3 manage.py --help`.

Standard library only, and it must parse on every Python since 2.7, so that one too old is told what to do. Keep
it tiny: a script is compiled anew at each start; the modules it imports are not.
"""

import os
import sys

ROOT = os.path.dirname(os.path.realpath(__file__))


def main():
    # type: () -> int
    """Open the door, return the exit code."""
    if sys.version_info < (3, 11):
        sys.dont_write_bytecode = True  # leave no trace of a start that only ends in an advice
    others = [folder for folder in sys.path if os.path.realpath(folder) != ROOT]
    sys.path[:] = [ROOT]
    sys.path += others
    try:
        from installer.door import open_door
    except ImportError:
        sys.stderr.write(
            "error: the package `installer` beside %s is not Surefoot's: another project's has taken its place\n\n"
            "hint: give Surefoot an environment of its own: `uv tool install --reinstall surefoot`\n" % __file__
        )
        return 6
    sys.path.append(sys.path.pop(0))  # a project that brings us along may have a `json.py` of its own beside us
    return open_door("manage", os.path.realpath(__file__))


if __name__ == "__main__":
    sys.exit(main())
