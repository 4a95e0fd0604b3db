"""Where a person's vault is, unless they say otherwise."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path

HOME_VARIABLE = "AUTORESUMEFILLER_HOME"
_DOT_DIRECTORY = ".autoresumefiller"


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
    """
    environ = os.environ if environ is None else environ
    home = Path.home() if home is None else home
    if explicit is not None:
        return _absolute(Path(explicit), home)
    if named := environ.get(HOME_VARIABLE):
        return _absolute(Path(named), home)
    if (home / _DOT_DIRECTORY).is_dir():
        return home / _DOT_DIRECTORY
    return _platform_directory(environ, home)


def _absolute(path: Path, home: Path) -> Path:
    if path.parts[:1] == ("~",):
        path = home.joinpath(*path.parts[1:])
    # normpath, not resolve(): "vault/../other" must not follow links to get shorter.
    return Path(os.path.normpath(Path.cwd() / path.expanduser()))


def _platform_directory(environ: Mapping[str, str], home: Path) -> Path:
    if sys.platform in {"win32", "darwin"}:
        from platformdirs import user_data_path  # not needed on the way to any other place

        return user_data_path("AutoResumeFiller", appauthor=False, roaming=True)
    # The XDG base directory specification: a relative path is invalid and ignored.
    base = Path(environ.get("XDG_DATA_HOME", ""))
    return (base if base.is_absolute() else home / ".local" / "share") / "autoresumefiller"
