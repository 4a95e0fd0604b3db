"""Laws of redaction and merge that hold for every configuration."""

import json
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st
from ruamel.yaml import YAML

from autoresumefiller.redaction.redact import redact
from autoresumefiller.redaction.refill import PRESERVED, merge
from tests.redaction.configs import PLACEHOLDER, Config, configs, leaves, newlines


def load(text: bytes) -> Any:
    yaml = YAML(typ="rt", pure=True)
    return _bare(yaml.load(text))


def _bare(value: Any) -> Any:
    """Without ruamel's round-trip types: what two texts say, tags included."""
    if isinstance(value, dict):
        return {str(key): _bare(item) for key, item in value.items()}
    if isinstance(value, list):
        return [_bare(item) for item in value]
    return getattr(value, "value", value)


def says_secret(config: Config, value: Any) -> bool:
    return any(secret in str(value) for secret in config.secrets)


@settings(max_examples=60)
@given(configs(), newlines)
def test_every_planted_secret_goes_and_every_other_byte_stays(config: Config, newline: str) -> None:
    shown = redact(config.original(newline))

    assert shown.readable
    assert shown.text == config.redacted(newline)
    assert not any(secret.encode() in shown.text for secret in config.secrets)


@settings(max_examples=15)
@given(configs(), newlines)
def test_redacting_twice_is_redacting_once(config: Config, newline: str) -> None:
    once = redact(config.original(newline)).text

    assert redact(once).text == once


@settings(max_examples=30)
@given(configs(), newlines)
def test_importing_an_export_on_the_same_machine_changes_no_byte(
    config: Config, newline: str
) -> None:
    original = config.original(newline)

    merged = merge(original, redact(original).text)

    assert merged.text == original
    assert merged.changed == ()
    assert merged.reenter == ()
    assert set(merged.warnings) <= {PRESERVED}


@settings(max_examples=30)
@given(configs(), newlines)
def test_a_new_machine_gets_every_setting_and_a_blank_for_every_secret(
    config: Config, newline: str
) -> None:
    original = config.original(newline)

    merged = merge(None, redact(original).text)

    expected = {
        path: _blanked(config, value) for path, value in leaves(load(original)).items() if path
    }
    assert leaves(load(merged.text)) == expected
    assert PLACEHOLDER.encode() not in merged.text
    assert bool(merged.reenter) == any(
        says_secret(config, v) for v in leaves(load(original)).values()
    )


def _blanked(config: Config, value: Any) -> Any:
    if isinstance(value, list):
        return [_blanked(config, item) for item in value]
    return "" if says_secret(config, value) else value


@settings(max_examples=60)
@given(configs(), configs(), newlines)
def test_a_merge_takes_the_archives_settings_and_keeps_this_machines_secrets(
    here: Config, there: Config, newline: str
) -> None:
    live, archived = here.original(newline), redact(there.original("\n")).text

    merged = merge(live, archived)

    assert PLACEHOLDER.encode() not in merged.text
    before, after, theirs = load(live), load(merged.text), load(archived)
    if merged.text == live and any("left as it is" in warning for warning in merged.warnings):
        raise AssertionError(merged.warnings)
    assert after == _merged(here, before, theirs)


def _merged(here: Config, ours: Any, theirs: Any) -> Any:
    """The law in a few lines, for texts without lists of maps and without endpoints."""
    if isinstance(ours, dict) and isinstance(theirs, dict):
        out = dict(ours)
        for key, value in theirs.items():
            out[key] = _merged(here, ours.get(key, ...), value)
        return out
    if ours is not ... and says_secret(here, ours):
        return ours
    if isinstance(theirs, dict):
        return {key: _merged(here, ..., value) for key, value in theirs.items()}
    if isinstance(theirs, list):
        return ["" if item == PLACEHOLDER else item for item in theirs]
    if theirs == PLACEHOLDER:
        return "" if ours is ... else ours
    return theirs


SECRET = "Tr0ub4dor3xyzzyPlugh"
_texts = st.sampled_from(
    ["a", "b", "name", "7", "", SECRET, f"hello {SECRET}", f"{SECRET}{SECRET}"]
)
_keys = st.sampled_from(["a", "b", "name", "id", "url", SECRET, f"x {SECRET}"])
_recurring = st.recursive(
    _texts | st.integers(0, 3) | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(_keys, inner, max_size=3),
    max_leaves=12,
)


@settings(max_examples=60)
@given(st.dictionaries(_keys, _recurring, max_size=3))
def test_a_secret_that_recurs_anywhere_survives_the_import_of_ones_own_export(
    elsewhere: dict[str, Any],
) -> None:
    live = json.dumps({"password": SECRET, "here": elsewhere}).encode()

    merged = merge(live, redact(live).text)

    assert merged.text == live
    assert merged.reenter == ()
