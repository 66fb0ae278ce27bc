"""What an action is given to work with: its scratch folder, the process door, and a voice."""

from __future__ import annotations

from contextlib import suppress
from typing import TYPE_CHECKING

from installer import files
from installer.model import Context, Line, Note, Progress

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence
    from pathlib import Path

    from installer.logbook import Logbook
    from installer.model import Finished, Run, Step


class Workbench:
    """Makes the `Context` of a step, and clears up after it."""

    def __init__(self, logbook: Logbook) -> None:
        self.logbook = logbook
        self.store = logbook.store
        self.setting = logbook.setting

    def context(self, step: Step) -> Context:
        """What the action of `step` is given; its scratch folder is empty."""
        self.clear(step)
        scratch = self._scratch(step)
        files.make_folder(scratch, durable=False)
        tell = self.logbook.tell
        return Context(
            root=self.store.root,
            state=self.store.state,
            install_id=self.logbook.install_id,
            options=self.setting.options,
            scratch=scratch,
            run=self._door(step),
            report=lambda done, total: tell(Progress(step=step.id, done=done, total=total)),
            note=lambda text: tell(Note(level="info", text=text)),
            warn=lambda text: tell(Note(level="warning", text=text)),
        )

    def clear(self, step: Step) -> None:
        """Remove the scratch folder of `step`."""
        with suppress(OSError):  # a leftover in a folder of ours is no reason to fail
            files.remove_tree(self._scratch(step), durable=False)

    def command(self, argv: tuple[str, ...]) -> None:
        """Run the inverse of a step, also after an interruption, but in no rehearsal. Raises as `process.run`."""
        if not self.setting.rehearsal:
            from installer import process  # taking a run back mostly starts nothing

            process.allow()
            process.run(argv, cwd=self.store.root, keep_open=self._descriptors())

    def _door(self, step: Step) -> Run:
        """The process door, bound to `step`: what its children say is told as the step's."""

        def run_in(
            argv: Sequence[str],
            *,
            cwd: Path | None = None,
            env: Mapping[str, str] | None = None,
            timeout: float | None = None,
            check: bool = True,
            quiet: bool = False,
            on_line: Callable[[str], None] | None = None,
        ) -> Finished:
            from installer import process

            def line(text: str) -> None:
                if not quiet:
                    self.logbook.tell(Line(step=step.id, text=text))
                if on_line is not None:
                    on_line(text)

            return process.run(
                argv,
                cwd=cwd or self.store.root,
                env=env,
                timeout=timeout,
                check=check,
                on_line=line,
                keep_open=self._descriptors(),
            )

        return run_in

    def _scratch(self, step: Step) -> Path:
        return self.store.folder / "scratch" / step.id

    def _descriptors(self) -> tuple[int, ...]:
        return (self.setting.lock,) if self.setting.lock >= 0 else ()
