"""``arf key``: a new key, a new recovery kit, a kit put to the test."""

from pathlib import Path
from typing import Annotated

import typer

from autoresumefiller.cli.encrypt import say_if_interrupted, status, tell
from autoresumefiller.cli.group import Group
from autoresumefiller.cli.kit_files import KitSaver, SaveKitOption, read_kit
from autoresumefiller.cli.passphrase import (
    PassphraseFileOption,
    new_passphrase,
    passphrase_from,
)
from autoresumefiller.cli.session import JsonOption, Session, VaultOption

app = Group(
    "Renew the key of an encrypted profile, and look after its recovery kit.\n\n"
    "Without anything else it is said how things stand.",
    examples="arf key verify-kit recovery-kit-20251129.txt\narf key rotate\narf key kit",
)

app.otherwise(status)


@app.command()
def rotate(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Encrypt the profile with a new key; the recovery kit stays the same.

    The old key is kept where it is, for the backups that were made with it.
    """
    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    say_if_interrupted(session)
    tell(session, manager.rotate_key(), None)


@app.command()
def kit(
    context: typer.Context,
    *,
    kit: SaveKitOption = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Make a new recovery kit, with a new key; the old kit opens old backups only."""
    from autoresumefiller.backup.encrypting import require_kit_can_be_made

    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    require_kit_can_be_made(manager.vault)
    saver, passphrase = _new_kit(session, kit, passphrase_file)
    say_if_interrupted(session)
    tell(session, manager.rotate_key(passphrase=passphrase, deliver=saver), saver)


@app.command("verify-kit")
def verify_kit(
    context: typer.Context,
    file: Annotated[
        Path, typer.Argument(metavar="FILE", help="The recovery kit.", show_default=False)
    ],
    *,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Prove that a recovery kit opens this vault, as if this computer's key were gone."""
    from autoresumefiller.encryption.recovery import needs_passphrase

    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    text = read_kit(file)
    passphrase = None
    if needs_passphrase(text):
        passphrase = passphrase_from(session, passphrase_file, "The passphrase of the recovery kit")
    proof = manager.verify_kit(text, passphrase)
    what = "it decrypted the profile" if proof.proven_on == "profile" else "it is that of the key"
    session.terminal.say(
        session.terminal.mark(passed=True), f"This recovery kit opens this vault: {what}."
    )
    session.terminal.result(
        {"opens": True, "proven_on": proof.proven_on, "recipient": proof.recipient}
    )


@app.command()
def new(
    context: typer.Context,
    *,
    kit: SaveKitOption = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Print a new key for a password manager, and save its recovery kit.

    For AUTORESUMEFILLER_KEY_COMMAND: keep the line that is printed where the
    command finds it, then turn encryption on, or renew the key.
    """
    from autoresumefiller.backup.context import utc_now
    from autoresumefiller.backup.kits import new_key

    session = Session(context, vault=vault, json=json)
    saver, passphrase = _new_kit(session, kit, passphrase_file)
    line = new_key(passphrase=passphrase, deliver=saver, now=utc_now())
    session.terminal.warn("the line below is the key itself: whoever sees it reads the profile")
    session.terminal.say(line)
    session.terminal.result({"key": line, "kit": saver.saved[0], "kit_page": saver.saved[1]})


def _new_kit(
    session: Session, place: Path | None, passphrase_file: Path | None
) -> tuple[KitSaver, str]:
    """Return what saves a new kit, and its passphrase; a bad place is refused before asking."""
    saver = KitSaver(session, place)
    saver.check()
    question = "A passphrase for the new recovery kit, 10 characters or more"
    return saver, new_passphrase(session, passphrase_file, question)
