"""How far a long command is: a bar for people, objects for programs.

The bar is drawn on standard error and only on a terminal; it goes away when
the command is done. Both are told at most `UPDATES_PER_SECOND` times a second,
but always the first time, at every new stage and at the end: a vault of a
hundred thousand small files must not be slower for being watched.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

from autoresumefiller.cli.interruption import Interruption
from autoresumefiller.cli.terminal import Terminal, shown
from autoresumefiller.model.progress import Stage

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

UPDATES_PER_SECOND = 10
_NAME_WIDTH = 40

STAGE_WORDS = {
    Stage.PREPARING: "Looking at your files",
    Stage.READING: "Reading your files",
    Stage.WRITING: "Writing the archive",
    Stage.VERIFYING: "Checking what was written",
    Stage.VALIDATING: "Checking the backup",
    Stage.AWAITING_CONFIRMATION: "Waiting for your answer",
    Stage.BACKING_UP: "Backing up what is there",
    Stage.RESTORING: "Putting files in place",
    Stage.COMMITTING: "Finishing",
    Stage.DONE: "Done",
}


class ProgressReporter:
    """Receives what an operation tells: pass `stage` and `progress` as its callbacks."""

    def __init__(
        self,
        terminal: Terminal,
        interruption: Interruption,
        *,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._terminal = terminal
        self._interruption = interruption
        self._clock = clock
        self._stage = Stage.PREPARING
        self._due = 0.0
        self._bar: _Bar | None = None

    @contextmanager
    def running(self) -> Iterator["ProgressReporter"]:
        """Show progress until the block ends, however it ends."""
        if self._terminal.shows_progress:
            self._bar = _Bar(self._terminal)
        try:
            yield self
        finally:
            self._interruption.allow()
            self.pause()

    def pause(self) -> None:
        """Take the bar away, for a question; the next report brings it back."""
        if self._bar is not None:
            self._bar.stop()

    def stage(self, stage: Stage) -> None:
        """Enter a stage. From COMMITTING on it is too late to cancel."""
        self._stage = stage
        self._due = 0.0
        if stage is Stage.COMMITTING:
            self._interruption.hold()
        elif stage is not Stage.DONE:
            self._interruption.allow()
        if self._bar is not None:
            self._bar.describe(STAGE_WORDS[stage])
        self._terminal.progress({"stage": stage.value})

    def progress(self, current_bytes: int, total_bytes: int, current_file: str) -> None:
        """Report how far the operation is; see `model.progress.ProgressCallback`."""
        now = self._clock()
        if now < self._due and current_bytes < total_bytes:
            return
        self._due = now + 1 / UPDATES_PER_SECOND
        if self._bar is not None:
            self._bar.move(current_bytes, total_bytes, current_file)
        self._terminal.progress(
            {
                "stage": self._stage.value,
                "current_bytes": current_bytes,
                "total_bytes": total_bytes,
                "current_file": current_file,
            }
        )


class _Bar:
    """The bar itself; drawn when told, so that no thread writes behind a question."""

    def __init__(self, terminal: Terminal) -> None:
        self._console = terminal.error_console
        self._bar: Progress | None = None
        self._task: TaskID | None = None
        self._words = STAGE_WORDS[Stage.PREPARING]

    def describe(self, words: str) -> None:
        self._words = words
        self._draw(name="")

    def move(self, current: int, total: int, name: str) -> None:
        self._draw(completed=current, total=total, name=_shortened(shown(name)))

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(self, *, name: str, completed: int | None = None, total: int | None = None) -> None:
        if self._bar is None:
            self._bar, self._task = self._start()
        if self._task is not None:
            self._bar.update(
                self._task, description=self._words, completed=completed, total=total, name=name
            )
        self._bar.refresh()

    def _start(self) -> "tuple[Progress, TaskID]":
        from rich.progress import (
            BarColumn,
            DownloadColumn,
            Progress,
            TaskProgressColumn,
            TextColumn,
        )

        bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TaskProgressColumn(),
            DownloadColumn(),
            TextColumn("{task.fields[name]}", markup=False, style="dim"),
            console=self._console,
            auto_refresh=False,
            transient=True,
        )
        task = bar.add_task(self._words, total=None, name="")
        bar.start()
        return bar, task


def _shortened(name: str) -> str:
    """Keep the end of a long path: it is the part that differs."""
    return name if len(name) <= _NAME_WIDTH else f"…{name[1 - _NAME_WIDTH :]}"
