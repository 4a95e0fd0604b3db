"""Run the server until it is told to stop.

It listens on this computer only. It speaks plain HTTP: on a network, anybody
in between could read the token and with it everything. So an address that
others can reach is refused, and the way to reach the server from elsewhere is
a tunnel (``ssh -L``), which encrypts and knows who asks.
"""

import asyncio
import logging
import os
import signal
import socket
import sys
import threading
import webbrowser
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from io import TextIOWrapper
from ipaddress import ip_address
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from autoresumefiller.api.access_log import Discreet
from autoresumefiller.api.app import create_app
from autoresumefiller.api.context import Context
from autoresumefiller.api.routes.server import login_link
from autoresumefiller.backup.access_token import TOKEN_FILE, VARIABLE
from autoresumefiller.errors import InvalidArgumentError, StorageError
from autoresumefiller.model.printable import printable

if TYPE_CHECKING:
    from fastapi import FastAPI

DEBUG_VARIABLE = "AUTORESUMEFILLER_DEBUG"

_NOT_STARTED = "The server was not started."
_GRACE_SECONDS = 10
_LOG_BYTES = 1024 * 1024
_LOG_FILES = 3


def serve(vault: Path, host: str, port: int, *, open_browser: bool) -> None:
    """Serve a vault until SIGINT or SIGTERM, then stop in order: jobs first.

    Args:
        vault: The vault; created if it is not there.
        host: A loopback address, or ``localhost``.
        port: 0 takes any that is free.
        open_browser: Open the page in the person's browser.

    Raises:
        InvalidArgumentError: the host is not this computer alone, or the token is unfit.
        StorageError: the port is taken, or the vault cannot be read.
        VaultLayoutError, RecoveryError: the vault cannot be opened.

    """
    address = loopback(host)
    with _listening(address, port) as listener:
        app = create_app(vault, allowed_hosts=host_names(address, listener.getsockname()[1]))
        context: Context = app.state.context
        with _logging(context):
            link = login_link(context)
            _announce(context, link)
            if open_browser:
                threading.Thread(target=webbrowser.open, args=(link,), daemon=True).start()
            _Server(app).run(sockets=[listener])


def loopback(host: str) -> str:
    """Return the loopback address that a host stands for.

    Raises:
        InvalidArgumentError: it stands for something that others can reach.

    """
    if host.lower() == "localhost":
        return "127.0.0.1"
    try:
        address = ip_address(host.strip("[]"))
    except ValueError:
        address = None
    if address is None or not address.is_loopback:
        raise InvalidArgumentError(
            f"The server listens on this computer only, and {host!r} is not a loopback address",
            consequence=_NOT_STARTED,
            hint="It speaks plain HTTP, so on a network others could read everything. To reach "
            "it from another computer: ssh -L 8765:127.0.0.1:8765 USER@THIS-COMPUTER",
        )
    return str(address)


def host_names(address: str, port: int) -> list[str]:
    """Return every value of ``Host`` that means this server, the usual one first."""
    own = f"[{address}]" if ":" in address else address
    names = dict.fromkeys([own, "127.0.0.1", "localhost", "[::1]"])
    return [f"{name}:{port}" for name in names] + (list(names) if port == 80 else [])  # noqa: PLR2004 - browsers leave out HTTP's own port


class _Server(uvicorn.Server):
    """uvicorn that ends the jobs while connections end, and returns after a signal."""

    def __init__(self, app: "FastAPI") -> None:
        debug = bool(os.environ.get(DEBUG_VARIABLE))
        super().__init__(
            uvicorn.Config(
                app,
                log_config=None,
                log_level="debug" if debug else "warning",
                access_log=debug,
                server_header=False,
                ws="none",
                timeout_graceful_shutdown=_GRACE_SECONDS,
            )
        )
        self._jobs = app.state.context.jobs

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        # Together: an event stream ends when its job does, and uvicorn waits for it.
        closing = asyncio.create_task(asyncio.to_thread(self._jobs.close))
        await super().shutdown(sockets)
        await closing

    @contextmanager
    def capture_signals(self) -> Generator[None, None, None]:
        """Have signals stop the server, without uvicorn's raising them once more afterwards."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        names = ("SIGINT", "SIGTERM", "SIGHUP", "SIGBREAK")
        numbers = [getattr(signal, name) for name in names if hasattr(signal, name)]
        before = {
            number: signal.signal(number, self.handle_exit)
            for number in numbers
            if signal.getsignal(number) not in {signal.SIG_IGN, None}
        }
        try:
            yield
        finally:
            for number, handler in before.items():
                signal.signal(number, handler)


@contextmanager
def _listening(address: str, port: int) -> Iterator[socket.socket]:
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    # The protocol is named because asyncio sets TCP_NODELAY only where it is:
    # without it every answer waits 40 ms for the reader's delayed ACK.
    with socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP) as listener:
        if sys.platform != "win32":  # there it would let two servers share a port
            listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            listener.bind((address, port))
            listener.listen(128)
        except OSError as error:
            raise StorageError(
                f"Port {port} at {address} cannot be used: {(error.strerror or '').lower()}",
                errno=error.errno,
                consequence=_NOT_STARTED,
                hint="Perhaps the server runs already. Choose another port: --port 0 takes a "
                "free one.",
            ) from error
        yield listener


class _PrivateLog(RotatingFileHandler):
    """A log file for the owner alone."""

    def _open(self) -> TextIOWrapper:
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | getattr(os, "O_NOFOLLOW", 0)
        descriptor = os.open(self.baseFilename, flags, 0o600)
        return TextIOWrapper(os.fdopen(descriptor, "ab"), self.encoding, self.errors)


@contextmanager
def _logging(context: Context) -> Iterator[None]:
    """Log warnings to ``logs/server.log`` of the vault; debugging logs all, to stderr too."""
    layout = context.vault.layout
    debug = bool(os.environ.get(DEBUG_VARIABLE))
    handlers: list[logging.Handler] = []
    if layout.logs.is_dir():  # the person may have removed it; then it stays away
        handlers.append(
            _PrivateLog(
                layout.logs / "server.log",
                maxBytes=_LOG_BYTES,
                backupCount=_LOG_FILES,
                encoding="utf-8",
                errors="backslashreplace",
                delay=True,
            )
        )
    if debug or not handlers:
        handlers.append(logging.StreamHandler())
    root = logging.getLogger()
    for handler in handlers:
        handler.addFilter(Discreet([context.sessions.token]))
        handler.setFormatter(logging.Formatter("%(asctime)s %(levelname)s %(name)s: %(message)s"))
        handler.setLevel(logging.DEBUG if debug else logging.WARNING)
        root.addHandler(handler)
    try:
        yield
    finally:
        for handler in handlers:
            root.removeHandler(handler)
            handler.close()


def _announce(context: Context, link: str) -> None:
    # On stderr: stdout belongs to results (arf serve --json).
    file = context.vault.layout.state / TOKEN_FILE
    where = VARIABLE if os.environ.get(VARIABLE) else printable(str(file))
    sys.stderr.write(
        f"AutoResumeFiller is at {context.address}\n"
        f"Open this link, which works once and for ten minutes:\n  {link}\n"
        f"Programs send the token in {where}\n"
        "Ctrl-C stops it.\n"
    )
    sys.stderr.flush()
