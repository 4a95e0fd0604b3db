"""Merge an archive's config.yaml into this machine's: settings come, secrets stay.

The rules are `combine`'s. What they decide is written into the live text by
edits (`fit`), then the result is parsed and compared with the decision: if it
does not say exactly that, the live text stays as it is and a warning says so.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from autoresumefiller.redaction import emit, tree
from autoresumefiller.redaction.combine import (
    NEVER_TAKEN,
    ArchivedSecrets,
    Combiner,
    Decisions,
)
from autoresumefiller.redaction.comments import comments
from autoresumefiller.redaction.data import (
    Comparison,
    Map,
    Reading,
    Value,
    key_text,
    value_of,
)
from autoresumefiller.redaction.endpoints import Guard, TooMuch
from autoresumefiller.redaction.fit import Fitter
from autoresumefiller.redaction.known import at, misfits_in, without
from autoresumefiller.redaction.marking import mark
from autoresumefiller.redaction.paths import Path, dotted
from autoresumefiller.redaction.redact import STUB_MARK, without_header
from autoresumefiller.redaction.repeating import mark_repeated
from autoresumefiller.redaction.secrets import PLACEHOLDER
from autoresumefiller.redaction.splice import Splice, apply
from autoresumefiller.redaction.tree import Document, Unreadable

PRESERVED = "API keys not imported (preserved existing)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Merged:
    """What config.yaml is to be after an import.

    Attributes:
        text: UTF-8. The live bytes unchanged if nothing was to change, or could be.
        changed: Dotted paths of the settings that now say something else.
        reenter: Dotted paths of the keys that have to be typed in again here.
        warnings: Sentences for the person; none holds a secret.

    """

    text: bytes
    changed: tuple[str, ...]
    reenter: tuple[str, ...]
    warnings: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Source:
    document: Document
    reading: Reading
    root: Map


def merge(
    live: bytes | None,
    archived: bytes,
    *,
    secrets: ArchivedSecrets = ArchivedSecrets.REFUSE,
) -> Merged:
    """Merge the settings of an archive into ``live``; never raises for content.

    ``live`` is None where there is no config.yaml yet. ``secrets`` says what
    becomes of secrets that the archive carries in clear; a secret of this
    machine is never replaced, whatever it says.
    """
    kept = live or b""
    try:
        theirs = _read(archived)
    except Unreadable as reason:
        return _kept(kept, f"The archive's settings were not imported: {reason}.")
    if STUB_MARK in theirs.document.text and not theirs.root.items:
        return _kept(kept, "The archive has no settings: they could not be read when it was made.")
    try:
        ours = _read(kept)
    except Unreadable as reason:
        return _kept(kept, f"Your config.yaml was left as it is, settings not imported: {reason}.")
    try:
        return _merge(ours, theirs, secrets)
    except (Unreadable, TooMuch, ValueError, RecursionError):
        return _kept(
            kept,
            "Your config.yaml was left as it is, settings not imported: they could not be "
            "written into it without changing something else.",
        )


def _read(config: bytes) -> _Source:
    document = tree.read(tree.decode(config))
    marks = mark(document)
    secret = frozenset(map(id, marks.values))
    mark_repeated(document, marks)
    reading = value_of(document, secret, frozenset(map(id, marks.values)))
    if not isinstance(reading.root, Map):
        raise Unreadable("it is not a map of settings")
    return _Source(document, reading, reading.root)


def _kept(live: bytes, warning: str) -> Merged:
    return Merged(text=live, changed=(), reenter=(), warnings=(warning,))


def _merge(ours: _Source, theirs: _Source, policy: ArchivedSecrets) -> Merged:
    comparison = Comparison()
    combiner = Combiner(ours.root, policy, comparison)
    fitting, unfit = _fitting(ours.root, theirs.root, comparison)
    target = combiner.combine(fitting)
    if not ours.root.items and not ours.document.text.strip("\ufeff \t\r\n"):
        text = _from_archive(theirs, target, comparison)
    else:
        text = _edited(ours, target, comparison)
    _prove(text, target, comparison, before=ours.document.text)
    decisions = combiner.decisions
    return Merged(
        text=text.encode(),
        changed=tuple(map(dotted, _changed(ours.root, target, comparison))),
        reenter=tuple(dict.fromkeys(map(dotted, decisions.reenter))),
        warnings=(
            *_warnings(decisions, preserved=Guard(ours.root).any_secret),
            *(f"Kept as they are here, because the archive's do not fit: {said}" for said in unfit),
        ),
    )


def _fitting(ours: Map, theirs: Map, comparison: Comparison) -> tuple[Map, list[str]]:
    """Give the archive's settings without known ones that do not fit, and what they are.

    They are listed in one text, if any of them says something else than ours.
    """
    out = theirs
    said: list[str] = []
    for misfit in misfits_in(theirs):
        value = at(theirs, misfit.path)
        if value is None or misfit.path[0] in NEVER_TAKEN:
            continue
        out = without(out, misfit.path)
        mine = at(ours, misfit.path)
        if mine is None or not comparison.same(mine, value):
            said.append(f"{dotted(misfit.path)} ({misfit.wanted})")
    return out, ["; ".join(said)] if said else []


def _edited(ours: _Source, target: Map, comparison: Comparison) -> str:
    fitter = Fitter(ours.document, ours.reading.by_node, comparison)
    fitter.root(target)
    return apply(ours.document.text, fitter.splices)


def _from_archive(theirs: _Source, target: Map, comparison: Comparison) -> str:
    """Make a new config.yaml of the archive's text, or of its values where edits do not do."""
    try:
        text = without_header(_edited(theirs, target, comparison))
        clean = _without_placeholders(text)
        if comparison.same(_read(clean.encode()).root, target):
            return clean
    except (Unreadable, ValueError):
        pass
    newline = theirs.document.newline
    return emit.block(target, 0, newline) + newline if target.items else ""


def _without_placeholders(text: str) -> str:
    """Take out the comments that redaction cut something from."""
    if PLACEHOLDER not in text:
        return text
    found = comments(tree.read(text))
    cut = [Splice(item.start, item.end, "") for item in found if PLACEHOLDER in item.text]
    return apply(text, cut)


def _prove(text: str, target: Map, comparison: Comparison, *, before: str) -> None:
    """Raise `Unreadable` unless ``text`` says ``target`` and brings no placeholder in."""
    if text != before and not comparison.same(_read(text.encode()).root, target):
        raise Unreadable("the result is not what was meant")
    if text.count(PLACEHOLDER) > before.count(PLACEHOLDER):
        raise Unreadable("a placeholder would have been written")


def _changed(before: Map, after: Map, comparison: Comparison) -> list[Path]:
    found: list[Path] = []
    stack: list[tuple[Value | None, Value, Path]] = [(before, after, ())]
    while stack:
        old, new, path = stack.pop()
        if old is not None and comparison.same(old, new):
            continue
        if isinstance(old, Map) and isinstance(new, Map):
            stack.extend(
                (old.items.get(key), value, (*path, key_text(key)))
                for key, value in reversed(new.items.items())
            )
        else:
            found.append(path)
    return found


def _warnings(decisions: Decisions, *, preserved: bool) -> Iterable[str]:
    if preserved:
        yield PRESERVED
    if decisions.reenter:
        yield f"API keys to type in again: {_listed(decisions.reenter)}"
    if decisions.in_clear:
        yield (
            "The archive carries API keys in clear, which were not taken from it: "
            f"{_listed(decisions.in_clear)}"
        )
    if decisions.endpoints_kept:
        yield (
            "Kept as they are here, because an API key of yours is sent there: "
            f"{_listed(decisions.endpoints_kept)}"
        )
    if decisions.lists_kept:
        yield (
            "Kept as they are here, because they hold API keys that the archive's have no "
            f"place for: {_listed(decisions.lists_kept)}"
        )


def _listed(paths: list[Path]) -> str:
    return ", ".join(dict.fromkeys(map(dotted, paths)))
