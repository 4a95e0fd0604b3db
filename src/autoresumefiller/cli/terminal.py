r"""What reaches the terminal, and the rules for it.

1. Every string that comes from a disk, an archive or an argument is hostile.
   All text passes through `printable`: control characters, escape sequences,
   bidirectional and invisible characters, line breaks and undecodable bytes
   appear as visible escapes such as ``\x1b``. There is no way around it: this
   module is the only one that writes, and it takes text, not markup.
2. Results go to standard output; warnings, errors, questions and progress to
   standard error, so that output can be piped and still be talked about.
3. With ``--json`` standard output carries JSON objects only, one on each line,
   each with an ``event``: any number of ``progress``, then exactly one
   ``result`` or ``error``. Only ASCII is written: whatever a file is called,
   no terminal and no decoder can be upset by it.
4. A question is asked only where a person can see it and answer: standard input
   and standard error are terminals and the output is not JSON.
5. Nothing that a person may copy (a path, a name) is cut or wrapped.
6. Colour adds nothing that the words do not say, and NO_COLOR turns it off.
"""

import json
import os
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Any, TextIO

from autoresumefiller.cli.error_facts import facts, faults
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.table import Part, lay_out, text_of, two_lines, width_of
from autoresumefiller.errors import AutoResumeFillerError
from autoresumefiller.model.printable import printable

if TYPE_CHECKING:
    from rich.console import Console

__all__ = ["Part", "Terminal", "shown"]

_LINE_LIMIT = 20_000  # characters of one string: more is no message any more


def shown(text: str) -> str:
    """Return text as it may be written to a terminal (rule 1)."""
    return printable(text, limit=_LINE_LIMIT)


class Terminal:
    """Standard output and standard error of one command.

    Attributes:
        json: Whether rule 3 applies; then everything for people is silent.

    """

    def __init__(
        self,
        *,
        json_lines: bool,
        stdin: TextIO | None = None,
        stdout: TextIO | None = None,
        stderr: TextIO | None = None,
        before_result: Callable[[], None] = lambda: None,
    ) -> None:
        """Use the process's streams where none are given; `result` calls ``before_result``."""
        self.json = json_lines
        self._before_result = before_result
        self._stdin = stdin or sys.stdin
        self._stdout = stdout or sys.stdout
        self._stderr = stderr or sys.stderr
        self._consoles: dict[bool, Console] = {}

    @property
    def interactive(self) -> bool:
        """Whether a person can be asked (rule 4)."""
        return not self.json and _is_terminal(self._stdin) and _is_terminal(self._stderr)

    @property
    def shows_progress(self) -> bool:
        """Whether a progress bar would be seen."""
        return not self.json and _is_terminal(self._stderr)

    def say(self, *parts: Part) -> None:
        """Write one line for people to standard output."""
        if not self.json:
            self._write([_shown(part) for part in parts], to_stderr=False)

    def note(self, *parts: Part) -> None:
        """Write one line for people to standard error."""
        if not self.json:
            self._write([_shown(part) for part in parts], to_stderr=True)

    def warn(self, message: str) -> None:
        """Tell a person what they should know; programs find it in the result."""
        self.note(("Warning: ", "bold yellow"), message)

    def mark(self, *, passed: bool | None) -> Part:
        """Return a tick, a cross, or a dash for what was not looked at."""
        plain = not _encodes("✓✗", self._stdout)
        if passed is None:
            return ("- " if plain else "– ", "dim")
        if passed:
            return ("ok " if plain else "✓ ", "bold green")
        return ("NO " if plain else "✗ ", "bold red")

    def table(self, columns: Sequence[str], rows: Iterable[Sequence[Part]]) -> None:
        """Write a table; columns whose heading starts with ``>`` are set flush right.

        Where the terminal is too narrow each row becomes two lines, the first
        cell and then the others: a name that is broken cannot be copied.
        """
        if self.json:
            return
        cells = [[_shown(part) for part in row] for row in rows]
        headings = [shown(heading) for heading in columns]
        lines = lay_out(headings, cells, rule="─" if _encodes("─", self._stdout) else "-")
        if _is_terminal(self._stdout):
            if max(map(width_of, lines)) <= self._console(to_stderr=False).width:
                lines = [[], *lines, []]
            else:
                lines = [line for row in cells for line in two_lines(row)]
        for line in lines:
            self._write(line, to_stderr=False)

    def result(self, payload: Mapping[str, Any]) -> None:
        """End with a result; people have been told in words."""
        self._before_result()
        self._emit({"event": "result", **payload})

    def progress(self, payload: Mapping[str, Any]) -> None:
        """Report progress to a program."""
        self._emit({"event": "progress", **payload})

    def error(self, error: AutoResumeFillerError) -> None:
        """End with an error: what happened, what it means, what to do."""
        self._emit({"event": "error", "error": facts(error)})
        self.note(("Error: ", "bold red"), _sentence(error.message))
        for detail in faults(error):
            self.note("  - ", detail)
        if error.consequence:
            self.note(error.consequence)
        if error.hint:
            self.note(("What to do: ", "bold"), error.hint)

    def usage(self, message: str, *, help_command: str) -> None:
        """End because the command line itself is wrong."""
        hint = f"Run '{help_command}'."
        self._fail(code="usage", message=message, hint=hint, status=ExitCode.USAGE)

    def interrupted(self, sentence: str) -> None:
        """End because the person cancelled."""
        if self.shows_progress:
            self._stderr.write("\n")  # past the ^C that the terminal echoed
        status = int(ExitCode.INTERRUPTED)
        fields = {"code": "interrupted", "message": sentence, "consequence": "", "hint": ""}
        self._emit({"event": "error", "error": {**fields, "exit_status": status}})
        self.note(sentence)

    def fault(self, error: Exception, *, how_to_see_more: str) -> None:
        """End because of a mistake in this program."""
        message = f"Something went wrong that should not have: {type(error).__name__}: {error}"
        hint = f"Please report it; with {how_to_see_more} in the environment you see where it was."
        self._fail(code="internal", message=message, hint=hint, status=ExitCode.FAILED)

    def _fail(self, *, code: str, message: str, hint: str, status: ExitCode) -> None:
        fields = {"code": code, "message": message, "consequence": "", "hint": hint}
        self._emit({"event": "error", "error": {**fields, "exit_status": int(status)}})
        self.note(("Error: ", "bold red"), _sentence(message))
        self.note(("What to do: ", "bold"), hint)

    def ask(self, question: str, *, default: bool) -> bool:
        """Ask a yes-or-no question until it is answered; end of input is a no.

        Only where `interactive`; ``question`` ends with its own ``[y/N]``.
        """
        while True:
            self._stderr.write(f"{shown(question)} ")
            self._stderr.flush()
            line = self._stdin.readline()
            if not line:
                self._stderr.write("\n")
                return False
            answer = line.strip().lower()
            if answer in {"y", "yes"}:
                return True
            if answer in {"n", "no"}:
                return False
            if not answer:
                return default
            self.note("Please answer y or n.")

    def ask_line(self, question: str) -> str:
        """Ask for a line of text, "" at the end of input; only where `interactive`."""
        self._stderr.write(f"{shown(question)}: ")
        self._stderr.flush()
        return self._stdin.readline().strip()

    def ask_hidden(self, question: str) -> str:
        """Ask for a text that is not shown while it is typed; only where `interactive`."""
        from getpass import getpass

        typed = getpass(shown(question), stream=self._stderr)
        # The line's end, which getpass leaves in the buffer: what follows may go to stdout.
        self._stderr.flush()
        return typed

    def _emit(self, payload: Mapping[str, Any]) -> None:
        if not self.json:
            return
        self._stdout.write(json.dumps(payload, default=_plain) + "\n")
        self._stdout.flush()

    def _write(self, parts: Sequence[Part], *, to_stderr: bool) -> None:
        """Write a line of parts that went through `shown`."""
        stream = self._stderr if to_stderr else self._stdout
        if not _is_terminal(stream) and not os.environ.get("FORCE_COLOR"):
            # Without colour there is nothing that would be worth importing Rich.
            stream.write("".join(map(text_of, parts)) + "\n")
            stream.flush()
            return
        from rich.text import Text

        self._console(to_stderr=to_stderr).print(Text.assemble(*parts), soft_wrap=True)

    def _console(self, *, to_stderr: bool) -> "Console":
        if to_stderr not in self._consoles:
            from rich.console import Console

            stream = self._stderr if to_stderr else self._stdout
            self._consoles[to_stderr] = Console(
                file=stream,
                markup=False,
                highlight=False,
                emoji=False,
            )
        return self._consoles[to_stderr]

    @property
    def error_console(self) -> "Console":
        """The console of standard error, for the progress bar."""
        return self._console(to_stderr=True)


def _sentence(text: str) -> str:
    return text if text.endswith((".", "?", "!")) else f"{text}."


def _shown(part: Part) -> Part:
    return shown(part) if isinstance(part, str) else (shown(part[0]), part[1])


def _plain(value: object) -> object:
    """Turn what json does not know into text: paths and times."""
    if isinstance(value, os.PathLike):
        return os.fspath(value)
    if isinstance(value, datetime):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no place in a result")


def _is_terminal(stream: TextIO) -> bool:
    try:
        return stream.isatty()
    except ValueError:  # closed
        return False


def _encodes(characters: str, stream: TextIO) -> bool:
    try:
        characters.encode(stream.encoding or "ascii")
    except (LookupError, UnicodeEncodeError):
        return False
    return True
