"""Plain English text, as much as is wanted: sentences of Python's own manual, drawn by seed.

Words drawn at random from a list have too little in common with what people
write: matches are shorter and codecs compare differently on them. The manual
comes with every Python (``pydoc_data.topics``), so nothing has to be fetched.
"""

import re
from functools import cache
from pydoc_data.topics import topics
from random import Random


@cache
def _sentences() -> tuple[str, ...]:
    text = " ".join(" ".join(topics[name].split()) for name in sorted(topics))
    return tuple(s for s in re.split(r"(?<=[.!?])\s+", text) if 20 < len(s) < 400)


def english(random: Random, size: int) -> str:
    """Return ``size`` characters of sentences in paragraphs."""
    paragraphs = []
    length = 0
    while length < size:
        paragraph = " ".join(random.choices(_sentences(), k=random.randint(2, 7)))
        paragraphs.append(paragraph)
        length += len(paragraph) + 2
    return "\n\n".join(paragraphs)[:size]
