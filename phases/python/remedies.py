"""Known remedies for old code that meets new build tools: a constraint on what it is built with, tried once each."""

from __future__ import annotations

import re

from installer.frozen import dataclass
from installer.i18n import tr


@dataclass(frozen=True, slots=True, kw_only=True)
class Remedy:
    """What to change when a build says `pattern`.

    constraint  a requirement that narrows what builds are made with
    needs       distributions that the build forgot to ask for
    """

    name: str
    pattern: str
    why: str
    constraint: str = ""
    needs: tuple[str, ...] = ()

    @property
    def said(self) -> str:
        """The sentence that is shown and recorded."""
        what = self.constraint or " ".join(self.needs)
        return tr("{why}: built again with `{what}`", why=tr(self.why), what=what)


def find(output: str, tried: tuple[Remedy, ...] = ()) -> Remedy | None:
    """The first remedy for what a build said that was not tried yet."""
    forgotten = _forgotten(output)
    candidates = (*REMEDIES, *((forgotten,) if forgotten else ()))
    names = {remedy.name for remedy in tried}
    return next((each for each in candidates if each.name not in names and re.search(each.pattern, output)), None)


def _forgotten(output: str) -> Remedy | None:
    """A setup script imports a distribution that its project does not ask for to be built."""
    found = re.search(r"(?:ModuleNotFoundError|ImportError): No module named '?([A-Za-z_]\w*)", output)
    if not found or found[1] not in _BUILD_MODULES:
        return None
    return needing(_BUILD_MODULES[found[1]])


def needing(distribution: str) -> Remedy:
    """The remedy for a project that needs `distribution` to be built and does not say so."""
    return Remedy(
        name=NEEDS + distribution,
        pattern="",
        why="its setup script imports what it does not ask for",
        needs=(distribution,),
    )


NEEDS = "needs "

# Each bound was found by trying the releases of the build tool, oldest to newest.
REMEDIES = (
    Remedy(
        name="2to3",
        pattern=r"use_2to3 is invalid",
        why="`use_2to3` is gone from setuptools 58",
        constraint="setuptools<58",
    ),
    Remedy(
        name="pkg_resources",
        pattern=r"No module named '?pkg_resources|cannot import name '?(?:packaging|extern)'? from '?pkg_resources",
        why="`pkg_resources` is gone from setuptools 82",
        constraint="setuptools<82",
    ),
    Remedy(
        name="msvccompiler",
        pattern=r"No module named '?(?:setuptools\._)?distutils\.msvc9?compiler|cannot import name '?msvc9?compiler",
        why="`distutils.msvccompiler` is gone from setuptools 74",
        constraint="setuptools<74",
    ),
    Remedy(
        name="dep_util",
        pattern=r"No module named '?setuptools\.dep_util",
        why="`setuptools.dep_util` is gone from setuptools 70",
        constraint="setuptools<70",
    ),
    Remedy(
        name="extern",
        pattern=r"No module named '?setuptools\.extern",
        why="`setuptools.extern` is gone from setuptools 71",
        constraint="setuptools<71",
    ),
    Remedy(
        name="upload_docs",
        pattern=r"No module named '?setuptools\.command\.upload_docs|cannot import name '?upload_docs",
        why="the `upload_docs` command is gone from setuptools 75",
        constraint="setuptools<75",
    ),
    Remedy(
        name="dry_run",
        pattern=r"has no attribute 'dry_run'|unexpected keyword argument 'dry_run'",
        why="`dry_run` is gone from setuptools 81",
        constraint="setuptools<81",
    ),
    Remedy(
        name="cython 3",
        pattern=r"Cython\.Compiler\.Errors\.CompileError|undeclared name not builtin: (?:long|unicode|basestring)"
        r"|'build_ext' object has no attribute 'cython_sources'",
        why="it was written for Cython before version 3",
        constraint="cython<3",
    ),
    Remedy(
        name="numpy 2",
        pattern=r"PyArray_Descr[^\n]*has no member",
        why="it was written for NumPy before version 2",
        constraint="numpy<2",
    ),
    Remedy(
        name="distutils",
        pattern=r"No module named '?distutils",
        why="`distutils` is gone from Python 3.12; setuptools brings it",
        needs=("setuptools",),
    ),
    Remedy(
        name="wheel",
        pattern=r"invalid command '?bdist_wheel",
        why="it needs `wheel` to be built, and does not say so",
        needs=("wheel",),
    ),
)

# What setup scripts import -> the distribution that has it. Others could be anything, also malice: not guessed.
_BUILD_MODULES = {
    "numpy": "numpy",
    "Cython": "cython",
    "cython": "cython",
    "pybind11": "pybind11",
    "setuptools_scm": "setuptools-scm",
    "setuptools_rust": "setuptools-rust",
    "setuptools": "setuptools",
    "wheel": "wheel",
    "packaging": "packaging",
    "cffi": "cffi",
    "pbr": "pbr",
    "torch": "torch",
    "versioneer": "versioneer",
    "skbuild": "scikit-build",
    "cmake": "cmake",
    "ninja": "ninja",
    "requests": "requests",
    "six": "six",
    "toml": "toml",
    "tomli": "tomli",
    "yaml": "pyyaml",
    "jinja2": "jinja2",
    "scipy": "scipy",
    "pkgconfig": "pkgconfig",
    "extension_helpers": "extension-helpers",
    "nanobind": "nanobind",
    "hatchling": "hatchling",
    "poetry": "poetry-core",
    "flit_core": "flit-core",
}
