"""Create a server: python create.py DATABASE IDENTIFIER IMAGE. All of it is there in the end, or nothing."""

from __future__ import annotations

import sys
from pathlib import Path

from installer.errors import InstallerError
from phases.containers.apps.section import App, Health
from phases.containers.servers import Server, create_server


def main() -> int:
    """Create it; on failure, there is nothing to clean."""
    database, identifier, image = sys.argv[1:]
    server = Server(
        identifier=identifier,
        app=App(
            image=image,
            command=("sh", "-c", "cat /data/server.ini; exec sleep 3600"),
            health=Health(command=("test", "-s", "/data/server.ini")),
        ),
        configuration={"server.ini": f"[server]\nname = {identifier}\n".encode()},
    )
    try:
        container = create_server(server, Path(database))
    except InstallerError as error:
        sys.stderr.write(f"error: {error}\n")
        return error.exit_code
    sys.stdout.write(f"{server.name} runs in {container[:12]}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
