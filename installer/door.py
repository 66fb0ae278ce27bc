"""The door behind both scripts: only an interpreter that is new enough, and our own package, come in.

It must parse and run on every Python since 2.7; what needs a newer one is imported after the check.
"""

import sys

import installer

NEEDED = (3, 11)


def open_door(door, script):
    # type: (str, str) -> int
    """Run the door named `door` ("quickstart" or "manage"), return its exit code."""
    if sys.version_info < NEEDED:
        from installer.oldpython import advice

        sys.stderr.write(advice(NEEDED, script, sys.argv[1:]))
        return 6
    if getattr(installer, "DISTRIBUTION", None) != "surefoot":
        sys.stderr.write(foreign_package())
        return 6
    from installer.launcher import launch

    return launch(door, script)


def foreign_package():
    # type: () -> str
    """What to say when another distribution has overwritten our package `installer`."""
    return (
        "error: another distribution's package `installer` has overwritten Surefoot's in %s\n\n"
        "hint: give Surefoot an environment of its own: `uv tool install --reinstall surefoot`\n"
        % (getattr(installer, "__file__", None) or sys.prefix)
    )
