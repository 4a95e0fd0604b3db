"""The words that a configuration key is made of, whatever its spelling.

``apiKey``, ``API-KEY``, ``x.api.key``, ``OPENAI_API_KEY`` and ``api key`` are
split where people split; ``openaiapikey`` has no seams, so known stems are cut
from the end of a word (`RUN_TOGETHER`).
"""

# ruff: noqa: SIM905 - word lists are read and extended as words, not as quoted literals

import re
import unicodedata
from functools import lru_cache

from autoresumefiller.redaction import vocabulary

_SEAM = re.compile(
    r"[^\w]+|_+|(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|(?<=[^\W\d_])(?=\d+$|\d+[_\W])"
)
_MAX_KEY = 256

# Each is cut into its words where it ends a longer word: "dbpassword" -> "db password".
RUN_TOGETHER = {
    "accesskey": ("access", "key"),
    "accesstoken": ("access", "token"),
    "apikey": ("api", "key"),
    "apikeys": ("api", "keys"),
    "apisecret": ("api", "secret"),
    "apitoken": ("api", "token"),
    "appkey": ("app", "key"),
    "authkey": ("auth", "key"),
    "authorization": ("authorization",),
    "authtoken": ("auth", "token"),
    "bearertoken": ("bearer", "token"),
    "bottoken": ("bot", "token"),
    "clientsecret": ("client", "secret"),
    "connectionstring": ("connection", "string"),
    "credential": ("credential",),
    "credentials": ("credentials",),
    "encryptionkey": ("encryption", "key"),
    "idtoken": ("id", "token"),
    "licensekey": ("license", "key"),
    "masterkey": ("master", "key"),
    "passphrase": ("passphrase",),
    "passwd": ("passwd",),
    "password": ("password",),
    "passwords": ("passwords",),
    "privatekey": ("private", "key"),
    "privkey": ("private", "key"),
    "pwd": ("pwd",),
    "refreshtoken": ("refresh", "token"),
    "requirepass": ("redis", "password"),
    "secret": ("secret",),
    "secretkey": ("secret", "key"),
    "secrets": ("secrets",),
    "sessioncookie": ("session", "cookie"),
    "sessionid": ("session", "id"),
    "sessiontoken": ("session", "token"),
    "sharedkey": ("shared", "key"),
    "signingkey": ("signing", "key"),
    "sshkey": ("ssh", "key"),
    "token": ("token",),
    "webhookurl": ("webhook", "url"),
    "пароль": ("password",),
    "パスワード": ("password",),
    "секрет": ("secret",),
    "密钥": ("secret",),
    "密鑰": ("secret",),
    "密码": ("password",),
    "密碼": ("password",),
}
_LONGEST_FIRST = sorted(RUN_TOGETHER, key=len, reverse=True)
# One seam before a tail: "passwordfile", "tokencount", "apikeyname".
_TAILS = (
    "count",
    "env",
    "expiry",
    "file",
    "hash",
    "id",
    "length",
    "limit",
    "name",
    "path",
    "type",
    "value",
)
# In front of "pw" and "pass" without a seam: "bindpw"; "bypass" and "compass" are not among them.
_PASSWORD_OF = frozenset(
    """
    admin app auth basic bind cert client db email encrypt ftp http imap key keystore ldap login
    mail my mysql old pg postgres proxy redis root server service sftp smtp sql ssh store svc sync
    user vpn web wifi
""".split()
)
_PASSWORD = re.compile(r"(?P<of>\w+?)(?P<word>pass|pw)")
_KEY = re.compile(r"(?P<of>\w+?)(?P<word>keys?)")
_RUN = re.compile(r"[^\W_]+")
# Letters of other scripts that are drawn like Latin ones (Unicode's confusables, the common ones).
_DRAWN_ALIKE = str.maketrans(
    "АВЕЅІЈКМНОРСТХУԌаеѕіјкмпорсухгԁԛԝһѵԍбΑΒΕΖΗΙΚΜΝΟΡΤΥΧαικνορτυχγɑɡıօոսց",
    "ABESIJKMHOPCTXYGaesijkmnopcyxrdqwhvg6ABEZHIKMNOPTYXaiknoptuxyagionug",
)
# Words that only look like a stem with something in front of it.
_WHOLE = frozenset({"cwd", "jsessionid", "lpwd", "oldpwd", "pwd"})


@lru_cache(maxsize=4096)
def key_words(key: str) -> tuple[str, ...]:
    """Split a key into lower-case words; digits at the end of a word stand alone.

    Only the first 256 characters count. Compatibility forms (full width) and
    invisible characters do not hide a word.
    """
    plain = unicodedata.normalize("NFKC", key[:_MAX_KEY])
    plain = "".join(char for char in plain if unicodedata.category(char) != "Cf")
    if not plain.isascii():
        plain = _RUN.sub(_as_drawn, plain)
    words: list[str] = []
    for part in _SEAM.split(plain):
        if part:
            words.extend(_cut(part.casefold()))
    return tuple(words)


def _as_drawn(run: re.Match[str]) -> str:
    """Write a word in Latin letters if it looks like one, as "kеy" with a Cyrillic "е" does."""
    latin = run.group().translate(_DRAWN_ALIKE)
    return latin if latin.isascii() else run.group()


def _cut(word: str) -> tuple[str, ...]:
    if word in _WHOLE:
        return (word,)
    for tail in _TAILS:
        stem = word.removesuffix(tail)
        if stem != word and (cut := _cut_stem(stem)):
            return (*cut, tail)
    return _cut_stem(word) or (word,)


def _cut_stem(word: str) -> tuple[str, ...]:
    for pattern, known in ((_PASSWORD, _PASSWORD_OF), (_KEY, vocabulary.SECRET_KEYS)):
        if (found := pattern.fullmatch(word)) and found["of"] in known:
            return found["of"], found["word"]
    for stem in _LONGEST_FIRST:
        if word.endswith(stem):
            before = word.removesuffix(stem)
            return (before, *RUN_TOGETHER[stem]) if before else RUN_TOGETHER[stem]
    return ()
