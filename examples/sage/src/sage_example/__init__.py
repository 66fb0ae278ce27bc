"""Something to install."""

import sys

__version__ = "0.1.0"


def main() -> int:
    """Say which version this is."""
    sys.stdout.write(f"sage-example {__version__}\n")
    return 0
