"""Keep what a request carries out of the logs."""

import logging
import re
from collections.abc import Iterable

_BEARER = re.compile(r"(?i)(bearer\s+)[A-Za-z0-9._~+/=-]+")
_QUERY = re.compile(r"\?[^\s\"]*")


class Discreet(logging.Filter):
    """Takes secrets and query strings out of whatever passes.

    Our own routes take no secret in an address; a client that sends one there
    by mistake should not find it in a file a year later.
    """

    def __init__(self, secrets: Iterable[str] = ()) -> None:
        super().__init__()
        self._secrets = [secret for secret in secrets if secret]

    def filter(self, record: logging.LogRecord) -> bool:
        """Clean a record; let it pass."""
        if isinstance(record.args, tuple):
            record.args = tuple(self._clean(arg) for arg in record.args)
        record.msg = self._clean(record.msg)
        return True

    def _clean(self, value: object) -> object:
        if not isinstance(value, str):
            return value
        for secret in self._secrets:
            value = value.replace(secret, "***")
        return _BEARER.sub(r"\1***", _QUERY.sub("?…", value))
