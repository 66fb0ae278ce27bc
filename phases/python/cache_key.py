"""The name under which a build server saves an environment, and those from which it may restore one.

The key says everything that makes one environment another: machine, Python, installer, mode, and a digest of all the
inputs. There is none unless the environment was proven, by its contents, to be worth saving.
"""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from installer import __version__
from installer.errors import Precondition
from installer.hashing import sha256
from installer.i18n import tr
from phases.python.environments import contents, places, platforms, wanted
from phases.python.environments.freshness import up_to_date

if TYPE_CHECKING:
    from installer.manifest import Manifest
    from installer.model import Facts
    from phases.python.needs import Interpreter, Needs

_FORMAT = "surefoot1"


def key(manifest: Manifest, facts: Facts) -> str:
    """The key to save the environment in use under; empty unless it is sealed, asked for, and proven by contents."""
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    return "" if _why_not(manifest, facts, needs) else _of_environment(manifest, facts, needs)


def why_not(manifest: Manifest, facts: Facts) -> str:
    """Why there is no key: a sentence; empty where there is one."""
    from phases.python.sources import read_needs

    return _why_not(manifest, facts, read_needs(facts.root, manifest, facts.options.mode))


def restore_keys(manifest: Manifest, facts: Facts) -> tuple[str, ...]:
    """What to restore from, best first: the very key; then the beginnings of keys whose packages may be of use.

    Raises `Precondition` where there is no Python that the project can use.
    """
    from phases.python.sources import read_needs

    needs = read_needs(facts.root, manifest, facts.options.mode)
    if manifest.environment == places.ACTIVE:
        raise Precondition("cache.active", _active())
    from phases.python.interpreters import find

    parts = _parts(facts, find(facts.root, needs.python, explicit=facts.options.python)[0])
    exact = "-".join((*parts, _digest(manifest, facts, needs)))
    return (exact, *("-".join(parts[:end]) + "-" for end in (len(parts), len(parts) - 1)))


def broken(manifest: Manifest, facts: Facts) -> str:
    """What is wrong with the contents of the environment in use: a sentence; empty if nothing, or if it is not ours."""
    from phases.python.environments import proving

    env = facts.root / manifest.environment
    sealed = None if manifest.environment == places.ACTIVE else contents.read(env)
    return proving.of(env, sealed).sentence() if sealed else ""


def _why_not(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    if manifest.environment == places.ACTIVE:
        return _active()
    return up_to_date(manifest, facts, needs) or broken(manifest, facts)


def _of_environment(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    from phases.python.interpreters import probe

    env = facts.root / manifest.environment
    interpreter, sealed = probe(str(places.python(env))), contents.read(env)
    if interpreter is None or sealed is None:
        return ""
    return "-".join((*_parts(facts, interpreter, sealed.first), _digest(manifest, facts, needs)))


def _parts(facts: Facts, interpreter: Interpreter, first: str = "") -> tuple[str, ...]:
    """From the widest to the narrowest, so that a beginning of the key is of use by itself.

    `first` is the version that was chosen where the dependencies refused it: the next job chooses it again, and knows
    no better before it has resolved.
    """
    python = interpreter.implementation.replace("+", "_") + (first or ".".join(map(str, interpreter.version)))
    words = (platforms.here().replace("-", "_"), python, facts.options.backend, facts.options.mode)
    return (_FORMAT, *(re.sub(r"[^\w.]+", "_", word) for word in words))


def _digest(manifest: Manifest, facts: Facts, needs: Needs) -> str:
    asked = wanted.asked(manifest, facts, needs)
    everything = [wanted.key(asked), __version__, str(facts.root), facts.options.python]
    return sha256(json.dumps(everything).encode("utf-8", "surrogateescape")).hexdigest()[:24]


def _active() -> str:
    return tr("this project installs into the active environment, which is not the tool's to save")
