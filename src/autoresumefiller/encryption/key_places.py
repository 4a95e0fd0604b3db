"""Where a vault's key lives: one place, named by the person, never a fallback.

===============================  ==============================================
named by                         the key is
===============================  ==============================================
``AUTORESUMEFILLER_KEY_FILE``    a line of that file, 0600
``AUTORESUMEFILLER_KEY_COMMAND`` what the command prints, a password manager's
                                 for instance; it can only be read
a key file chosen for the vault  a line of that file, 0600
nothing                          in the system's keyring
===============================  ==============================================

A place that is named and fails is an error; the next one is not tried, for a
key that silently went elsewhere is a key that is lost with the next machine.
"""

import errno
import os
import shlex
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from typing import IO, Final, Protocol

from autoresumefiller.encryption.os_keyring import KeyringStore
from autoresumefiller.encryption.vault_key import VaultKey
from autoresumefiller.errors import KeyStoreError
from autoresumefiller.model.printable import printable

FILE_VARIABLE: Final = "AUTORESUMEFILLER_KEY_FILE"
COMMAND_VARIABLE: Final = "AUTORESUMEFILLER_KEY_COMMAND"

_MAX_TEXT_BYTES = 64 * 1024
_PATIENCE_SECONDS = 120.0  # a person may have to unlock a password manager


class KeyPlace(Protocol):
    """A place where keys live."""

    @property
    def name(self) -> str:
        """What it is called in messages."""
        ...

    @property
    def can_add(self) -> bool:
        """Whether `add` works."""
        ...

    def require_usable(self) -> None:
        """Raise KeyStoreError if it can be seen already that the place would fail."""
        ...

    def find(self, key_id: str) -> VaultKey | None:
        """Return the key of this id, or None; KeyStoreError if the place fails."""
        ...

    def newest(self) -> VaultKey | None:
        """Return the key that was added last, or None where that cannot be told."""
        ...

    def add(self, key: VaultKey) -> None:
        """Keep a key as well; KeyStoreError if it is not kept."""
        ...


def key_place(environ: Mapping[str, str], chosen_file: Path | None) -> KeyPlace:
    """Return the place that is named, see the module.

    Raises:
        KeyStoreError: two are named.

    """
    file, command = environ.get(FILE_VARIABLE, ""), environ.get(COMMAND_VARIABLE, "")
    if file and command:
        raise KeyStoreError(
            f"Both {FILE_VARIABLE} and {COMMAND_VARIABLE} are set", hint="Unset one of them."
        )
    if file:
        return KeyFile(Path(os.path.expanduser(file)))  # noqa: PTH111 - Path's raises for ~unknown
    if command:
        return KeyCommand(command)
    return KeyringStore() if chosen_file is None else KeyFile(chosen_file)


class KeyFile:
    """A file with one key in each line, the newest last; ``#`` begins a comment."""

    can_add = True

    def __init__(self, path: Path) -> None:
        self.path = path

    @property
    def name(self) -> str:
        """What it is called in messages."""
        return f"the key file {printable(str(self.path))}"

    def require_usable(self) -> None:
        """Look at the file, or at the folder where it will be; errors as `find`."""
        if not self._keys() and not self.path.parent.is_dir():
            raise self._failed("written", FileNotFoundError(errno.ENOENT, "its folder is missing"))

    def find(self, key_id: str) -> VaultKey | None:
        """Return the key of this id, or None.

        Raises:
            KeyStoreError: the file is not private, not readable or no key file.

        """
        return next((key for key in self._keys() if key.key_id == key_id), None)

    def newest(self) -> VaultKey | None:
        """Return the last key; errors as `find`."""
        return next(reversed(self._keys()), None)

    def add(self, key: VaultKey) -> None:
        """Write a key behind those that are there; when this returns it is on the disk.

        Raises:
            KeyStoreError: the file is as it was.

        """
        if key in self._keys():
            return
        before = self._text() or "# Keys of AutoResumeFiller: whoever has them reads the profile.\n"
        try:
            self._replace(f"{before.rstrip()}\n{key.to_text()}\n".encode())
        except OSError as error:
            raise self._failed("written", error) from error

    def _keys(self) -> list[VaultKey]:
        return _parse(self._text())

    def _text(self) -> str:
        try:
            # Not to wait for ever where a pipe is in the place of the file.
            flags = os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0)
            with os.fdopen(os.open(self.path, flags), "rb") as file:
                self._require_private(os.fstat(file.fileno()))
                text = file.read(_MAX_TEXT_BYTES + 1)
        except FileNotFoundError:
            return ""
        except OSError as error:
            raise self._failed("read", error) from error
        return _decoded(text, self.name)

    def _require_private(self, status: os.stat_result) -> None:
        if not stat.S_ISREG(status.st_mode):
            raise KeyStoreError(
                f"{self.name[0].upper()}{self.name[1:]} is no regular file",
                hint=f"Name a file; a program that prints the key goes into {COMMAND_VARIABLE}.",
            )
        if sys.platform == "win32":
            return
        if stat.S_IMODE(status.st_mode) & 0o077:
            raise KeyStoreError(
                f"Others may read {self.name}",
                hint=f"Run: chmod 600 {shlex.quote(str(self.path))}. If somebody may have "
                "read it, run 'arf key rotate' afterwards.",
            )

    def _replace(self, data: bytes) -> None:
        # Always the same name: what a kill leaves there, the next key replaces.
        path = Path(os.path.realpath(self.path))  # a link to a stick stays one
        temporary = path.with_name(f".{path.name}.adding")
        temporary.unlink(missing_ok=True)
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | getattr(os, "O_BINARY", 0)
        descriptor = os.open(temporary, flags, 0o600)
        try:
            with os.fdopen(descriptor, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            temporary.replace(path)
        except BaseException:
            with suppress(OSError):
                temporary.unlink()
            raise
        if sys.platform != "win32":
            directory = os.open(path.parent, os.O_RDONLY)
            try:
                os.fsync(directory)
            finally:
                os.close(directory)

    def _failed(self, action: str, error: OSError) -> KeyStoreError:
        reason = error.strerror or type(error).__name__
        return KeyStoreError(
            f"{self.name[0].upper()}{self.name[1:]} could not be {action}: {reason}",
            hint="Check that its folder is there (a stick may not be plugged in) and yours.",
        )


class KeyCommand:
    """What a command prints: one key in each line, the newest last."""

    can_add = False
    name = f"the command in {COMMAND_VARIABLE}"

    def __init__(self, command: str) -> None:
        self._command = command

    def require_usable(self) -> None:
        """Run the command; errors as `find`."""
        self._keys()

    def find(self, key_id: str) -> VaultKey | None:
        """Return the key of this id, or None.

        Raises:
            KeyStoreError: the command failed, or printed something else.

        """
        return next((key for key in self._keys() if key.key_id == key_id), None)

    def newest(self) -> VaultKey | None:
        """Return the last key; errors as `find`."""
        return next(reversed(self._keys()), None)

    def add(self, key: VaultKey) -> None:  # noqa: ARG002 - the protocol's
        """Refuse.

        Raises:
            KeyStoreError: always.

        """
        raise KeyStoreError(
            f"A key cannot be added to {self.name}",
            hint="Run 'arf key new', keep the line it prints where the command finds it, "
            "below the key that is there, then try again.",
        )

    def _keys(self) -> list[VaultKey]:
        try:
            # Windows has one line of arguments, and each program takes it apart itself.
            posix = sys.platform != "win32"
            arguments = shlex.split(self._command) if posix else self._command
            printed, status = _run(arguments)
        except (OSError, ValueError, subprocess.TimeoutExpired, IndexError) as error:
            raise KeyStoreError(
                f"The command in {COMMAND_VARIABLE} could not be run ({type(error).__name__})",
                hint="Run it by hand and see what it says.",
            ) from None
        if status and len(printed) <= _MAX_TEXT_BYTES:
            raise KeyStoreError(
                f"The command in {COMMAND_VARIABLE} failed with status {status}",
                hint="Run it by hand and see what it says.",
            )
        return _parse(_decoded(printed, self.name))


def _run(arguments: list[str] | str) -> tuple[bytes, int]:
    """Return what a command prints, and its status; it is killed when it prints without end."""
    printed = bytearray()

    def read(output: IO[bytes]) -> None:
        with output:
            while len(printed) <= _MAX_TEXT_BYTES and (data := output.read(_MAX_TEXT_BYTES)):
                printed.extend(data)

    deadline = time.monotonic() + _PATIENCE_SECONDS
    process = subprocess.Popen(  # noqa: S603 - the person's own command, no shell
        arguments, stdout=subprocess.PIPE, bufsize=0
    )
    if process.stdout is None:
        raise AssertionError("a pipe was asked for")
    # In a thread: what the command started may hold the pipe open when it was killed itself.
    reader = threading.Thread(target=read, args=(process.stdout,), daemon=True)
    try:
        reader.start()
        reader.join(_PATIENCE_SECONDS)
        if reader.is_alive():
            raise subprocess.TimeoutExpired("", _PATIENCE_SECONDS)
        if len(printed) <= _MAX_TEXT_BYTES:
            process.wait(max(0.0, deadline - time.monotonic()))
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    return bytes(printed), process.returncode


def _decoded(text: bytes, name: str) -> str:
    try:
        if len(text) <= _MAX_TEXT_BYTES:
            return text.decode("utf-8-sig")  # an editor may have put a mark before it
    except UnicodeDecodeError:
        pass
    raise KeyStoreError(f"What {name} has is no key of ours", hint="Check which file it is.")


def _parse(text: str) -> list[VaultKey]:
    lines = (line.strip() for line in text.splitlines())
    return [VaultKey.parse(line) for line in lines if line and not line.startswith("#")]
