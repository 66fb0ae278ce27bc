"""Surefoot: from a clone to a verified environment, journaled, resumable, reversible.

This file must parse on every Python since 2.7: `installer.door` is imported by interpreters that are too old.
"""

DISTRIBUTION = "surefoot"  # tells our package from the one on the index that is called `installer`, too
__version__ = "0.1.0"
