"""The settings that we act on: one that does not fit costs no other."""

import pytest

from autoresumefiller.model.settings import Settings, fitting, kind_of


def test_what_fits_is_taken_whole() -> None:
    settings, faults = fitting({"backup": {"max_backups": 3}, "encryption_enabled": True})
    assert (settings.backup.max_backups, settings.encryption_enabled) == (3, True)
    assert faults == ()


@pytest.mark.parametrize(
    ("wrong", "path"),
    [
        ({"backup": {"max_backups": "ten"}}, ("backup", "max_backups")),
        ({"backup": 5}, ("backup",)),
        ({"encryption": {"recipients": ["age1", 5]}}, ("encryption", "recipients", 1)),
        ({"encryption": {"recipients": "age1"}}, ("encryption", "recipients")),
        ({"encryption_enabled": "maybe"}, ("encryption_enabled",)),
        ({"version": {}}, ("version",)),
    ],
)
def test_one_that_does_not_fit_has_its_default_and_the_others_stay(
    wrong: dict[str, object], path: tuple[str | int, ...]
) -> None:
    right: dict[str, object] = {
        "version": "1.5",
        "encryption_enabled": True,
        "encryption": {"encrypt_auto_backups": False},
        "backup": {"max_backups": 3, "auto_backup_enabled": False},
    }
    known = dict(right)
    for name, value in wrong.items():
        there = known[name]
        known[name] = (
            there | value if isinstance(there, dict) and isinstance(value, dict) else value
        )
    settings, faults = fitting(known)
    assert [fault.path for fault in faults] == [path]
    # The same as if the wrong one alone had not been there.
    without = {name: value for name, value in right.items() if name != path[0]}
    nested = right[str(path[0])]
    if len(path) > 1 and isinstance(nested, dict):
        without[str(path[0])] = {key: value for key, value in nested.items() if key != path[1]}
    assert settings == Settings.model_validate(without)


def test_several_faults_are_all_named() -> None:
    settings, faults = fitting(
        {"version": 1, "backup": {"max_backups": 0, "auto_backup_enabled": 5}}
    )
    assert settings == Settings()
    assert [fault.path[-1] for fault in faults] == [
        "version",
        "auto_backup_enabled",
        "max_backups",
    ]


@pytest.mark.parametrize(
    ("path", "kind"),
    [
        (("backup", "max_backups"), int),
        (("backup", "auto_backup_enabled"), bool),
        (("version",), str),
        (("encryption", "recipients"), tuple),
        (("encryption", "recipients", 0), str),
        (("backup",), None),
        (("backup", "mine"), None),
        (("backup", 0), None),
        (("version", "x"), None),
        (("encryption", "recipients", "x"), None),
        (("gui", "theme"), None),
    ],
)
def test_the_kind_of_a_setting(path: tuple[str | int, ...], kind: type | None) -> None:
    assert kind_of(path) is kind
