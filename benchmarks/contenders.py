"""Who is measured: our library and our program beside the tools people use."""

import os
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

from benchmarks import parts
from benchmarks.corpora import MEMBERS
from benchmarks.discarding import discard
from benchmarks.measuring import Command, Contender, Place, run

FLOOR = "`cp -r`, then `sync`"
LIBRARY = "**ours**, the call"
PROCESS = "**ours**, `arf` as a whole"
ZIP = "`zip -6 -r`"
SEVEN_ZIP = "`7z -tzip -mx=5`"
STAGED = "stdlib `zipfile`, staged, SHA-256"
RESTIC = "restic"
BORG = "borg"
UNZIP = "`unzip`"
RESTIC_RESTORE = "`restic restore --verify`"

PYTHON = sys.executable
ARF = str(Path(sys.executable).with_name("arf"))
_THREADS = str(os.cpu_count())


def _archive(place: Place) -> Path:
    return place.area / "out.zip"


def _out(place: Place) -> Path:
    return place.area / "out"


def _repository(place: Place) -> Path:
    return place.area / "repository"


def _archive_size(place: Place) -> int:
    return _archive(place).stat().st_size


def _repository_size(place: Place) -> int:
    return sum(path.stat().st_size for path in _repository(place).rglob("*") if path.is_file())


def _remove(which: Callable[[Place], Path]) -> Callable[[Place], None]:
    def remove(place: Place) -> None:
        path = which(place)
        if path.is_dir():
            discard(path, within=place.area)
        else:
            path.unlink(missing_ok=True)

    return remove


def _fresh_out(place: Place) -> None:
    _remove(_out)(place)
    _out(place).mkdir()


# --- export: the vault, once, into one file or a new repository --------------------


def _copy(place: Place) -> Command:
    script = 'cp -r -- "$@" && sync'
    out = str(_out(place))
    return Command(arguments=["sh", "-c", script, "sh", *MEMBERS, out], directory=place.vault)


def _zip(place: Place) -> Command:
    arguments = ["zip", "-6", "-q", "-r", _archive(place), *MEMBERS]
    return Command(arguments=arguments, directory=place.vault)


def _seven_zip(place: Place) -> Command:
    options = ["-tzip", "-mx=5", f"-mmt={_THREADS}", "-bso0", "-bsp0"]
    return Command(
        arguments=["7z", "a", *options, _archive(place), *MEMBERS], directory=place.vault
    )


def _staged(place: Place) -> Command:
    return Command(arguments=[PYTHON, "-m", "benchmarks.staged", place.vault, _archive(place)])


def _restic_new(place: Place) -> None:
    _remove(lambda place: place.area / "restic-cache")(place)
    _new_repository(place, ["restic", "-q", "-r", _repository(place), "init"])


def _new_repository(place: Place, make: list[str | Path]) -> None:
    """Make an empty repository, or copy the one made before: making it takes seconds."""
    _remove(_repository)(place)
    empty = place.area / "empty"
    if not empty.is_dir():
        run(make, home=place.area)
        shutil.copytree(_repository(place), empty)
    else:
        shutil.copytree(empty, _repository(place))


def _restic(place: Place) -> Command:
    arguments = ["restic", "-q", "-r", _repository(place), "backup", *MEMBERS]
    return Command(arguments=arguments, directory=place.vault)


def _borg_new(place: Place) -> None:
    _remove(lambda place: place.area / "borg")(place)
    _new_repository(place, ["borg", "init", "-e", "none", _repository(place)])


def _borg(place: Place) -> Command:
    archive = f"{_repository(place)}::round{place.number}"
    return Command(arguments=["borg", "create", archive, *MEMBERS], directory=place.vault)


def _library(place: Place) -> Command:
    arguments = [PYTHON, "-m", "benchmarks.ours", "export", place.vault, _archive(place)]
    return Command(arguments=arguments, tells=True)


def _process(place: Place) -> Command:
    return Command(arguments=[ARF, "--vault", place.vault, "export", _archive(place)])


_ARCHIVE = {"size": _archive_size, "after": _remove(_archive)}

EXPORTS = (
    Contender(name=FLOOR, program="cp", command=_copy, before=_fresh_out),
    Contender(name=LIBRARY, program=PYTHON, command=_library, **_ARCHIVE),
    Contender(name=PROCESS, program=ARF, command=_process, **_ARCHIVE),
    Contender(name=ZIP, program="zip", command=_zip, **_ARCHIVE),
    Contender(name=SEVEN_ZIP, program="7z", command=_seven_zip, **_ARCHIVE),
    Contender(name=STAGED, program=PYTHON, command=_staged, **_ARCHIVE),
    Contender(
        name=RESTIC, program="restic", command=_restic, before=_restic_new, size=_repository_size
    ),
    Contender(name=BORG, program="borg", command=_borg, before=_borg_new, size=_repository_size),
)

# --- again: a vault of which 1 % has changed since the last time ------------------


def _first(make: Callable[[Place], Command], *, new: Callable[[Place], None]) -> Callable:
    def prepare(place: Place) -> None:
        new(place)
        command = make(Place(vault=place.vault, area=place.area, number=-1))
        run(command.arguments, home=place.area, directory=command.directory)

    return prepare


def _backups(place: Place) -> Path:
    return place.vault / "backups"


def _kept(place: Place) -> Path:
    return _backups(place) / f"autoresumefiller_backup_20250101_{place.number + 1:06d}.zip"


def _library_kept(place: Place) -> Command:
    arguments = [PYTHON, "-m", "benchmarks.ours", "export", place.vault, _kept(place)]
    return Command(arguments=arguments, tells=True)


def _process_kept(place: Place) -> Command:
    return Command(arguments=[ARF, "--vault", place.vault, "export", _kept(place)])


def _no_backups_yet(place: Place) -> None:
    _backups(place).mkdir(mode=0o700, exist_ok=True)


def _put_backups_away(place: Place) -> None:
    _backups(place).rename(place.area / "backups")


def _bring_backups_back(place: Place) -> None:
    (place.area / "backups").rename(_backups(place))


def _ours_again(name: str, program: str, command: Callable[[Place], Command]) -> Contender:
    """Return one of ours that finds the backups that it made itself in earlier rounds.

    In that of another, made in the same round, nothing would have changed.
    """
    make_first = _first(command, new=_no_backups_yet)

    def prepare(place: Place) -> None:
        make_first(place)
        _put_backups_away(place)

    return Contender(
        name=name,
        program=program,
        command=command,
        prepare=prepare,
        before=_bring_backups_back,
        size=lambda place: _kept(place).stat().st_size,
        after=_put_backups_away,
    )


AGAIN = (
    Contender(name=FLOOR, program="cp", command=_copy, before=_fresh_out),
    _ours_again(LIBRARY, PYTHON, _library_kept),
    _ours_again(PROCESS, ARF, _process_kept),
    Contender(
        name=RESTIC, program="restic", command=_restic, prepare=_first(_restic, new=_restic_new)
    ),
    Contender(name=BORG, program="borg", command=_borg, prepare=_first(_borg, new=_borg_new)),
)

# --- import: everything back, into an empty place -----------------------------------


def _shared_archive(place: Place) -> Path:
    """Return what all take that read an archive of ours: of 5 GB one is enough."""
    return place.area.parent / "shared.zip"


def _prepare_archive(place: Place) -> None:
    if not _shared_archive(place).exists():
        arguments = [PYTHON, "-m", "benchmarks.ours", "export", place.vault, _shared_archive(place)]
        run(arguments, home=place.area)


def _copy_back(place: Place) -> Command:
    script = 'cp -r -- "$@" && sync'
    arguments = ["sh", "-c", script, "sh", *MEMBERS, str(_out(place))]
    return Command(arguments=arguments, directory=place.vault)


def _unzip(place: Place) -> Command:
    return Command(arguments=["unzip", "-q", _archive(place), "-d", _out(place)])


def _unzip_ours(place: Place) -> Command:
    return Command(arguments=["unzip", "-q", _shared_archive(place), "-d", _out(place)])


def _seven_unzip(place: Place) -> Command:
    return Command(
        arguments=["7z", "x", "-bso0", "-bsp0", f"-o{_out(place)}", _archive(place)],
    )


def _restic_restore(place: Place) -> Command:
    options = ["--target", _out(place), "--verify"]
    return Command(
        arguments=["restic", "-q", "-r", _repository(place), "restore", "latest", *options]
    )


def _borg_extract(place: Place) -> Command:
    return Command(
        arguments=["borg", "extract", f"{_repository(place)}::round-1"], directory=_out(place)
    )


def _library_import(place: Place) -> Command:
    arguments = [PYTHON, "-m", "benchmarks.ours", "import", _shared_archive(place), _out(place)]
    return Command(arguments=arguments, tells=True)


def _process_import(place: Place) -> Command:
    arguments = ["import", _shared_archive(place), "--yes", "--no-backup"]
    return Command(arguments=[ARF, "--vault", _out(place), *arguments])


def _made(make: Callable[[Place], Command]) -> Callable[[Place], None]:
    return _first(make, new=lambda _place: None)


IMPORTS = (
    Contender(name=FLOOR, program="cp", command=_copy_back, before=_fresh_out),
    Contender(
        name=LIBRARY,
        program=PYTHON,
        command=_library_import,
        prepare=_prepare_archive,
        before=_remove(_out),
    ),
    Contender(
        name=PROCESS,
        program=ARF,
        command=_process_import,
        prepare=_prepare_archive,
        before=_remove(_out),
    ),
    Contender(
        name=UNZIP,
        program="unzip",
        command=_unzip,
        prepare=_made(_zip),
        before=_fresh_out,
    ),
    Contender(
        name="`7z x`",
        program="7z",
        command=_seven_unzip,
        prepare=_made(_zip),
        before=_fresh_out,
    ),
    Contender(
        name=RESTIC_RESTORE,
        program="restic",
        command=_restic_restore,
        prepare=_first(_restic, new=_restic_new),
        before=_fresh_out,
    ),
    Contender(
        name="`borg extract`",
        program="borg",
        command=_borg_extract,
        prepare=_first(_borg, new=_borg_new),
        before=_fresh_out,
    ),
)


UNZIP_OURS = Contender(
    name="`unzip`, of our archive",
    program="unzip",
    command=_unzip_ours,
    prepare=_prepare_archive,
    before=_fresh_out,
)
"""Where `zip` itself would take minutes to make what is unpacked."""


# --- the parts of ours, each by itself: where the time goes -------------------------


def _part(what: str, part: str) -> Contender:
    def command(place: Place) -> Command:
        arguments = [what, part, place.vault]
        places = [_shared_archive(place), _out(place)]
        return Command(
            arguments=[PYTHON, "-m", "benchmarks.parts", *arguments, *places], tells=True
        )

    return Contender(
        name=part,
        program=PYTHON,
        command=command,
        prepare=_prepare_archive,
        before=_remove(_out),
        after=_remove(_out),
    )


EXPORT_PARTS = (
    Contender(name=LIBRARY, program=PYTHON, command=_library, after=_remove(_archive)),
    *(_part("export", part) for part in parts.EXPORT),
)
IMPORT_PARTS = (
    Contender(
        name=LIBRARY,
        program=PYTHON,
        command=_library_import,
        prepare=_prepare_archive,
        before=_remove(_out),
    ),
    *(_part("import", part) for part in parts.IMPORT),
)


def some(contenders: tuple[Contender, ...], *names: str) -> tuple[Contender, ...]:
    """Return the contenders of those names, for corpora where the others take too long."""
    return tuple(contender for contender in contenders if contender.name in names)
