"""The process: ``autoresumefiller``, ``arf`` and ``python -m autoresumefiller``."""

import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType

from autoresumefiller.cli.standard_streams import StandardStreams


def main() -> None:
    """Run the command line and end the process with its status."""
    _on_signals(_interrupt)  # until the command line has handlers of its own
    streams = StandardStreams()
    try:
        status = streams.close(_run(sys.argv[1:]))
    except KeyboardInterrupt:
        # While starting, or ending: once the command line runs it handles this itself.
        status = 130
    except BrokenPipeError:
        # Whoever read our output has gone. Python flushes once more at exit,
        # which must not fail as well.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        status = 1
    _on_signals(signal.SIG_IGN)  # it is over: what comes now must not change how it ended
    sys.exit(status)


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _on_signals(handler: Callable[[int, FrameType | None], None] | signal.Handlers) -> None:
    for name in ("SIGINT", "SIGTERM", "SIGHUP"):
        number = getattr(signal, name, None)  # Windows has no hang-up
        # Ignored: nohup, a job in the background.
        if number is not None and signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, handler)


def _run(arguments: list[str]) -> int:
    if arguments == ["--version"]:
        # The commonest question of scripts is answered before anything heavy is imported.
        from autoresumefiller.version import __version__

        print(f"autoresumefiller {__version__}")  # noqa: T201 - see above: no terminal yet
        return 0
    try:
        from autoresumefiller.cli.app import run
    except KeyboardInterrupt:
        print("Cancelled. Nothing in your vault was changed.", file=sys.stderr)  # noqa: T201
        raise
    return run(arguments, program=_program(), server=_serve)


def _serve(vault: Path, host: str, port: int, *, open_browser: bool) -> None:
    """Run the server: joined to the command line here, because neither may import the other."""
    from autoresumefiller.api.server import serve

    serve(vault, host, port, open_browser=open_browser)


def _program() -> str:
    name = Path(sys.argv[0]).stem
    return "autoresumefiller" if name == "__main__" else name


if __name__ == "__main__":
    main()
