"""Where a secret would be sent: settings that stay with the secret they stand beside.

An archive that could change ``base_url`` beside a key that stays here could
have that key sent to anyone.
"""

# ruff: noqa: SIM905 - word lists are read and extended as words, not as quoted literals

from autoresumefiller.redaction.data import Leaf, List, Map, Value
from autoresumefiller.redaction.paths import Path
from autoresumefiller.redaction.words import key_words

_WORDS = frozenset("""
    base bind dns domain endpoint endpoints gateway host hostname hosts insecure issuer origin port
    proxies proxy protocol scheme server servers socket ssl tls uri uris url urls verify
""".split())  # fmt: skip
# Maps with these names are an aspect of the thing they stand in, not another thing.
_FACETS = frozenset("""
    api auth authentication authorization client config connection connections credential
    credentials defaults endpoint endpoints env environment headers http https login network oauth
    oauth2 options params proxies proxy request secret secrets security server settings tokens
    transport
""".split())  # fmt: skip
# Above the secrets' own map only what routes everything below it counts.
_ROUTES = frozenset(
    {
        "base",
        "dns",
        "endpoint",
        "endpoints",
        "gateway",
        "insecure",
        "proxies",
        "proxy",
        "ssl",
        "tls",
        "verify",
    }
)
_MAX_STEPS = 100_000


class TooMuch(Exception):  # noqa: N818 - a limit reached, turned into a warning by `refill`
    """A text says more, through aliases, than anyone wrote."""


def is_endpoint(key: str, *values: Value | None) -> bool:
    """Tell whether a setting says where something is sent, by its key or as a URL."""
    if any(word in _WORDS for word in key_words(key)):
        return True
    for value in values:
        leaves = value.items if isinstance(value, List) else [value]
        if any(isinstance(leaf, Leaf) and "://" in leaf.text for leaf in leaves):
            return True
    return False


def names_endpoints(key: str) -> bool:
    """Tell whether a map under this key is nothing but endpoints (``proxies: {http: ...}``)."""
    return any(
        word in {"proxies", "proxy", "urls", "endpoints", "hosts"} for word in key_words(key)
    )


class Guard:
    """Knows the secrets of this machine, and which endpoints belong to them."""

    def __init__(self, live: Value) -> None:
        self._holders = {owner(path) for path in secret_paths(live)}
        # Everything above a holder: asking each holder would cost their number times the endpoints.
        self._above = {holder[:end] for holder in self._holders for end in range(len(holder) + 1)}

    @property
    def any_secret(self) -> bool:
        """True if there is a secret at all."""
        return bool(self._holders)

    def covers(self, path: Path) -> bool:
        """Tell whether the endpoint at ``path`` stands beside a secret, below one or before it."""
        if self.holds_beside(path):
            return True
        place = owner(path)
        routes = bool(_ROUTES.intersection(key_words(str(path[-1]))))
        return place in self._above and (routes or bool(place))

    def holds_beside(self, path: Path) -> bool:
        """Tell whether ``path`` is in a map that has a secret of its own, or below one."""
        place = owner(path)
        return any(place[:end] in self._holders for end in range(len(place) + 1))


def owner(path: Path) -> Path:
    """Give the thing that a setting belongs to: its map, or what that map is an aspect of."""
    holder = path[:-1]
    while holder and isinstance(holder[-1], str) and _is_facet(holder[-1]):
        holder = holder[:-1]
    return holder


def _is_facet(name: str) -> bool:
    words = key_words(name)
    return bool(words) and all(word in _FACETS for word in words)


def secret_paths(value: Value) -> list[Path]:
    """List the paths of every secret; raises `TooMuch` when aliases make it endless."""
    found: list[Path] = []
    stack: list[tuple[Value, Path]] = [(value, ())]
    steps = 0
    while stack:
        current, path = stack.pop()
        if (steps := steps + 1) > _MAX_STEPS:
            raise TooMuch
        if isinstance(current, Leaf):
            if current.secret:
                found.append(path)
        elif isinstance(current, List):
            stack.extend((item, (*path, index)) for index, item in enumerate(current.items))
        elif isinstance(current, Map):
            stack.extend(
                (item, (*path, key if isinstance(key, str) else key[1]))
                for key, item in current.items.items()
            )
    return found
