"""``arf verify``: the full check of an archive, in plain words."""

from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import typer

from autoresumefiller.cli.archive_argument import ArchiveArgument, locate
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.passphrase import PassphraseFileOption
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.terminal import Terminal
from autoresumefiller.cli.unlocking import KitOption, Unlocking, opened_backup
from autoresumefiller.model.progress import Stage

if TYPE_CHECKING:
    from autoresumefiller.archive.validation import Report
    from autoresumefiller.backup.meter import Meter
    from autoresumefiller.cli.checks import Outcome

app = typer.Typer(add_completion=False)

_MOST_FAULTS = 20  # of one check; --json has all


@app.command(
    epilog="[bold]Examples[/bold]\narf verify autoresumefiller_backup_20251129_120000.zip\n"
    "arf verify /media/usb-stick/my-career.zip"
)
def verify(
    context: typer.Context,
    archive: ArchiveArgument,
    *,
    kit: KitOption = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Prove that a backup is whole and could be imported here.

    Makes the six checks that an import makes, reading every byte, and changes
    nothing. Each fault is named, with what to do about it. No vault is needed
    for a path. An encrypted backup is decrypted for it.
    """
    session = Session(context, vault=vault, json=json)
    session.when_interrupted("Cancelled. Verifying changes nothing.")
    path = locate(session, archive)

    from autoresumefiller.backup.meter import Meter

    with session.reporting() as report:
        report.stage(Stage.VALIDATING)
        meter = Meter(report.progress)
        asking = Unlocking(session, report, kit=kit, passphrase_file=passphrase_file)
        with opened_backup(session, path, asking, meter=meter) as file:
            found = examine(file, meter)

    from autoresumefiller.cli.checks import outcomes

    made = outcomes(
        found.findings,
        has_metadata=found.metadata is not None,
        has_profile=found.profile is not None,
    )
    terminal = session.terminal
    terminal.say((str(path), "bold"))
    for outcome in made:
        _say(terminal, outcome)
    _conclude(terminal, found)
    terminal.result(_payload(path, found, made))
    if found.errors:
        raise typer.Exit(ExitCode.ARCHIVE_INVALID)


def examine(file: BinaryIO, meter: "Meter | None" = None) -> "Report":
    """Validate an archive as an import does; bad content is told, never raised.

    Raises:
        StorageError: the system cannot read it.

    """
    from autoresumefiller.archive.names import METADATA
    from autoresumefiller.archive.validation import validate
    from autoresumefiller.backup.meter import Meter
    from autoresumefiller.version import __version__

    meter = meter or Meter(None)
    found = validate(file, app_version=__version__, on_plan=meter.plan_members, on_progress=meter)
    meter.finish(METADATA)
    return found


def _say(terminal: Terminal, outcome: "Outcome") -> None:
    from autoresumefiller.cli.checks import WORDS, advice

    skipped = "" if outcome.passed is not None else " (not checked)"
    terminal.say(terminal.mark(passed=outcome.passed), f"{WORDS[outcome.check]}{skipped}")
    told = set()
    for finding in outcome.findings[:_MOST_FAULTS]:
        terminal.say("    - ", finding.message)
        words = advice(finding.code)
        if outcome.passed is False and words not in told:
            told.add(words)
            terminal.say("      ", ("What to do: ", "bold"), words)
    if len(outcome.findings) > _MOST_FAULTS:
        terminal.say(f"    - and {len(outcome.findings) - _MOST_FAULTS:,} more")


def _conclude(terminal: Terminal, found: "Report") -> None:
    if found.importable:
        terminal.say(("It is whole and can be imported here.", "bold green"))
    elif found.intact:
        terminal.say(("It is whole, but cannot be imported here as it is.", "bold yellow"))
    else:
        terminal.say(("It is not whole and cannot be imported.", "bold red"))


def _payload(path: Path, found: "Report", made: "list[Outcome]") -> dict[str, object]:
    from autoresumefiller.archive.metadata_json import as_dict

    return {
        "path": path,
        "valid": not found.errors,
        "intact": found.intact,
        "importable": found.importable,
        "errors": found.errors,
        "warnings": found.warnings,
        "checks": [
            {
                "name": outcome.check.value,
                "passed": outcome.passed,
                "findings": [
                    {
                        "code": finding.code,
                        "severity": finding.severity.value,
                        "message": finding.message,
                        "member": finding.member,
                    }
                    for finding in outcome.findings
                ],
            }
            for outcome in made
        ],
        "metadata": None if found.metadata is None else as_dict(found.metadata),
    }
