"""``arf encrypt``: keep the profile encrypted, or not."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli.group import Group
from autoresumefiller.cli.kit_files import KitSaver, SaveKitOption
from autoresumefiller.cli.passphrase import PassphraseFileOption, new_passphrase
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption

if TYPE_CHECKING:
    from autoresumefiller.model.encryption import EncryptionChange

app = Group(
    "Keep the profile encrypted on this computer and in every backup.\n\n"
    "Without anything else it is said how things stand.",
    examples="arf encrypt\narf encrypt on\n"
    "arf encrypt on --key-file /media/stick/arf.key\narf encrypt off",
)


@app.command()
@app.otherwise
def status(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Say whether the profile is encrypted, and where its key is."""
    from dataclasses import asdict

    session = Session(context, vault=vault, json=json)
    found = session.open_vault().encryption_status()
    say = session.terminal.say
    if found.encrypted:
        say("The profile is encrypted.")
    elif not found.enabled:
        none = "There is no profile yet; it will not be encrypted."
        say("The profile is not encrypted." if found.in_clear else none)
    elif found.in_clear:
        say("The settings ask for encryption, and the profile is in clear still.")
        session.terminal.note("Save it once, or run 'arf encrypt on'.")
    else:
        say("There is no profile yet; it will be encrypted.")
    if found.key_id:
        say(f"Its key is kept in {found.key_place}.")
    elif found.enabled and not found.encrypted and found.key_place:
        say(f"Its key would be kept in {found.key_place}.")
    if found.key_found is False:
        session.terminal.warn(f"the key {found.key_id} is not there: bring it, or import a backup")
    if found.problem and (found.encrypted or found.enabled):
        session.terminal.warn(found.problem)
    session.terminal.result(asdict(found))


@app.command()
def on(
    context: typer.Context,
    *,
    kit: SaveKitOption = None,
    key_file: Annotated[
        Path | None,
        typer.Option(
            "--key-file",
            metavar="FILE",
            help="Keep the key in this file instead of the system's keyring.",
            show_default=False,
        ),
    ] = None,
    passphrase_file: PassphraseFileOption = None,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Encrypt the profile from now on, and make a recovery kit.

    The key goes into the system's keyring. The recovery kit is for the day
    when this computer is gone: with it and its passphrase the profile and
    encrypted backups can be read anywhere; without it nobody can.
    """
    from autoresumefiller.backup.encrypting import makes_kit

    session = Session(context, vault=vault, json=json)
    manager = session.open_vault()
    saver = KitSaver(session, kit)
    passphrase = None
    if makes_kit(manager.vault, key_file=key_file):
        saver.check()
        passphrase = new_passphrase(
            session, passphrase_file, "A passphrase for the recovery kit, 10 characters or more"
        )
    say_if_interrupted(session)
    done = manager.encrypt_on(passphrase, saver, key_file=key_file)
    tell(session, done, saver)


@app.command()
def off(
    context: typer.Context,
    *,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Keep the profile as plain text from now on. Asks first."""
    session = Session(context, vault=vault, json=json, yes=yes)
    manager = session.open_vault()
    if not session.confirm("Keep the profile unencrypted from now on?"):
        raise session.declined()
    say_if_interrupted(session)
    tell(session, manager.encrypt_off(), None)


def say_if_interrupted(session: Session) -> None:
    """Set what is said after Ctrl-C while the profile changes its form; for `arf key` too."""
    session.when_interrupted(
        "Interrupted. The profile has its old form or its new one, whole, and every key is kept: "
        "'arf encrypt status' says which."
    )


def tell(session: Session, done: "EncryptionChange", saver: KitSaver | None) -> None:
    """Say what was done; for `arf key` too."""
    for warning in done.warnings:
        session.terminal.warn(warning)
    if done.encrypted:
        session.terminal.say(("Encrypted: ", "bold green"), f"the key is in {done.key_place}")
    else:
        session.terminal.say(("Done: ", "bold green"), "the profile is not encrypted any more")
    files = () if saver is None else saver.saved
    if saver is not None:
        saver.tell(session)
    session.terminal.result(
        {
            "encrypted": done.encrypted,
            "key_id": done.key_id,
            "key_place": done.key_place,
            "kit": files[0] if files else None,
            "kit_page": files[1] if files else None,
            "warnings": list(done.warnings),
        }
    )
