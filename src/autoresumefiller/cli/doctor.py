"""``arf doctor``: look the vault over."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli import wording
from autoresumefiller.cli.exit_codes import ExitCode
from autoresumefiller.cli.session import JsonOption, Session, VaultOption
from autoresumefiller.cli.terminal import Part, Terminal
from autoresumefiller.errors import AutoResumeFillerError
from autoresumefiller.model.reports import CheckState

if TYPE_CHECKING:
    from autoresumefiller.model.reports import Check, DoctorReport, VaultStatus

_FINE = {CheckState.OK, CheckState.FIXED}

app = typer.Typer(add_completion=False)


@app.command(epilog="[bold]Examples[/bold]\narf doctor\narf doctor --fix")
def doctor(
    context: typer.Context,
    *,
    fix: Annotated[bool, typer.Option("--fix", help="Mend what can be mended safely.")] = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Look the vault over: what is in it, whether all is well, what to do if not.

    Without --fix nothing is changed. Ends with 1 if there is a problem; a
    warning alone is none.
    """
    session = Session(context, vault=vault, json=json)

    # Not by opening the vault: one that cannot be opened is what a doctor is for.
    from autoresumefiller.backup.doctor import examine_place

    report = examine_place(session.vault, fix=fix)
    status = _status(session.vault)
    terminal = session.terminal
    terminal.say("Vault: ", (str(session.vault), "bold"))
    if status is not None:
        _show_status(terminal, status)
    _show_checks(terminal, report)
    terminal.result(_payload(session.vault, report, status))
    if any(check.state is CheckState.PROBLEM for check in report.checks):
        raise typer.Exit(ExitCode.FAILED)


def _status(place: Path) -> "VaultStatus | None":
    from autoresumefiller.backup.opening import existing_vault
    from autoresumefiller.backup.status import vault_status

    try:
        return vault_status(existing_vault(place))
    except AutoResumeFillerError:  # the report says what is wrong
        return None


def _show_status(terminal: Terminal, status: "VaultStatus") -> None:
    for folder in status.folders:
        if folder.exists:
            files = wording.count(folder.files, "file")
            terminal.say(f"  {folder.name}/: {files}, {wording.size(folder.size_bytes)}")
        else:
            terminal.say(f"  {folder.name}/: not there")
    backups = wording.count(status.backups, "backup")
    last = "" if status.last_backup is None else f", the last {wording.local(status.last_backup)}"
    terminal.say(f"  {backups}, {wording.size(status.backups_size_bytes)}{last}")
    terminal.say()


def _show_checks(terminal: Terminal, report: "DoctorReport") -> None:
    for check in report.checks:
        terminal.say(_mark(terminal, check.state), check.message)
        if check.remedy:
            how = "'arf doctor --fix' does this: " if _fix_helps(check) else ""
            terminal.say("  ", how, check.remedy)
    terminal.say()
    if report.healthy:
        terminal.say(("All is well.", "bold green"))
    else:
        left = sum(1 for check in report.checks if check.state not in _FINE)
        terminal.say((f"{wording.count(left, 'point')} to look at, see above.", "bold"))


def _mark(terminal: Terminal, state: CheckState) -> Part:
    if state is CheckState.WARNING:
        return ("! ", "bold yellow")
    return terminal.mark(passed=state in _FINE)


def _fix_helps(check: "Check") -> bool:
    return check.fixable and check.state not in _FINE


def _payload(root: Path, report: "DoctorReport", status: "VaultStatus | None") -> dict[str, object]:
    return {
        "vault": root,
        "healthy": report.healthy,
        "checks": [asdict(check) for check in report.checks],
        "status": None if status is None else asdict(status),
    }
