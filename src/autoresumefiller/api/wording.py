"""The same advice for somebody who is not at a terminal.

The errors of the core name the commands that help. Whoever reads them on the
page, or in an answer of this API, has none to type: here each of those
phrases has a twin without. The test beside this module goes through every
sentence of the package and fails for one that has no twin.
"""

from types import MappingProxyType
from typing import Final

PHRASES: Final = MappingProxyType(
    {
        # errors/
        "Run 'arf init' to create one, or name another with --vault.": (
            "It may have been moved or deleted: put it back, then start the server again."
        ),
        "Run 'arf doctor' to see what is where.": (
            "Keep the folder of the vault as it is, and look into .state there, or ask for help."
        ),
        "Import a backup, or a profile with 'arf profile import FILE'.": (
            "Import a backup, or save a profile."
        ),
        "Import a backup with 'arf import'; 'arf list' shows those there are.": (
            "Import a backup: the list shows those there are."
        ),
        "Give the recovery kit with --kit, or the passphrase in a file.": (
            "Give the passphrase, or the recovery kit."
        ),
        "Try another backup; 'arf verify FILE' explains each fault.": (
            "Try another backup, or another copy of this one."
        ),
        "Run 'arf list' to see the backups there are.": "Look at the list of backups again.",
        "Pass confirm=False (on the command line: --yes) to go ahead without asking.": (
            "Answer the question, or send 'confirm' as false."
        ),
        # the profile and its settings
        "or import a backup with 'arf import'.": "or import a backup.",
        "Run 'arf config show' to see the settings there are.": (
            "Look at the settings to see which there are."
        ),
        # encryption
        "Run 'arf encrypt on' or 'arf encrypt off'.": (
            "The manual says how the vault's encryption is turned on and off."
        ),
        "Run 'arf encrypt on': it makes a key and your recovery kit.": (
            "Turn the vault's encryption on as the manual says: that makes a key and your "
            "recovery kit."
        ),
        "Run 'arf encrypt on'.": "The manual says how the vault's encryption is turned on.",
        "turn on the vault's encryption: 'arf encrypt on' makes a key and a recovery kit.": (
            "turn on the vault's encryption as the manual says: that makes a key and a "
            "recovery kit."
        ),
        "'arf key rotate' makes a new key, 'arf key kit' a new recovery kit.": (
            "The manual says how a new key and a new recovery kit are made."
        ),
        "'arf key new' makes both; then 'arf key rotate' takes the new key.": (
            "The manual says how both are made, and how the new key is taken."
        ),
        "Make key and kit together: 'arf key new' prints one and saves the other.": (
            "Make key and kit together, as the manual says."
        ),
        "Run 'arf key new', keep the line it prints where the command finds it": (
            "Make a new key as the manual says, keep its line where the command finds it"
        ),
        "If somebody may have read it, run 'arf key rotate' afterwards.": (
            "If somebody may have read it, make a new key afterwards."
        ),
        "or choose a key file with 'arf encrypt on --key-file FILE'": "or choose a key file",
        "Switch it on ('keyring --disable' was run once), or": "Switch it on, or",
        "Delete them once you have a new one: 'arf export', then 'arf delete NAME'.": (
            "Delete them once you have a new one."
        ),
        # backups and imports
        "Give your recovery kit: --kit FILE. Or import it as it is, unreadable here: --locked.": (
            "Give your recovery kit. Or take the profile as it is, locked and unreadable here."
        ),
        "Give your recovery kit: --kit FILE.": "Give your recovery kit.",
        "Add --encrypt, or choose a name that ends in .zip.": (
            "Encrypt it, or choose a name that ends in .zip."
        ),
        "'arf salvage' recovers what is left": (
            "The manual says how what is left of it is recovered"
        ),
        "The next start tries again. 'arf doctor' shows what is where.": (
            "The next start of the server tries again."
        ),
        # where the vault is
        "Name a folder with --vault, or in": (
            "Start the server for another folder, or name one in"
        ),
        "Name a folder with --vault.": "Start the server for another folder.",
    }
)


def without_commands(sentence: str) -> str:
    """Return what the core says as it is said to somebody without a terminal."""
    for phrase, twin in PHRASES.items():
        if phrase in sentence:
            sentence = sentence.replace(phrase, twin)
    return sentence
