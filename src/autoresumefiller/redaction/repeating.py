"""Secrets that stand in a text once more, where no key and no form gives them away."""

from collections.abc import Iterable, Iterator

from autoresumefiller.redaction import tree
from autoresumefiller.redaction.marking import Marks
from autoresumefiller.redaction.tree import Document, Kind, Node

_WORD_LIKE = 8
_STARTS = (32, 16, _WORD_LIKE)


def is_distinctive(value: str) -> bool:
    """Tell whether a secret is so much itself that it may be looked for elsewhere.

    A password ``postgres`` or ``1234`` is also an ordinary word: to leave that
    word elsewhere tells nobody that it is the password, and to replace it
    would break other settings.
    """
    bare = value.strip()
    return len(bare) >= _WORD_LIKE and (len(bare) >= 2 * _WORD_LIKE or not bare.isalpha())


class Wanted:
    """Distinctive values, looked for in a text all at once.

    Looking for one after the other costs their number times the text. Here
    every place of the text is asked whether a value begins with what stands
    there, and only then which: by the few lengths that values with this
    beginning have.
    """

    def __init__(self, values: Iterable[str]) -> None:
        self._by_start: dict[int, dict[str, dict[int, set[str]]]] = {}
        for value in values:
            start = next(length for length in _STARTS if len(value) >= length)
            begun = self._by_start.setdefault(start, {}).setdefault(value[:start], {})
            begun.setdefault(len(value), set()).add(value)

    def spans(self, text: str) -> Iterator[tuple[int, int]]:
        """Find every place of every value; they may overlap."""
        for start, begun in self._by_start.items():
            for at in range(len(text) - start + 1):
                if (lengths := begun.get(text[at : at + start])) is None:
                    continue
                for length, values in lengths.items():
                    if text[at : at + length] in values:
                        yield at, at + length

    def stand_in(self, text: str) -> bool:
        """Tell whether any of the values stands in ``text``."""
        return next(self.spans(text), None) is not None


def mark_repeated(document: Document, marks: Marks) -> Wanted:
    """Mark the values and keys that repeat a distinctive secret; give these secrets."""
    known = {id(node) for node in marks.nodes}
    wanted = Wanted({node.text for node in marks.nodes if is_distinctive(node.text)})
    others = [node for node in document.scalars if id(node) not in known]
    if repeating := [node for node in others if wanted.stand_in(node.text)]:
        keys = {id(node) for node in _key_nodes(document)}
        for node in repeating:
            if id(node) in keys:
                marks.keys.append(node)
            else:
                line = document.text.count("\n", 0, node.content) + 1
                marks.values[node] = (f"line {line}",)
    return wanted


def _key_nodes(document: Document) -> list[Node]:
    return [
        entry.key.node
        for node in tree.walk(document)
        if node.kind is Kind.MAP
        for entry in node.entries
    ]
