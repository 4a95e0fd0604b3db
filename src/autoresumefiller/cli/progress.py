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

from autoresumefiller.cli import wording
from autoresumefiller.cli.interruption import Interruption
from autoresumefiller.cli.standard_streams import outlive_reader
from autoresumefiller.cli.terminal import Terminal, shown
from autoresumefiller.model.progress import Stage

if TYPE_CHECKING:
    from rich.progress import Progress, TaskID

UPDATES_PER_SECOND = 10
_BAR_WIDTH = 20

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
        except BaseException:
            # Only then: what is done is done, and being told of it is part of it.
            self._interruption.release()
            raise
        finally:
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
            outlive_reader()
        elif stage is not Stage.DONE:
            self._interruption.allow()
        # Neither a question nor the end is anything to watch.
        if self._bar is not None and stage not in {Stage.AWAITING_CONFIRMATION, Stage.DONE}:
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
        self._amount = ""

    def describe(self, words: str) -> None:
        self._words = words
        self._draw()

    def move(self, current: int, total: int, name: str) -> None:
        amount = f"{wording.size(current)} of {wording.size(total)}"
        self._draw(completed=current, total=total, amount=amount, name=shown(name))

    def stop(self) -> None:
        if self._bar is not None:
            self._bar.stop()
            self._bar = None

    def _draw(
        self,
        *,
        completed: int | None = None,
        total: int | None = None,
        amount: str | None = None,
        name: str = "",
    ) -> None:
        if self._bar is None:
            self._bar, self._task = self._start()
        if self._task is not None:
            self._amount = self._amount if amount is None else amount
            self._bar.update(
                self._task,
                description=self._words,
                completed=completed,
                total=total,
                amount=self._amount,
                name=name,
            )
        self._bar.refresh()

    def _start(self) -> "tuple[Progress, TaskID]":
        from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn
        from rich.table import Column

        bar = Progress(
            TextColumn("{task.description}", markup=False, table_column=Column(no_wrap=True)),
            BarColumn(bar_width=_BAR_WIDTH),
            TaskProgressColumn(),
            TextColumn("{task.fields[amount]}", markup=False, table_column=Column(no_wrap=True)),
            # The last and the first to be shortened where the terminal is narrow.
            TextColumn(
                "{task.fields[name]}",
                markup=False,
                style="dim",
                table_column=Column(no_wrap=True, overflow="ellipsis", ratio=1),
            ),
            console=self._console,
            auto_refresh=False,
            transient=True,
            expand=True,
        )
        task = bar.add_task(self._words, total=None, name="", amount="")
        bar.start()
        return bar, task
