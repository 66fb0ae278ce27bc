"""What a `setup.cfg` says of a project."""

from __future__ import annotations

import configparser

from phases.python.discovery.setup_script import Arguments, Values

_OPTIONS = ("python_requires", "install_requires", "setup_requires", "packages", "py_modules")


def read(text: str) -> Arguments:
    """The arguments that it gives to `setup()`; none where it only holds settings of tools."""
    parser = configparser.ConfigParser(interpolation=None, strict=False, delimiters=("=", ":"))
    try:
        parser.read_string(text)
    except configparser.Error:
        return Arguments()
    about, options, extras = (_section(parser, name) for name in ("metadata", "options", "options.extras_require"))
    found = {key: options[key] for key in _OPTIONS if key in options}
    found |= {"name": about.get("name", ""), "classifiers": about.get("classifiers", about.get("classifier", ""))}
    # pbr, and setuptools of old, wrote it elsewhere.
    found.setdefault("python_requires", about.get("python-requires", about.get("python_requires", "")))
    elsewhere = {key: value for key, value in found.items() if value.startswith(("attr:", "file:"))}
    values: Values = {key: value for key, value in found.items() if value and key not in elsewhere}
    files = elsewhere.get("install_requires", "").removeprefix("file:").split(",")
    return Arguments(
        values | ({"extras_require": extras} if extras else {}),
        frozenset(elsewhere),
        tuple(file.strip() for file in files if file.strip()),
    )


def _section(parser: configparser.ConfigParser, name: str) -> dict[str, str]:
    return {key: value.strip() for key, value in parser[name].items()} if parser.has_section(name) else {}
