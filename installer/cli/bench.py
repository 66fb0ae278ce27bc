"""`bench`: measure Surefoot beside uv and git. The benchmarks are part of a clone, and lie beside this package."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import click

from installer.cli.options import Asked, verb
from installer.errors import Precondition
from installer.i18n import tr


@verb(
    tr(
        "Measure what Surefoot costs, by turns with uv and git on this machine.\n\n"
        "NAMEs are benchmarks or groups of them: `budgets` (the default), `growth`, `containers` (where there is an "
        "engine), `profile`, `all`. It takes minutes."
    ),
    example="manage.py bench fresh rollback --pairs 9",
)
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--pairs", type=click.IntRange(min=1), metavar="N", help=tr("How often each comparison is made (9)."))
@click.option("--quick", is_flag=True, help=tr("Run each once with the smallest size, to see that it works."))
@click.option("--pictures", type=click.Path(), metavar="FOLDER", help=tr("Draw what was measured, as SVG."))
@click.option("--write", type=click.Path(), metavar="PAGE", help=tr("Renew the tables and pictures of this page."))
def bench(
    asked: Asked, names: tuple[str, ...], *, pairs: int | None, quick: bool, pictures: str | None, write: str | None
) -> int:
    """Run the benchmarks of the clone that this package is part of; the exit code is theirs."""
    started = Path(__file__).resolve().parents[2] / "benchmarks" / "__main__.py"
    if not started.is_file():
        raise Precondition(
            "bench.clone",
            tr("the benchmarks are part of a clone of Surefoot, not of the installed package"),
            hint=tr("run `python3 manage.py bench` there"),
        )
    given = {"--pairs": pairs and str(pairs), "--pictures": pictures, "--write": write}
    words = [word for name, value in given.items() if value for word in (name, value)]
    switches = [name for name, on in (("--quick", quick), ("--json", asked.as_json)) if on]
    sys.stdout.flush()
    command = [sys.executable, "-I", os.fspath(started), *words, *switches, "--", *names]
    finished = subprocess.run(command, check=False)
    return finished.returncode if finished.returncode >= 0 else 128 - finished.returncode
