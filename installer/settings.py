"""What was asked for: flag > environment variable > manifest > default, and from which of them each value came."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal

from installer.errors import UsageError
from installer.frozen import dataclass
from installer.i18n import tr
from installer.model import Options

if TYPE_CHECKING:
    from installer.manifest import Manifest

Kind = Literal["text", "switch", "number"]
Value = str | bool | int

_OF_APPS = frozenset(("process", "docker"))
_TRUE = frozenset(("1", "true", "yes", "on"))
_FALSE = frozenset(("", "0", "false", "no", "off"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One thing that may be set. `variable` follows the project's prefix; `manifest` is the path in the manifest.

    `recorded`: a run notes it, and goes on with it after an interruption unless another value is asked for.
    """

    name: str
    variable: str
    kind: Kind = "text"
    default: Value = ""
    choices: tuple[str, ...] = ()
    manifest: tuple[str, ...] = ()
    recorded: bool = False

    @property
    def flag(self) -> str:
        """How it is spelt on the command line."""
        return "--" + self.name.replace("_", "-")


KEYS = (
    Key(name="mode", variable="RUN_MODE", default="standard", manifest=("mode",), recorded=True),
    Key(name="lang", variable="LANG", manifest=("language",)),
    Key(
        name="backend",
        variable="BACKEND",
        default="uv",
        choices=("uv", "pip"),
        manifest=("python", "backend"),
        recorded=True,
    ),
    Key(name="python", variable="PYTHON", recorded=True),
    Key(name="as_of", variable="AS_OF", manifest=("dependencies", "as-of"), recorded=True),
    Key(name="offline", variable="OFFLINE", kind="switch", default=False),
    Key(name="locked", variable="LOCKED", kind="switch", default=False, recorded=True),
    Key(name="require_hashes", variable="REQUIRE_HASHES", kind="switch", default=False, recorded=True),
    Key(name="no_build", variable="NO_BUILD", kind="switch", default=False, recorded=True),
    Key(name="allow_file_submodules", variable="ALLOW_FILE_SUBMODULES", kind="switch", default=False, recorded=True),
    Key(name="jobs", variable="JOBS", kind="number", default=min(8, os.cpu_count() or 1)),
    Key(name="retries", variable="RETRIES", kind="number", default=2),
    Key(name="on_failure", variable="ON_FAILURE", default="phase", choices=("phase", "keep", "run")),
    Key(name="no_wait", variable="NO_WAIT", kind="switch", default=False),
    Key(name="yes", variable="YES", kind="switch", default=False),
    Key(name="auto_resume", variable="AUTO_RESUME", kind="switch", default=False),
    Key(name="checkpoint_dir", variable="CHECKPOINT_DIR"),
    Key(name="disable_checkpoint", variable="DISABLE_CHECKPOINT", kind="switch", default=False),
)


@dataclass(frozen=True, slots=True)
class Setting:
    """A value and where it came from: a flag, a variable, the manifest's file, the unfinished "run", or "default"."""

    value: Value
    source: str


class Settings(Mapping[str, Setting]):
    """Every key with its value, by name."""

    def __init__(self, settings: Mapping[str, Setting]) -> None:
        self._settings = dict(settings)

    def __getitem__(self, name: str) -> Setting:
        return self._settings[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._settings)

    def __len__(self) -> int:
        return len(self._settings)

    def text(self, name: str) -> str:
        """The value of a text."""
        return str(self[name].value)

    def on(self, name: str) -> bool:
        """The value of a switch."""
        return bool(self[name].value)

    def number(self, name: str) -> int:
        """The value of a number."""
        return int(self[name].value)


def settle(flags: Mapping[str, Any], manifest: Manifest, environ: Mapping[str, str] = os.environ) -> Settings:
    """Every setting. A flag that is None was not given. Raises `UsageError` with all complaints together."""
    complaints: list[str] = []
    found: dict[str, Setting] = {}
    for key in KEYS:
        try:
            found[key.name] = _setting(key, flags, manifest, environ)
        except ValueError as error:
            complaints.append(str(error))
    if (mode := found.get("mode")) and mode.value not in manifest.modes:
        complaints.append(
            tr(
                "{source}: there is no mode `{mode}`; there are {known}",
                source=mode.source,
                mode=mode.value,
                known=_list(manifest.modes),
            )
        )
    if complaints:
        raise UsageError("settings.wrong", tr("the settings cannot be used"), details=tuple(complaints))
    return Settings(found)


def going_on(settings: Settings, recorded: Mapping[str, Any]) -> Settings:
    """The settings for going on with a run: what nobody asked for now is as the run was begun."""
    begun = {key.name: recorded[key.name] for key in KEYS if key.recorded and key.name in recorded}
    kept = {
        name: Setting(value, "run")
        for name, value in begun.items()
        if settings[name].source == "default" and isinstance(value, str | bool | int)
    }
    return Settings({**settings, **kept})


def options(settings: Settings, *, jobs: int = 0) -> Options:
    """The part of the settings that plans and actions see. `jobs`: how many at once where the user does not say."""
    said = jobs == 0 or settings["jobs"].source != "default"
    return Options(
        mode=settings.text("mode"),
        backend=settings.text("backend"),
        python=settings.text("python"),
        offline=settings.on("offline"),
        locked=settings.on("locked"),
        require_hashes=settings.on("require_hashes"),
        no_build=settings.on("no_build"),
        as_of=settings.text("as_of"),
        jobs=max(1, settings.number("jobs") if said else jobs),
        retries=max(0, settings.number("retries")),
        allow_file_submodules=settings.on("allow_file_submodules"),
    )


def _setting(key: Key, flags: Mapping[str, Any], manifest: Manifest, environ: Mapping[str, str]) -> Setting:
    variable = f"{manifest.env_prefix}_{key.variable}"
    if flags.get(key.name) is not None:
        return Setting(_valid(key, flags[key.name], key.flag), key.flag)
    if environ.get(variable) and not _is_of_apps(key, environ[variable], manifest):
        return Setting(_valid(key, _read(key, environ[variable], variable), variable), variable)
    value: Any = manifest.raw
    for part in key.manifest:
        value = value.get(part) if isinstance(value, dict) else None
    if key.manifest and value is not None and not isinstance(value, dict):
        value = value if isinstance(value, bool | int) else str(value)
        if key.name == "as_of":
            _valid(key, value, f"{manifest.source}: `{'.'.join(key.manifest)}`")
        return Setting(value, str(manifest.source))
    return Setting(key.default, "default")


def _is_of_apps(key: Key, text: str, manifest: Manifest) -> bool:
    """Does the variable, which both share, say how apps run, and not what to install?"""
    return key.name == "mode" and text in _OF_APPS and text not in manifest.modes


def _read(key: Key, text: str, variable: str) -> Value:
    """The value that a variable spells; raises `ValueError` with a sentence."""
    if key.kind == "switch":
        word = text.strip().lower()
        if word in _TRUE | _FALSE:
            return word in _TRUE
        raise ValueError(tr("{variable} should be 1 or 0, not `{text}`", variable=variable, text=text))
    if key.kind == "number":
        try:
            return int(text)
        except ValueError:
            raise ValueError(tr("{variable} should be a number, not `{text}`", variable=variable, text=text)) from None
    return text


def _valid(key: Key, value: Value, source: str) -> Value:
    if key.choices and value not in key.choices:
        raise ValueError(
            tr("{source} should be one of {known}, not `{value}`", source=source, known=_list(key.choices), value=value)
        )
    if key.name == "as_of" and value and not (is_moment(str(value)) or _may_be_a_commit(str(value))):
        raise ValueError(
            tr(
                "{source} should be a date (2024-01-31, 2024-01-31T12:00:00Z) or a commit, not `{value}`",
                source=source,
                value=value,
            )
        )
    return value


def is_moment(text: str) -> bool:
    """Is it a date, or a date and a time by RFC 3339, seconds and offset optional? Those are what uv takes."""
    if not re.fullmatch(
        r"\d{4}-\d\d-\d\d(?:[Tt ](?:[01]\d|2[0-3])(?::\d\d){0,2}(?:\.\d+)?(?:[Zz]|[+-]\d\d(?::?\d\d)?)?)?",
        text,
        re.ASCII,
    ):
        return False
    from datetime import datetime  # only where there is one

    try:
        datetime.fromisoformat(text.upper().replace(":60", ":59"))  # a leap second, which Python does not know
    except ValueError:
        return False
    return True


def _may_be_a_commit(text: str) -> bool:
    """Could git know it? What looks like a date is one, or none."""
    looks_like_a_date = r"\d{4}[-/.]\d\d?[-/.]\d\d?(?:[Tt ]\d.*)?"
    return bool(re.fullmatch(r"[\w./~^][\w./~^-]*", text)) and not re.fullmatch(looks_like_a_date, text)


def _list(names: Iterable[str]) -> str:
    return ", ".join(names)
