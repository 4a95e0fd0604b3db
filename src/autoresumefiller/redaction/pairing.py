"""Which item of a list here an item of the archive's list speaks of.

A redacted item says only that something stood there. It may have been a secret
of its own, what repeats one, or what was one when the archive was made: so
every item here that the archive's list does not have can be what it was.
"""

from collections import Counter

from autoresumefiller.redaction.data import Leaf, List, Map, Value

_IDENTITY = ("id", "name", "label", "title", "provider", "service", "type", "user", "username")


def partners_of(ours: List, theirs: List) -> list[int | None]:
    """Pair the archive's items with ours: by what identifies them, else by position.

    Gives the index in ``ours`` for each of ``theirs``, or None; two never
    share one.
    """
    redacted = _redacted(ours, theirs)
    identities = _identities(ours)
    same_length = len(ours.items) == len(theirs.items)
    out: list[int | None] = []
    for index, item in enumerate(theirs.items):
        if isinstance(item, Leaf):
            out.append(redacted.get(index))
        elif isinstance(item, Map) and (identity := _identity(item)):
            same = identities.get(identity, [])
            out.append(same[0] if len(same) == 1 else None)
        else:
            out.append(index if same_length else None)
    times = Counter(out)
    return [at if at is None or times[at] == 1 else None for at in out]


def is_kept_whole(ours: List, theirs: List, partners: list[int | None]) -> bool:
    """Tell whether every item of ours stands in the archive's list, or is what one was."""
    paired = {
        at
        for at, item in zip(partners, theirs.items, strict=True)
        if at is not None and (is_blank(item) or type(item) is type(ours.items[at]))
    }
    absent = set(_left_over(ours, theirs)) - paired
    return not absent and all(
        at in paired or isinstance(item, Leaf) for at, item in enumerate(ours.items)
    )


def _redacted(ours: List, theirs: List) -> dict[int, int]:
    """Find what stood where the archive's list has scalars that were redacted."""
    blanks = [index for index, item in enumerate(theirs.items) if is_blank(item)]
    if not blanks:
        return {}
    hidden = [at for at, item in enumerate(ours.items) if isinstance(item, Leaf) and item.hidden]
    for candidates in (_left_over(ours, theirs), hidden):
        if len(candidates) == len(blanks):
            return dict(zip(blanks, candidates, strict=True))
    return {}


def _left_over(ours: List, theirs: List) -> list[int]:
    """List the scalars of ours that the archive's list does not have."""
    had = Counter(
        (item.tag, item.text)
        for item in theirs.items
        if isinstance(item, Leaf) and not is_blank(item)
    )
    out = []
    for at, item in enumerate(ours.items):
        if not isinstance(item, Leaf):
            continue
        if had[item.tag, item.text] > 0:
            had[item.tag, item.text] -= 1
        else:
            out.append(at)
    return out


def is_blank(item: Value) -> bool:
    """Tell a scalar of an archive that was redacted, or is a secret in clear."""
    return isinstance(item, Leaf) and (item.placeholder or item.secret)


def _identity(item: Map) -> tuple[str, str] | None:
    for name in _IDENTITY:
        value = item.items.get(name)
        if isinstance(value, Leaf) and not value.empty and not value.placeholder:
            return name, value.text
    return None


def _identities(ours: List) -> dict[tuple[str, str], list[int]]:
    found: dict[tuple[str, str], list[int]] = {}
    for at, item in enumerate(ours.items):
        for name in _IDENTITY if isinstance(item, Map) else ():
            value = item.items.get(name) if isinstance(item, Map) else None
            if isinstance(value, Leaf):
                found.setdefault((name, value.text), []).append(at)
    return found
