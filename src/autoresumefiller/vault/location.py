"""Where a person's vault is, unless they say otherwise."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.printable import printable
from autoresumefiller.vault.durable import storage

HOME_VARIABLE = "AUTORESUMEFILLER_HOME"
_DOT_DIRECTORY = ".autoresumefiller"
_NAME_ONE = f"Name a folder with --vault, or in {HOME_VARIABLE}."


def resolve(
    explicit: Path | str | None = None,
    *,
    environ: Mapping[str, str] | None = None,
    home: Path | None = None,
) -> Path:
    """Return the absolute path of the vault; it need not exist.

    In this order: ``explicit``; ``AUTORESUMEFILLER_HOME``; ``~/.autoresumefiller``
    if it is there; the platform's directory for application data. A variable
    that is set to nothing counts as not set. Links are not resolved: a vault
    keeps the name that its owner gave it.

    Raises:
        InvalidArgumentError: what was named is blank or no path; or it depends
            on a home directory, or a current one, that there is not.
        AccessDeniedError: the home directory is not this account's to look into.

    """
    environ = os.environ if environ is None else environ
    if explicit is not None:
        return _absolute(explicit, "The vault's place", home)
    if named := environ.get(HOME_VARIABLE):
        return _absolute(named, HOME_VARIABLE, home)
    home = _home() if home is None else home
    usual = home / _DOT_DIRECTORY
    with storage("look for", usual):
        if usual.is_dir():
            return usual
    return _platform_directory(environ, home)


def _absolute(given: Path | str, what: str, home: Path | None) -> Path:
    text = os.fspath(given)
    # Blank would mean the current directory: somebody's variable was empty.
    if not text.strip():
        raise InvalidArgumentError(f"{what} is blank", hint=_NAME_ONE)
    if "\0" in text:
        raise InvalidArgumentError(f"{what}, {printable(text)}, holds a NUL character")
    path = Path(text)
    if path.parts[:1] == ("~",):
        # Not asked before it is needed: an account without a home is no rarity in a container.
        path = (_home() if home is None else home).joinpath(*path.parts[1:])
    try:
        path = path.expanduser()
    except RuntimeError:
        raise InvalidArgumentError(
            f"There is no home directory of {printable(path.parts[0])}", hint=_NAME_ONE
        ) from None
    # normpath, not resolve(): "vault/../other" must not follow links to get shorter.
    return Path(os.path.normpath(path if path.is_absolute() else _current() / path))


def _home() -> Path:
    try:
        return Path.home()
    except RuntimeError:
        raise InvalidArgumentError(
            "This account has no home directory, so the vault has no usual place", hint=_NAME_ONE
        ) from None


def _current() -> Path:
    try:
        return Path.cwd()
    except OSError as error:
        raise InvalidArgumentError(
            "The current directory is not there any more, so no path can begin in it",
            hint="Change to another directory, or name the whole path.",
        ) from error


def _platform_directory(environ: Mapping[str, str], home: Path) -> Path:
    if sys.platform in {"win32", "darwin"}:
        from platformdirs import user_data_path  # not needed on the way to any other place

        return user_data_path("AutoResumeFiller", appauthor=False, roaming=True)
    # The XDG base directory specification: a relative path is invalid and ignored.
    base = Path(environ.get("XDG_DATA_HOME", ""))
    return (base if base.is_absolute() else home / ".local" / "share") / "autoresumefiller"
