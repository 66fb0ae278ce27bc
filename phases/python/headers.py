"""Which system package provides a header, program or library that a build did not find."""

from __future__ import annotations

import re
from dataclasses import dataclass

from installer.i18n import tr


@dataclass(frozen=True, slots=True)
class Provider:
    """The package that brings something, as Debian, Fedora and Homebrew call it; empty where there is none."""

    debian: str
    fedora: str
    brew: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Lack:
    """What a build did not find. `provider` is None where we do not know who has it."""

    what: str
    kind: str
    provider: Provider | None


def find(output: str) -> Lack | None:
    """The first thing of the system's that `output` says is not there."""
    for kind, pattern in _PATTERNS:
        for found in pattern.finditer(output):
            what = next(group for group in found.groups() if group)
            provider = _provider(what, kind)
            if kind == "program" and provider is None:
                continue
            return Lack(what=what, kind=kind, provider=provider)
    return None


def advice(provider: Provider) -> str:
    """The commands that bring it."""
    commands = []
    if provider.debian:
        commands.append(f"apt-get install {provider.debian}")
    if provider.fedora:
        commands.append(f"dnf install {provider.fedora}")
    if provider.brew:
        commands.append(f"brew install {provider.brew}")
    return tr("install it: {commands}", commands=" | ".join(commands))


def _provider(what: str, kind: str) -> Provider | None:
    table = {"header": _HEADERS, "program": _PROGRAMS, "library": _LIBRARIES}[kind]
    if what in table:
        return table[what]
    folder = what.partition("/")[0]
    return _HEADER_FOLDERS.get(folder) if kind == "header" and "/" in what else None


_PATTERNS = (
    (
        "header",
        re.compile(
            r"fatal error: '?([\w./+-]+\.(?:h|hpp|hh|hxx|H))'?(?::| file not found)"
            r"|[Cc]annot open include file: '([^']+)'"
            r"|Cannot find ([\w./]+\.h)\b"
        ),
    ),
    (
        "library",
        re.compile(
            r"cannot find -l([\w.+-]+)|library '?-?l?([\w.+-]+)'? not found|ld: library not found for -l([\w.+-]+)"
        ),
    ),
    (
        "program",
        re.compile(
            r"(?:No such file or directory|not found|Unknown compiler\(s\)|[Cc]ould not find|unable to execute|"
            r"failed to find|[Cc]annot find|command)[^\n]{0,60}?['\"`\[ ]{1,3}([\w.+-]+)['\"`\]]"
            r"|([\w.+-]+)(?: executable)?(?:: command)? not found"
            r"|error: command '([^']+)' failed: No such file"
            r"|([\w.+-]+)(?: is)? (?:required|needed) to build"
        ),
    ),
)

_PYTHON = Provider("python3-dev", "python3-devel", "python")
_PQ = Provider("libpq-dev", "libpq-devel", "libpq")
_MYSQL = Provider("default-libmysqlclient-dev", "mysql-devel", "mysql-client")
_SSL = Provider("libssl-dev", "openssl-devel", "openssl")
_COMPILER = Provider("build-essential", "gcc gcc-c++ make", "gcc")
_XML = Provider("libxml2-dev libxslt1-dev", "libxml2-devel libxslt-devel", "libxml2 libxslt")
_RUST = Provider("cargo", "cargo", "rust")
_HDF5 = Provider("libhdf5-dev", "hdf5-devel", "hdf5")
_CAIRO = Provider("libcairo2-dev", "cairo-devel", "cairo")
_BLAS = Provider("libopenblas-dev", "openblas-devel", "openblas")
_AV = Provider(
    "libavformat-dev libavcodec-dev libavdevice-dev libavutil-dev libswscale-dev", "ffmpeg-free-devel", "ffmpeg"
)

_HEADERS = {
    "Python.h": _PYTHON,
    "pyconfig.h": _PYTHON,
    "ffi.h": Provider("libffi-dev", "libffi-devel", "libffi"),
    "libpq-fe.h": _PQ,
    "pg_config.h": _PQ,
    "mysql.h": _MYSQL,
    "zlib.h": Provider("zlib1g-dev", "zlib-devel", "zlib"),
    "bzlib.h": Provider("libbz2-dev", "bzip2-devel", "bzip2"),
    "lzma.h": Provider("liblzma-dev", "xz-devel", "xz"),
    "zstd.h": Provider("libzstd-dev", "libzstd-devel", "zstd"),
    "lz4.h": Provider("liblz4-dev", "lz4-devel", "lz4"),
    "snappy.h": Provider("libsnappy-dev", "snappy-devel", "snappy"),
    "snappy-c.h": Provider("libsnappy-dev", "snappy-devel", "snappy"),
    "sqlite3.h": Provider("libsqlite3-dev", "sqlite-devel", "sqlite"),
    "yaml.h": Provider("libyaml-dev", "libyaml-devel", "libyaml"),
    "ldap.h": Provider("libldap-dev libsasl2-dev", "openldap-devel cyrus-sasl-devel", "openldap"),
    "lber.h": Provider("libldap-dev libsasl2-dev", "openldap-devel cyrus-sasl-devel", "openldap"),
    "krb5.h": Provider("libkrb5-dev", "krb5-devel", "krb5"),
    "sql.h": Provider("unixodbc-dev", "unixODBC-devel", "unixodbc"),
    "sqlext.h": Provider("unixodbc-dev", "unixODBC-devel", "unixodbc"),
    "curl.h": Provider("libcurl4-openssl-dev", "libcurl-devel", "curl"),
    "gmp.h": Provider("libgmp-dev", "gmp-devel", "gmp"),
    "mpfr.h": Provider("libmpfr-dev", "mpfr-devel", "mpfr"),
    "mpc.h": Provider("libmpc-dev", "libmpc-devel", "libmpc"),
    "fftw3.h": Provider("libfftw3-dev", "fftw-devel", "fftw"),
    "hdf5.h": _HDF5,
    "netcdf.h": Provider("libnetcdf-dev", "netcdf-devel", "netcdf"),
    "cblas.h": _BLAS,
    "jpeglib.h": Provider("libjpeg-dev", "libjpeg-turbo-devel", "jpeg-turbo"),
    "png.h": Provider("libpng-dev", "libpng-devel", "libpng"),
    "tiffio.h": Provider("libtiff-dev", "libtiff-devel", "libtiff"),
    "webp.h": Provider("libwebp-dev", "libwebp-devel", "webp"),
    "ft2build.h": Provider("libfreetype-dev", "freetype-devel", "freetype"),
    "cairo.h": _CAIRO,
    "portaudio.h": Provider("portaudio19-dev", "portaudio-devel", "portaudio"),
    "sndfile.h": Provider("libsndfile1-dev", "libsndfile-devel", "libsndfile"),
    "pcap.h": Provider("libpcap-dev", "libpcap-devel", "libpcap"),
    "usb.h": Provider("libusb-1.0-0-dev", "libusb1-devel", "libusb"),
    "libusb.h": Provider("libusb-1.0-0-dev", "libusb1-devel", "libusb"),
    "systemd/sd-daemon.h": Provider("libsystemd-dev", "systemd-devel", ""),
    "magic.h": Provider("libmagic-dev", "file-devel", "libmagic"),
    "pcre.h": Provider("libpcre3-dev", "pcre-devel", "pcre"),
    "pcre2.h": Provider("libpcre2-dev", "pcre2-devel", "pcre2"),
    "readline.h": Provider("libreadline-dev", "readline-devel", "readline"),
    "ncurses.h": Provider("libncurses-dev", "ncurses-devel", "ncurses"),
    "curses.h": Provider("libncurses-dev", "ncurses-devel", "ncurses"),
    "expat.h": Provider("libexpat1-dev", "expat-devel", "expat"),
    "X11/Xlib.h": Provider("libx11-dev", "libX11-devel", "libx11"),
    "GL/gl.h": Provider("libgl-dev", "mesa-libGL-devel", "mesa"),
    "linux/input.h": Provider("linux-libc-dev", "kernel-headers", ""),
    "sys/acl.h": Provider("libacl1-dev", "libacl-devel", ""),
    "attr/xattr.h": Provider("libattr1-dev", "libattr-devel", ""),
    "sys/capability.h": Provider("libcap-dev", "libcap-devel", ""),
    "alsa/asoundlib.h": Provider("libasound2-dev", "alsa-lib-devel", ""),
    "geos_c.h": Provider("libgeos-dev", "geos-devel", "geos"),
    "proj.h": Provider("libproj-dev", "proj-devel", "proj"),
    "gdal.h": Provider("libgdal-dev", "gdal-devel", "gdal"),
    "ev.h": Provider("libev-dev", "libev-devel", "libev"),
    "event.h": Provider("libevent-dev", "libevent-devel", "libevent"),
    "uv.h": Provider("libuv1-dev", "libuv-devel", "libuv"),
    "rocksdb/c.h": Provider("librocksdb-dev", "rocksdb-devel", "rocksdb"),
    "mpi.h": Provider("libopenmpi-dev", "openmpi-devel", "open-mpi"),
    "stdio.h": _COMPILER,
    "stdlib.h": _COMPILER,
    "limits.h": _COMPILER,
}
_HEADER_FOLDERS = {
    "openssl": _SSL,
    "libxml": _XML,
    "libxslt": _XML,
    "ffi": _HEADERS["ffi.h"],
    "curl": _HEADERS["curl.h"],
    "cairo": _CAIRO,
    "freetype": _HEADERS["ft2build.h"],
    "sasl": _HEADERS["ldap.h"],
    "gssapi": _HEADERS["krb5.h"],
    "readline": _HEADERS["readline.h"],
    "boost": Provider("libboost-all-dev", "boost-devel", "boost"),
    "eigen3": Provider("libeigen3-dev", "eigen3-devel", "eigen"),
    "Eigen": Provider("libeigen3-dev", "eigen3-devel", "eigen"),
    "opencv2": Provider("libopencv-dev", "opencv-devel", "opencv"),
    "libavcodec": _AV,
    "libavformat": _AV,
    "libavutil": _AV,
    "SDL2": Provider("libsdl2-dev", "SDL2-devel", "sdl2"),
    "SDL": Provider("libsdl1.2-dev", "SDL-devel", "sdl12-compat"),
    "X11": _HEADERS["X11/Xlib.h"],
    "GL": _HEADERS["GL/gl.h"],
    "alsa": _HEADERS["alsa/asoundlib.h"],
    "systemd": _HEADERS["systemd/sd-daemon.h"],
    "mysql": _MYSQL,
    "postgresql": _PQ,
    "google": Provider("libprotobuf-dev protobuf-compiler", "protobuf-devel protobuf-compiler", "protobuf"),
    "dbus": Provider("libdbus-1-dev", "dbus-devel", "dbus"),
    "glib-2.0": Provider("libglib2.0-dev", "glib2-devel", "glib"),
}
_PROGRAMS = {
    "pg_config": _PQ,
    "mysql_config": _MYSQL,
    "mariadb_config": Provider("libmariadb-dev", "mariadb-connector-c-devel", "mariadb-connector-c"),
    "cmake": Provider("cmake", "cmake", "cmake"),
    "CMake": Provider("cmake", "cmake", "cmake"),
    "ninja": Provider("ninja-build", "ninja-build", "ninja"),
    "make": _COMPILER,
    "cc": _COMPILER,
    "gcc": _COMPILER,
    "g++": _COMPILER,
    "c++": _COMPILER,
    "clang": Provider("clang", "clang", "llvm"),
    "clang++": Provider("clang", "clang", "llvm"),
    "x86_64-linux-gnu-gcc": _COMPILER,
    "aarch64-linux-gnu-gcc": _COMPILER,
    "gfortran": Provider("gfortran", "gcc-gfortran", "gcc"),
    "rustc": _RUST,
    "cargo": _RUST,
    "Rust": _RUST,
    "swig": Provider("swig", "swig", "swig"),
    "pkg-config": Provider("pkg-config", "pkgconf-pkg-config", "pkgconf"),
    "xml2-config": _XML,
    "xslt-config": _XML,
    "curl-config": _HEADERS["curl.h"],
    "krb5-config": _HEADERS["krb5.h"],
    "gdal-config": _HEADERS["gdal.h"],
    "geos-config": _HEADERS["geos_c.h"],
    "nc-config": _HEADERS["netcdf.h"],
    "h5cc": _HDF5,
    "mpicc": _HEADERS["mpi.h"],
    "sdl2-config": _HEADER_FOLDERS["SDL2"],
    "sdl-config": _HEADER_FOLDERS["SDL"],
    "freetype-config": _HEADERS["ft2build.h"],
    "llvm-config": Provider("llvm-dev", "llvm-devel", "llvm"),
    "protoc": Provider("protobuf-compiler", "protobuf-compiler", "protobuf"),
    "bison": Provider("bison", "bison", "bison"),
    "flex": Provider("flex", "flex", "flex"),
    "patchelf": Provider("patchelf", "patchelf", ""),
    "go": Provider("golang", "golang", "go"),
    "node": Provider("nodejs", "nodejs", "node"),
    "npm": Provider("npm", "nodejs-npm", "node"),
    "java": Provider("default-jdk", "java-devel", "openjdk"),
    "git": Provider("git", "git", "git"),
    "autoreconf": Provider("autoconf automake libtool", "autoconf automake libtool", "autoconf automake libtool"),
}
_LIBRARIES = {
    "python3": _PYTHON,
    "pq": _PQ,
    "mysqlclient": _MYSQL,
    "ssl": _SSL,
    "crypto": _SSL,
    "z": _HEADERS["zlib.h"],
    "bz2": _HEADERS["bzlib.h"],
    "lzma": _HEADERS["lzma.h"],
    "ffi": _HEADERS["ffi.h"],
    "xml2": _XML,
    "xslt": _XML,
    "sqlite3": _HEADERS["sqlite3.h"],
    "openblas": _BLAS,
    "blas": _BLAS,
    "lapack": Provider("liblapack-dev", "lapack-devel", "lapack"),
    "hdf5": _HDF5,
    "gmp": _HEADERS["gmp.h"],
    "stdc++": _COMPILER,
}
