"""Which package of Debian, Fedora and Homebrew provides a header, a program or a library."""

from __future__ import annotations

from installer.frozen import dataclass


@dataclass(frozen=True, slots=True)
class Provider:
    """The package that brings something, as Debian, Fedora and Homebrew call it; empty where there is none."""

    debian: str
    fedora: str
    brew: str


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

HEADERS = {
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
HEADER_FOLDERS = {
    "openssl": _SSL,
    "libxml": _XML,
    "libxslt": _XML,
    "ffi": HEADERS["ffi.h"],
    "curl": HEADERS["curl.h"],
    "cairo": _CAIRO,
    "freetype": HEADERS["ft2build.h"],
    "sasl": HEADERS["ldap.h"],
    "gssapi": HEADERS["krb5.h"],
    "readline": HEADERS["readline.h"],
    "boost": Provider("libboost-all-dev", "boost-devel", "boost"),
    "eigen3": Provider("libeigen3-dev", "eigen3-devel", "eigen"),
    "Eigen": Provider("libeigen3-dev", "eigen3-devel", "eigen"),
    "opencv2": Provider("libopencv-dev", "opencv-devel", "opencv"),
    "libavcodec": _AV,
    "libavformat": _AV,
    "libavutil": _AV,
    "SDL2": Provider("libsdl2-dev", "SDL2-devel", "sdl2"),
    "SDL": Provider("libsdl1.2-dev", "SDL-devel", "sdl12-compat"),
    "X11": HEADERS["X11/Xlib.h"],
    "GL": HEADERS["GL/gl.h"],
    "alsa": HEADERS["alsa/asoundlib.h"],
    "systemd": HEADERS["systemd/sd-daemon.h"],
    "mysql": _MYSQL,
    "postgresql": _PQ,
    "google": Provider("libprotobuf-dev protobuf-compiler", "protobuf-devel protobuf-compiler", "protobuf"),
    "dbus": Provider("libdbus-1-dev", "dbus-devel", "dbus"),
    "glib-2.0": Provider("libglib2.0-dev", "glib2-devel", "glib"),
}
PROGRAMS = {
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
    "curl-config": HEADERS["curl.h"],
    "krb5-config": HEADERS["krb5.h"],
    "gdal-config": HEADERS["gdal.h"],
    "geos-config": HEADERS["geos_c.h"],
    "nc-config": HEADERS["netcdf.h"],
    "h5cc": _HDF5,
    "mpicc": HEADERS["mpi.h"],
    "sdl2-config": HEADER_FOLDERS["SDL2"],
    "sdl-config": HEADER_FOLDERS["SDL"],
    "freetype-config": HEADERS["ft2build.h"],
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
LIBRARIES = {
    "python3": _PYTHON,
    "pq": _PQ,
    "mysqlclient": _MYSQL,
    "ssl": _SSL,
    "crypto": _SSL,
    "z": HEADERS["zlib.h"],
    "bz2": HEADERS["bzlib.h"],
    "lzma": HEADERS["lzma.h"],
    "ffi": HEADERS["ffi.h"],
    "xml2": _XML,
    "xslt": _XML,
    "sqlite3": HEADERS["sqlite3.h"],
    "openblas": _BLAS,
    "blas": _BLAS,
    "lapack": Provider("liblapack-dev", "lapack-devel", "lapack"),
    "hdf5": _HDF5,
    "gmp": HEADERS["gmp.h"],
    "stdc++": _COMPILER,
}
