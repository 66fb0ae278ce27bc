"""Servers: a row in a database, a container and two volumes that come together, or not at all. For library users."""

from __future__ import annotations

from phases.containers.servers.creating import create_server, settle
from phases.containers.servers.server import Server
from phases.containers.servers.starting import start_server

__all__ = ["Server", "create_server", "settle", "start_server"]
