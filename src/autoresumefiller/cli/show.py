"""``arf show``: what an archive says of itself, in plain words."""

import shlex
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any, BinaryIO

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.archive_argument import ArchiveArgument, locate
from autoresumefiller.cli.contents import folder_rows
from autoresumefiller.cli.list_ import TYPE_WORDS
from autoresumefiller.cli.passphrase import PassphraseFileOption
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.terminal import Part, Terminal
from autoresumefiller.cli.unlocking import KitOption, Unlocking, opened_backup
from autoresumefiller.errors import BackupValidationError
from autoresumefiller.model.finding import Severity
from autoresumefiller.model.metadata import Metadata
from autoresumefiller.version import __version__

app = typer.Typer(add_completion=False)


@app.command(
    epilog="[bold]Examples[/bold]\narf show autoresumefiller_backup_20251129_120000.zip\n"
    "arf show /media/usb-stick/my-career.zip --files"
)
def show(
    context: typer.Context,
    archive: ArchiveArgument,
    *,
    files: Annotated[bool, typer.Option("--files", help="Name every file in it.")] = False,
    kit: KitOption = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Explain a backup: who made it, when, what is in it and what is not.

    Only reads the description that the backup carries, so it is quick whatever
    the size; 'arf verify' proves that the description is true.
    """
    session = Session(context, vault=vault, json=json)
    path = locate(session, archive)

    from autoresumefiller.archive.metadata_json import as_dict
    from autoresumefiller.archive.reader import read_metadata

    found = read_metadata(path)
    if found is None:
        asking = Unlocking(session, None, kit=kit, passphrase_file=passphrase_file)
        with opened_backup(session, path, asking) as file:
            found = _described(file, path)
    metadata: dict[str, Any] = dict(as_dict(found))
    compatible, verdict = _verdict(found)
    terminal = session.terminal
    terminal.say((str(path), "bold"), f"  {wording.size(path.stat().st_size)}")
    for label, value in _facts(metadata):
        terminal.say((f"{label:<12}", "dim"), value)
    terminal.table(
        ("Part", ">Files", ">Size", "Kinds"),
        (
            (name, f"{number:,}", wording.size(size), kinds)
            for name, number, size, kinds in folder_rows(metadata)
        ),
    )
    _say_what_is_missing(terminal, metadata)
    if files:
        _say_files(terminal, metadata)
    terminal.say(terminal.mark(passed=compatible), verdict)
    terminal.say("What it says was not checked; this does that: ", _full_check(path))
    terminal.result(
        {
            "path": path,
            "archive_size_bytes": path.stat().st_size,
            "version_fits": compatible,
            "metadata": metadata,
        }
    )


def _facts(metadata: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    yield "Made", _when(metadata["export_timestamp"])
    kind = metadata.get("backup_type")
    why = f", {TYPE_WORDS.get(kind, kind)}" if kind else ""
    yield "By", f"AutoResumeFiller {metadata['app_version']}{why}"
    if metadata.get("scope") == "data":
        yield "Covers", "profile and settings only; documents are not part of it"
    total = sum(entry["size_bytes"] for entry in metadata["files"])
    yield (
        "Holds",
        f"{wording.count(len(metadata['files']), 'file')}, {wording.size(total)} unpacked",
    )
    if metadata.get("profile_valid") is False:
        yield "Profile", "did not follow the schema when this was made"
    if notes := metadata.get("notes"):
        yield "Notes", str(notes)


def _when(timestamp: str) -> str:
    try:
        moment = datetime.fromisoformat(timestamp)
    except ValueError:
        return timestamp
    if moment.tzinfo is None:  # the story's first archives: written in UTC
        moment = moment.replace(tzinfo=UTC)
    return f"{wording.local(moment)}, {wording.ago(moment, datetime.now(UTC))}"


def _say_what_is_missing(terminal: Terminal, metadata: Mapping[str, Any]) -> None:
    lines: list[tuple[Part, ...]] = [
        (f"{folder}/: the folder was not there",)
        for folder in metadata.get("missing_directories", ())
    ]
    if redacted := metadata.get("redacted"):
        lines.append((f"secrets of the settings: {wording.listing(redacted, limit=20)}",))
    lines += [
        (f"{skipped['path']}: {skipped['reason']}",) for skipped in metadata.get("skipped", ())
    ]
    if lines:
        terminal.say(("Not in it", "bold"))
    for line in lines:
        terminal.say("  - ", *line)


def _say_files(terminal: Terminal, metadata: Mapping[str, Any]) -> None:
    terminal.table(
        ("File", ">Size", "Changed"),
        (
            (
                entry.get("original_path", entry["path"]),
                wording.size(entry["size_bytes"]),
                _when(entry["modified"]).partition(",")[0] if "modified" in entry else "",
            )
            for entry in metadata["files"]
        ),
    )


def _described(file: BinaryIO, path: Path) -> Metadata:
    """Read the metadata of what was encrypted; or say why there is none to be had."""
    from autoresumefiller.archive.reader import ArchiveReader
    from autoresumefiller.cli.verify import examine

    try:
        return ArchiveReader(file).metadata
    except BackupValidationError as error:
        # Nothing to read it from: the full check says why.
        raise BackupValidationError(
            examine(file).errors or error.errors,
            hint=f"For the full check: {_full_check(path)}",
        ) from None


def _full_check(path: Path) -> str:
    """Return the command as it can be typed from here, whatever the file is called."""
    return f"arf verify {shlex.quote(str(path))}"


def _verdict(metadata: Metadata) -> tuple[bool, str]:
    """Say whether this version can import what that version made."""
    from autoresumefiller.archive.versions import version_faults

    faults = [*version_faults(metadata, __version__)]
    if any(fault.severity is Severity.ERROR for fault in faults):
        return False, f"It cannot be imported here. {faults[0].message}"
    ours = f"this is AutoResumeFiller {__version__}"
    return True, f"Its version fits: it can be imported here if it is whole ({ours})"
