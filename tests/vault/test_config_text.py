# ruff: noqa: E501 - a case is a line: before, name, value, after

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from autoresumefiller.errors import ConfigError
from autoresumefiller.model.settings import DEFAULT_CONFIG, Settings
from autoresumefiller.vault.config_text import get_value, masked, read_settings, set_value

DEFAULT = DEFAULT_CONFIG.encode()


def test_the_default_config_says_the_default_settings() -> None:
    assert read_settings(DEFAULT) == Settings()
    assert read_settings(b"") == Settings()
    assert read_settings(b"# nothing yet\n") == Settings()


def test_settings_are_read_as_people_write_them() -> None:
    config = b"version: 1.10\nencryption_enabled: yes\nbackup:\n  max_backups: 0x10\n  mine: 1\n"

    read = read_settings(config)

    assert (read.version, read.encryption_enabled, read.backup.max_backups) == ("1.10", True, 16)
    assert read_settings(b"backup:\nversion: ~\n") == Settings()
    assert read_settings(b"backup: {max_backups: , auto_backup_enabled: ~}\n") == Settings()
    assert read_settings(b"backup: {auto_backup_enabled: off}").backup.auto_backup_enabled is False
    assert read_settings(b"encryption: {recipients: [age1]}").encryption.recipients == ("age1",)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (b"a: [", "line 1"),
        (b"\xff", "UTF-8"),
        (b"- a\n", "not a map"),
        (b"a: 1\na: 2\n", "twice"),
        (b"a: 1\n---\nb: 2\n", "several documents"),
        (b"backup: {max_backups: 0}\n", "backup.max_backups"),
        (b"backup: 5\n", "backup: a map of settings is wanted"),
        (b"version: {}\n", "version: a text is wanted"),
        (b"backup: {max_backups: true}\n", "backup.max_backups: a whole number is wanted"),
        (b"backup: {max_backups: 5.0}\n", "a whole number is wanted"),
        (b"backup: {max_backups: ' 7'}\n", "a whole number is wanted, without quotes"),
        (b"backup: {max_backups: '1_0'}\n", "a whole number is wanted"),
        (b"backup: {max_backups: -5}\n", "a number of 1 or more is wanted"),
        (b"backup: {max_backups: 10001}\n", "a number of 10000 or less is wanted"),
        (b"backup: {max_backups: 1" + b"0" * 5000 + b"}\n", "backup.max_backups"),
        (b"encryption_enabled: 1\n", "encryption_enabled: true or false is wanted"),
        (b"encryption_enabled: 'yes'\n", "true or false is wanted, without quotes"),
        (b"backup: {auto_backup_enabled: 'true'}\n", "true or false is wanted"),
        (b"encryption: {recipients: age1}\n", "encryption.recipients: a list is wanted"),
        (b"encryption: {recipients: [5]}\n", "encryption.recipients[0]: a text is wanted"),
    ],
)
def test_settings_that_cannot_be_used_are_explained(config: bytes, said: str) -> None:
    with pytest.raises(ConfigError) as error:
        read_settings(config)
    assert said in error.value.message


def test_an_explanation_repeats_no_value() -> None:
    with pytest.raises(ConfigError) as error:
        read_settings(b"backup: {max_backups: hunter2222}\n")
    assert "hunter2222" not in str(error.value)
    with pytest.raises(ConfigError) as error:
        read_settings(b"api_key: *hunter2222\n")
    assert "hunter2222" not in str(error.value)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("backup.max_backups", 10),
        ("backup.auto_backup_enabled", True),
        ("ai_providers.openai.temperature", 0.7),
        ("data_directory", ""),
        ("gui", {"theme": "system"}),
    ],
)
def test_a_setting_is_read_by_its_dotted_name(name: str, expected: object) -> None:
    assert get_value(DEFAULT, name) == expected


def test_names_reach_into_lists_odd_keys_and_merged_maps() -> None:
    config = b"l: [{a: 1}]\n'x.y': {8: two}\na: &a {k: 1}\nb: {<<: *a}\nd: 2024-01-01\nn: .inf\n"

    assert get_value(config, "l[0].a") == 1
    assert get_value(config, '["x.y"].8') == "two"
    assert get_value(config, "b.k") == 1
    assert get_value(config, "d") == "2024-01-01"
    assert get_value(config, "n") == float("inf")


@pytest.mark.parametrize(
    "name", ["", ".", "a..b", "[0]", "no.such", "gui.theme.more", "version[0]"]
)
def test_a_name_without_a_setting_is_an_error(name: str) -> None:
    with pytest.raises(ConfigError):
        get_value(DEFAULT, name)


EDITS = {
    "a number, its comment stays": ("a: 1  # x\nb: 2\n", "a", 3, "a: 3  # x\nb: 2\n"),
    "the same again": ("a: '1'\nb: 1e3\n", "b", 1000.0, "a: '1'\nb: 1e3\n"),
    "text that looks like a number": ("a: x\n", "a", "5", 'a: "5"\n'),
    "text that YAML would read otherwise": ("a: x\n", "a", "- b: #", 'a: "- b: #"\n'),
    "an empty text": ("a: x\n", "a", "", 'a: ""\n'),
    "null": ("a: x\n", "a", None, "a: null\n"),
    "behind an absent value": ("a:\nb: 1\n", "a", True, "a: true\nb: 1\n"),
    "a new one at the end": ("a: 1", "b", 2, "a: 1\nb: 2"),
    "a new one in a nested map": ("a:\n  b: 1\nc: 2\n", "a.d", 3, "a:\n  b: 1\n  d: 3\nc: 2\n"),
    "parents are made": ("a: 1\n", "b.c.d", 2, "a: 1\nb:\n  c:\n    d: 2\n"),
    "in flow style": ("a: {b: 1}\n", "a.c", 2, "a: {b: 1, c: 2}\n"),
    "in a list": ("l:\n- a: 1\n- b\n", "l[1]", "c", 'l:\n- a: 1\n- "c"\n'),
    "into nothing": ("", "a.b", 1, "a:\n  b: 1\n"),
    "below comments": ("# only\n", "a", 1, "# only\na: 1\n"),
    "a block scalar": ("a: |\n  x\n  y\n# c\nb: 1\n", "a", "z", 'a: "z"\n# c\nb: 1\n'),
    "a whole map": ("a:\n  b: 1\nc: 1\n", "a", {"x": [1, None]}, "a:\n  x:\n    - 1\n    - null\nc: 1\n"),
    "through an alias": ("a: &a {k: 1}\nb: *a\n", "b.k", 2, "a: &a {k: 1}\nb: {k: 2}\n"),
    "of an anchor": ("a: &a {k: 1}\nb: *a\n", "a.k", 2, "a: &a {k: 2}\nb: {k: 1}\n"),
    "over a merged one": ("a: &a {k: 1}\nb:\n  <<: *a\n", "b.k", 2, "a: &a {k: 1}\nb:\n  <<: *a\n  k: 2\n"),
    "a tagged one": ("a: !!int 5\n", "a", "x", 'a: "x"\n'),
    "line ends": ("a: 1\r\n", "b", 2, "a: 1\r\nb: 2\r\n"),
    "a byte order mark": ("\ufeffa: 1\n", "a", 2, "\ufeffa: 2\n"),
    "document marks": ("%YAML 1.2\n---\na: 1\n...\n", "b", 2, "%YAML 1.2\n---\na: 1\nb: 2\n...\n"),
}  # fmt: skip


@pytest.mark.parametrize("name", EDITS)
def test_a_setting_is_changed_where_it_stands(name: str) -> None:
    before, setting, value, after = EDITS[name]

    changed = set_value(before.encode(), setting, value)  # type: ignore[arg-type]

    assert changed.decode() == after
    assert get_value(changed, setting) == value  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("backup.max_backups", 0),
        ("backup.max_backups", "many"),
        ("backup.max_backups", True),
        ("backup.max_backups", 5.0),
        ("backup.max_backups", "7"),
        ("backup", {"max_backups": -5}),
        ("backup", 5),
        ("version", {}),
        ("encryption_enabled", "perhaps"),
        ("encryption_enabled", "yes"),
        ("encryption_enabled", 1),
        ("gui.theme.deep", 1),
        ("gui[0]", 1),
        ("gui.theme", "**REDACTED**"),
        ("gui.theme", object()),
        ("gui.theme", b"bytes"),
        ("..", 1),
    ],
)
def test_a_value_that_does_not_fit_is_refused(name: str, value: object) -> None:
    with pytest.raises(ConfigError) as error:
        set_value(DEFAULT, name, value)
    assert error.value.consequence == "Nothing in your vault was changed."


@pytest.mark.parametrize("name", ["gui.theme", "backup.auto_backup_enabled", "backup.mine"])
def test_a_setting_is_set_beside_another_that_does_not_fit(name: str) -> None:
    config = DEFAULT.replace(b"max_backups: 10", b"max_backups: many")

    assert get_value(set_value(config, name, False), name) is False


def test_what_does_not_fit_is_put_right_by_setting_it() -> None:
    config = b"backup: {max_backups: many}\nversion: {}\n"

    assert set_value(config, "backup.max_backups", 5) == b"backup: {max_backups: 5}\nversion: {}\n"
    assert set_value(b"backup: 5\n", "backup", {"max_backups": 5}) == b"backup: {max_backups: 5}\n"


def test_an_unreadable_config_is_not_edited() -> None:
    with pytest.raises(ConfigError):
        set_value(b"a: [", "a", 1)


def test_masking_hides_secrets_and_nothing_else() -> None:
    changed = set_value(DEFAULT, "ai_providers.openai.api_key", "sk-abc123")

    text = masked(changed)

    assert "sk-abc123" not in text
    assert text == DEFAULT_CONFIG.replace('api_key: ""', 'api_key: "**REDACTED**"', 1)
    with pytest.raises(ConfigError):
        masked(b"api_key: [hunter2")


texts = st.text(st.characters(blacklist_categories=["Cs"]), max_size=20)
values = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**30), 10**30) | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(texts, inner, max_size=3),
    max_leaves=6,
)


@settings(max_examples=60)
@given(values, st.sampled_from(["gui.theme", "gui", "new.one", "default_resume", "ai_providers.x"]))
def test_whatever_is_set_is_read_back_and_the_other_lines_stay(value: object, name: str) -> None:
    changed = set_value(DEFAULT, name, value)

    assert get_value(changed, name) == value
    untouched = [line for line in DEFAULT.splitlines() if b"#" in line or b"model" in line]
    assert [line for line in untouched if line in changed.splitlines()] == untouched
