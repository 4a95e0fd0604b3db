"""``arf export``: the vault -> one archive."""

import os
import re
from typing import Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.passphrase import PassphraseFileOption, new_passphrase
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.terminal import Terminal, shown
from autoresumefiller.errors import InvalidArgumentError
from autoresumefiller.model.results import ExportResult

app = typer.Typer(add_completion=False)


@app.command(
    epilog="[bold]Examples[/bold]\n"
    "arf export                         (kept in the vault's backups folder)\n"
    "arf export /media/usb-stick        (a folder: the name is made up)\n"
    "arf export ~/my-career.zip         (exactly this file, which must be new)\n"
    "arf export --encrypt /media/usb    (for this computer and the recovery kit only)"
)
def export(
    context: typer.Context,
    output: Annotated[
        str | None,
        typer.Argument(
            metavar="[OUTPUT]",
            help="A folder, or the file to write. Left out: the vault's backups folder.",
            show_default=False,
        ),
    ] = None,
    *,
    encrypt: Annotated[
        bool,
        typer.Option(
            "--encrypt", help="Encrypt it for this computer and the recovery kit: .zip.age."
        ),
    ] = False,
    passphrase: Annotated[
        bool,
        typer.Option("--passphrase", help="Encrypt it with a passphrase instead, which is asked."),
    ] = False,
    passphrase_file: PassphraseFileOption = None,
    recipient: Annotated[
        list[str] | None,
        typer.Option(
            "--recipient",
            metavar="KEY",
            help="Encrypt it for this public key as well (age1... or SSH); may be repeated.",
            show_default=False,
        ),
    ] = None,
    include_secrets: Annotated[
        bool,
        typer.Option("--include-secrets", help="Put API keys in; encrypted backups only."),
    ] = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Pack everything into one file that proves itself.

    Your profile, resumes, cover letters and settings go into one ordinary ZIP
    file. API keys and passwords in the settings stay here: they are never in it.
    The file is read back before it gets its name. Nothing is ever overwritten.
    With --encrypt the ZIP file is in an age file, and the age program opens it.
    """
    session = Session(context, vault=vault, json=json)
    if output is not None:
        _require_folder(output)
    session.when_interrupted("Cancelled. No archive was made; your vault was only read.")
    manager = session.open_vault()
    words = None
    if passphrase or passphrase_file is not None:
        words = new_passphrase(session, passphrase_file, "A passphrase for this backup")
    with session.reporting() as report:
        result = manager.export_all(
            output,
            progress_callback=report.progress,
            stage_callback=report.stage,
            encrypt=encrypt,
            passphrase=words,
            recipients=recipient or (),
            include_secrets=include_secrets,
        )
    _tell(session.terminal, result)
    session.terminal.result(result)
    if result["skipped"]:
        raise typer.Exit(ExitCode.INCOMPLETE)


def _require_folder(output: str) -> None:
    """See that what is written like a folder is one; a `Path` has forgotten the slash at the end.

    Raises:
        InvalidArgumentError: it is not.

    """
    from autoresumefiller.backup.places import as_path
    from autoresumefiller.vault.durable import storage

    last = re.split(r"[/\\]" if os.altsep else "/", output)[-1]
    if last not in {"", ".", ".."}:
        return
    with storage("write to", output):
        is_folder = as_path(output).is_dir()
    if not is_folder:
        raise InvalidArgumentError(
            f"There is no folder {shown(output)}",
            consequence="No archive was made; your vault was only read.",
            hint="Make the folder first, or leave out the slash at the end to name a file.",
        )


def _tell(terminal: Terminal, result: ExportResult) -> None:
    for warning in result["warnings"]:
        terminal.warn(warning)
    terminal.say(
        ("Exported ", "bold green"),
        f"{wording.count(result['file_count'], 'file')}, "
        f"{wording.size(result['total_size_bytes'])}, in {wording.duration(result['duration_ms'])}",
    )
    terminal.say(
        "Archive: ",
        (str(result["output_path"]), "bold"),
        f" ({wording.size(result['archive_size_bytes'])})",
    )
    redacted = result.get("redacted", [])
    if redacted:
        terminal.say(
            f"{wording.count(len(redacted), 'secret')} of the settings stayed here, "
            "as on every export: ",
            wording.listing(redacted),
        )
    if result["skipped"]:
        left_out = wording.count(len(result["skipped"]), "item")
        terminal.note(f"Not everything is in it: {left_out} left out, as said above.")
