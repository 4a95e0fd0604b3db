"""The rules of an import, on values: what the settings are to say afterwards.

No text is touched here. `fit` makes the text say what this module decided, and
`refill` proves that it does.
"""

from dataclasses import dataclass, field
from enum import StrEnum

from autoresumefiller.redaction.data import (
    Comparison,
    Key,
    Leaf,
    List,
    Map,
    Value,
    empty_text,
    key_text,
    leaves,
)
from autoresumefiller.redaction.endpoints import Guard, TooMuch, is_endpoint, names_endpoints
from autoresumefiller.redaction.pairing import is_blank, is_kept_whole, partners_of
from autoresumefiller.redaction.paths import Path
from autoresumefiller.redaction.secrets import is_placeholder

NEVER_TAKEN = frozenset({"data_directory", "encryption", "encryption_enabled", "logging", "server"})
_MAX_STEPS = 100_000


class ArchivedSecrets(StrEnum):
    """What becomes of a secret that an archive carries in clear."""

    REFUSE = "refuse"
    """It is not taken: for every archive that was not encrypted."""
    FILL_GAPS = "fill_gaps"
    """It is taken where this machine has none: for encrypted archives."""


@dataclass(slots=True)
class Decisions:
    """What was decided on the way, as paths."""

    reenter: list[Path] = field(default_factory=list)
    in_clear: list[Path] = field(default_factory=list)
    endpoints_kept: list[Path] = field(default_factory=list)
    lists_kept: list[Path] = field(default_factory=list)


class Combiner:
    """Merges an archive's settings into this machine's."""

    def __init__(self, live: Map, policy: ArchivedSecrets, comparison: Comparison) -> None:
        self.decisions = Decisions()
        self._live = live
        self._policy = policy
        self._comparison = comparison
        self._guard = Guard(live)
        self._in_item: list[bool] = []
        self._steps = 0
        self._blanks = 0
        self._holds: dict[int, bool] = {}

    def combine(self, archived: Map) -> Map:
        """Give the settings afterwards; raises `TooMuch` for an alias bomb."""
        return self._map(self._live, archived, ())

    def _map(self, live: Map | None, archived: Map, path: Path) -> Map:
        out: dict[Key, Value] = dict(live.items) if live else {}
        for key, theirs in archived.items.items():
            name = key_text(key)
            if is_placeholder(name) or (not path and _never_taken(name)):
                self._blanks += live is None
                continue
            value = self._value(out.get(key), theirs, (*path, name))
            if value is not None:
                out[key] = value
        if live is None:
            return Map(items=out, node=archived.node, origin=archived.origin)
        if all(live.items.get(key) is value for key, value in out.items()):
            return live
        return Map(items=out, node=live.node, origin=live.origin)

    def _value(self, ours: Value | None, theirs: Value, path: Path) -> Value | None:
        """Decide one setting; None: it is absent here and stays so."""
        self._steps += 1
        if self._steps > _MAX_STEPS:
            raise TooMuch
        if ours is not None and self._comparison.same(ours, theirs):
            return self._same(ours, path)
        if isinstance(theirs, Leaf) and self._is_withheld(theirs):
            return self._without_secret(ours, theirs, path)
        secret_here = ours is not None and self._holds_secret(ours)
        if not secret_here and self._is_guarded(ours, theirs, path):
            self.decisions.endpoints_kept.append(path)
            return ours
        if isinstance(ours, Map) and isinstance(theirs, Map):
            return self._map(ours, theirs, path)
        if isinstance(theirs, List) and (ours is None or isinstance(ours, List)):
            return self._list(ours, theirs, path)
        if secret_here:
            return ours
        if isinstance(theirs, Map):
            return self._map(None, theirs, path)
        return self._list(None, theirs, path) if isinstance(theirs, List) else theirs

    def _same(self, ours: Value, path: Path) -> Value:
        if isinstance(ours, Leaf) and ours.placeholder:
            self.decisions.reenter.append(path)
        return ours

    def _refused(self, theirs: Leaf) -> bool:
        return theirs.secret and self._policy is ArchivedSecrets.REFUSE

    def _without_secret(self, ours: Value | None, theirs: Leaf, path: Path) -> Value:
        """Decide what stands where the archive has a secret that is not to be had from it."""
        if ours is not None and not (isinstance(ours, Leaf) and (ours.empty or ours.placeholder)):
            return ours
        self.decisions.reenter.append(path)
        if theirs.secret:
            self.decisions.in_clear.append(path)
        if ours is not None:
            return ours
        self._blanks += 1
        return empty_text()

    def _is_guarded(self, ours: Value | None, theirs: Value, path: Path) -> bool:
        key = path[-1]
        if not isinstance(key, str) or not is_endpoint(key, ours, theirs):
            return False
        if isinstance(theirs, Map) and not names_endpoints(key):
            return False  # `smtp_server: {...}` has endpoints in it: each is asked about alone
        if isinstance(theirs, List) and all(map(is_blank, theirs.items)):
            return False  # redacted: nothing comes but the news that something was there
        return self._in_item[-1] if self._in_item else self._guard.covers(path)

    def _list(self, ours: List | None, theirs: List, path: Path) -> List:
        """Take the archive's list; a secret here finds its place in it, or ours stays whole."""
        partners = partners_of(ours or List(items=[]), theirs)
        before = len(self.decisions.reenter), len(self.decisions.in_clear), self._blanks
        guarded = self._in_item[-1] if self._in_item else self._guard.holds_beside(path)
        out = []
        for index, item in enumerate(theirs.items):
            partner = partners[index]
            mine = ours.items[partner] if ours and partner is not None else None
            self._in_item.append(guarded or (mine is not None and self._holds_secret(mine)))
            value = self._item(mine, item, (*path, index))
            self._in_item.pop()
            if value is not None:
                out.append(value)
        if ours is None:
            return List(items=out, node=theirs.node, origin=theirs.origin)
        displaced = self._blanks > before[2] and not is_kept_whole(ours, theirs, partners)
        if displaced or self._loses_secret(ours, out):
            del self.decisions.reenter[before[0] :], self.decisions.in_clear[before[1] :]
            self._blanks = before[2]
            self.decisions.lists_kept.append(path)
            return ours
        if len(out) == len(ours.items) and all(map(self._comparison.same, out, ours.items)):
            return ours
        return List(items=out, node=theirs.node, origin=theirs.origin)

    def _item(self, ours: Value | None, theirs: Value, path: Path) -> Value | None:
        if not (isinstance(ours, Map) and isinstance(theirs, Map)):
            lists = isinstance(ours, List) and isinstance(theirs, List)
            kept = ours and (lists or self._holds_secret(ours) or self._is_withheld(theirs))
            return self._value(ours if kept else None, theirs, path)
        items: dict[Key, Value] = {}
        redacted_keys = False
        for key, value in theirs.items.items():
            if is_placeholder(key_text(key)):
                redacted_keys = True
                continue
            decided = self._value(ours.items.get(key), value, (*path, key_text(key)))
            if decided is not None:
                items[key] = decided
        for key, value in ours.items.items():
            # A redacted key may have been any of those that the archive's item lacks.
            if key not in items and (redacted_keys or self._holds_secret(value)):
                items[key] = value
        return Map(items=items, node=theirs.node, origin=theirs.origin)

    def _is_withheld(self, theirs: Value) -> bool:
        """Tell a scalar that is not to be had from the archive."""
        return isinstance(theirs, Leaf) and (theirs.placeholder or self._refused(theirs))

    def _loses_secret(self, ours: List, kept: list[Value]) -> bool:
        return not (self._secret_ids(ours) <= self._secret_ids(List(items=kept)))

    def _secret_ids(self, value: Value) -> set[int]:
        return {id(leaf) for leaf in leaves(value) if leaf.secret}

    def _holds_secret(self, value: Value) -> bool:
        if (known := self._holds.get(id(value))) is None:
            known = self._holds[id(value)] = bool(self._secret_ids(value))
        return known


def _never_taken(name: str) -> bool:
    return name in NEVER_TAKEN or name.startswith(("server.", "logging."))
