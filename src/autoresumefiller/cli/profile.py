"""``arf profile``: look at the profile, check one, bring one in."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from autoresumefiller.cli.group import Group
from autoresumefiller.cli.session import JsonOption, Session, VaultOption, YesOption
from autoresumefiller.cli.terminal import shown
from autoresumefiller.errors import InvalidArgumentError, ProfileInvalidError

if TYPE_CHECKING:
    from autoresumefiller.model.profile import UserProfile

app = Group(
    "Show, check or replace your profile.\n\nWithout anything else the profile is shown.",
    examples="arf profile\narf profile validate my-profile.json\n"
    "arf profile import my-profile.json",
)

# A profile of a long working life has some 50 kB; this is no profile any more.
_MOST_BYTES = 64 * 1024 * 1024

FileArgument = Annotated[
    Path, typer.Argument(metavar="FILE", help="A profile as a JSON file.", show_default=False)
]


@app.command()
@app.otherwise
def show(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Show the profile so that a person can read it."""
    session = Session(context, vault=vault, json=json)
    loaded = session.open_vault().load_user_profile()

    from autoresumefiller.cli.profile_text import lines_of

    for line in lines_of(loaded):
        session.terminal.say(*line)
    session.terminal.result({"profile": loaded.model_dump(mode="json", exclude_none=True)})


@app.command()
def validate(
    context: typer.Context,
    file: Annotated[
        Path | None,
        typer.Argument(
            metavar="[FILE]",
            help="A profile as a JSON file. Left out: the profile in the vault.",
            show_default=False,
        ),
    ] = None,
    *,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Check a profile and name each field that is wrong. No vault is needed for a file."""
    session = Session(context, vault=vault, json=json)
    if file is None:
        session.open_vault().load_user_profile()
        name = "The profile in the vault"
    else:
        _read(file)
        name = str(file)
    session.terminal.say(session.terminal.mark(passed=True), f"{name} is valid")
    session.terminal.result({"valid": True})


@app.command("import")
def import_(
    context: typer.Context,
    file: FileArgument,
    *,
    yes: YesOption = False,
    vault: VaultOption = None,
    json: JsonOption = False,
) -> None:
    """Replace the profile by one from a JSON file; it is checked first.

    What was there goes into an automatic backup. Asks if a profile is there.
    """
    session = Session(context, vault=vault, json=json, yes=yes)
    new = _read(file)
    manager = session.open_vault(create=True)
    present = _is_there(manager.data_dir)
    if present and not session.confirm("Replace the profile that is there?"):
        raise session.declined()
    session.when_interrupted(
        "Interrupted. The profile is the new one or what was there before, whole: "
        "'arf profile' shows it."
    )
    manager.save_user_profile(new)
    person = new.personal_info
    session.terminal.say(
        ("Saved ", "bold green"), f"the profile of {person.first_name} {person.last_name}"
    )
    if present:
        session.terminal.say(
            "What was there before is in an automatic backup: arf list --type auto"
        )
    session.terminal.result({"saved": True, "replaced": present})


@app.command()
def path(context: typer.Context, *, vault: VaultOption = None, json: JsonOption = False) -> None:
    """Print where the profile is, or would be."""
    from autoresumefiller.vault.durable import storage
    from autoresumefiller.vault.layout import VaultLayout

    session = Session(context, vault=vault, json=json)
    layout = VaultLayout(root=session.vault)
    with storage("look at", layout.data):
        there = layout.encrypted_profile if layout.encrypted_profile.exists() else layout.profile
        exists = there.exists()
    session.terminal.say(str(there))
    session.terminal.result({"path": there, "exists": exists})


def _is_there(root: Path) -> bool:
    from autoresumefiller.vault.durable import storage
    from autoresumefiller.vault.layout import VaultLayout

    layout = VaultLayout(root=root)
    with storage("look at", layout.data):
        return layout.profile.exists() or layout.encrypted_profile.exists()


def _read(file: Path) -> "UserProfile":
    """Read and check a profile.

    Raises:
        InvalidArgumentError: there is no such file, or it cannot be a profile.
        ProfileInvalidError: it does not follow the schema.
        StorageError: the system refused.

    """
    from autoresumefiller.backup.places import as_path
    from autoresumefiller.model.profile_text import parse_profile
    from autoresumefiller.vault.durable import storage

    file = as_path(file)
    with storage("read", file):
        is_file = file.is_file()
    if not is_file:
        raise InvalidArgumentError(
            f"There is no file {shown(str(file))}", hint="Check the path and try again."
        )
    with storage("read", file):
        if file.stat().st_size > _MOST_BYTES:
            raise InvalidArgumentError(f"{shown(str(file))} is too large to be a profile")
        data = file.read_bytes()
    try:
        return parse_profile(data)
    except ProfileInvalidError as error:
        raise ProfileInvalidError(
            f"{shown(file.name)} is not a valid profile",
            problems=error.problems,
            hint="Mend the fields that are named, then try again.",
        ) from None
