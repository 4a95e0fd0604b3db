"""What came with a request to open something, given to whoever asks for it."""

from pydantic import SecretStr

from autoresumefiller.api.schemas.backup import UnlockRequest
from autoresumefiller.backup.unlocking import Need, UnlockCallback, Unlocking


def unlocking(wanted: UnlockRequest) -> UnlockCallback:
    """Return a callback that gives what the request brought, when it is needed."""
    passphrase = _text(wanted.passphrase)
    of_kit = _text(wanted.kit_passphrase)

    def give(need: Need) -> Unlocking | None:
        if need is Need.PASSPHRASE:
            return Unlocking(passphrase=passphrase)
        if wanted.kit is None:
            return None
        return Unlocking(kit=wanted.kit.get_secret_value(), passphrase=of_kit or passphrase)

    return give


def _text(secret: SecretStr | None) -> str | None:
    return None if secret is None else secret.get_secret_value()
