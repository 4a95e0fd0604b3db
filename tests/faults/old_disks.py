"""Disks as there are some: without files that have no name."""

from collections.abc import Iterator
from contextlib import contextmanager

from autoresumefiller.vault import draft


@contextmanager
def no_nameless_files() -> Iterator[None]:
    """Let a draft have a name from the beginning, which a kill leaves."""
    before = draft._nameless
    draft._nameless = lambda _directory, _stack: None
    try:
        yield
    finally:
        draft._nameless = before
