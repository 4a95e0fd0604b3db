"""How a browser gets in: a link that works once, then a signed cookie.

The cookie is no copy of the token: it is an expiry time and a nonce under an
HMAC whose key comes from the token. So it survives a restart of the server,
and a new token ends every session. Whoever has it can do what the page can,
and only from the page's own origin (api/security.py).
"""

import hashlib
import hmac
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from secrets import token_hex, token_urlsafe

CODE_SECONDS = 10 * 60
SESSION_SECONDS = 30 * 24 * 60 * 60
_VERSION = "1"
# More links than a person opens; a program that asks for more loses the oldest.
_MAX_CODES = 16


@dataclass(slots=True, kw_only=True)
class Sessions:
    """The token, the codes that are out, and the cookies they become.

    Attributes:
        token: The secret of programs.
        now: Seconds since 1970.
        new_code: Makes the codes of links.

    """

    token: str
    now: Callable[[], float] = time.time
    new_code: Callable[[], str] = token_urlsafe
    _codes: dict[str, float] = field(default_factory=dict)
    _guard: threading.Lock = field(default_factory=threading.Lock)

    def is_token(self, text: str) -> bool:
        """Whether this is the token; takes the same time for every wrong one."""
        return hmac.compare_digest(_digest(text), _digest(self.token))

    def issue_code(self) -> str:
        """Return a code that lets one browser in, within ten minutes."""
        code = self.new_code()
        with self._guard:
            self._codes[_key(code)] = self.now() + CODE_SECONDS
            while len(self._codes) > _MAX_CODES:
                del self._codes[next(iter(self._codes))]
        return code

    def redeem(self, code: str) -> str | None:
        """Take a code back for a cookie's value; None if it is unknown, used or too old."""
        with self._guard:
            # Looked up by its digest: how long that takes says nothing of the code.
            expires = self._codes.pop(_key(code), None)
        if expires is None or self.now() >= expires:
            return None
        return self.new_cookie()

    def new_cookie(self) -> str:
        """Return a cookie's value, for whoever has proven that they may come in."""
        claim = f"{_VERSION}.{int(self.now()) + SESSION_SECONDS}.{token_hex(16)}"
        return f"{claim}.{self._signature(claim)}"

    def is_cookie(self, value: str) -> bool:
        """Whether this is the value of a cookie that we gave out and that still holds."""
        claim, _, signature = value.rpartition(".")
        if not hmac.compare_digest(_digest(signature), _digest(self._signature(claim))):
            return False
        version, expires, _ = claim.split(".")
        return version == _VERSION and self.now() < int(expires)

    def _signature(self, claim: str) -> str:
        key = hmac.digest(self.token.encode(), b"autoresumefiller session key", "sha256")
        return hmac.new(key, claim.encode("utf-8", "replace"), hashlib.sha256).hexdigest()


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "replace")).digest()


def _key(code: str) -> str:
    return hashlib.sha256(code.encode("utf-8", "replace")).hexdigest()
