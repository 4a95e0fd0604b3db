"""The settings of config.yaml that this package acts on, and the file a new vault gets."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Annotated, get_args, get_origin

from pydantic import BaseModel, ConfigDict, Field, Strict, ValidationError
from pydantic_core import ErrorDetails

# Strict: `max_backups: true` would otherwise be 1, and the next clean-up go by it.
_CONFIG = ConfigDict(extra="allow", frozen=True, strict=True)


class BackupSettings(BaseModel):
    """``backup.*``: how automatic backups are kept."""

    model_config = _CONFIG

    auto_backup_enabled: bool = True
    max_backups: int = Field(default=10, ge=1, le=10_000)
    backup_before_import: bool = True


class EncryptionSettings(BaseModel):
    """``encryption.*``: never taken from an archive."""

    model_config = _CONFIG

    # Not strict as a whole only because YAML and JSON have lists, not tuples.
    recipients: Annotated[tuple[Annotated[str, Strict()], ...], Strict(strict=False)] = ()
    encrypt_auto_backups: bool = True


class Settings(BaseModel):
    """What is read from config.yaml; every other key belongs to the application."""

    model_config = _CONFIG

    version: str = "1.0"
    encryption_enabled: bool = False
    encryption: EncryptionSettings = EncryptionSettings()
    backup: BackupSettings = BackupSettings()


@dataclass(frozen=True, slots=True, kw_only=True)
class Misfit:
    """A known setting whose value cannot be acted on.

    Attributes:
        path: Its keys, and the index in a list.
        wanted: What it has to be, as the end of a sentence; never the value itself,
            which may stand next to a secret.

    """

    path: tuple[str | int, ...]
    wanted: str


def fitting(known: Mapping[str, object]) -> tuple[Settings, tuple[Misfit, ...]]:
    """Return the settings, with its default for each that does not fit, and name these."""
    try:
        return Settings.model_validate(dict(known)), ()
    except ValidationError as error:
        faults = tuple(
            Misfit(path=fault["loc"], wanted=_wanted(fault))
            for fault in error.errors(include_input=False, include_url=False)
        )
    for fault in faults:
        known = _without(known, fault.path)
    return Settings.model_validate(known), faults


def kind_of(path: Sequence[str | int]) -> type | None:
    """Return what a known setting holds: bool, int, str, or tuple for a list; else None."""
    kind: object = Settings
    for step in path:
        if isinstance(kind, type) and issubclass(kind, BaseModel) and step in kind.model_fields:
            kind = kind.model_fields[str(step)].annotation
        elif get_origin(kind) is tuple and isinstance(step, int):
            kind = get_args(get_args(kind)[0])[0]  # tuple[Annotated[str, Strict()], ...]
        else:
            return None
    kind = get_origin(kind) or kind
    return kind if isinstance(kind, type) and not issubclass(kind, BaseModel) else None


def _without(known: Mapping[str, object], path: Sequence[str | int]) -> dict[str, object]:
    """Leave out the setting at ``path``; of a list it goes into, all."""
    name, rest = path[0], path[1:]
    within = known.get(str(name))
    kept = {key: value for key, value in known.items() if key != name}
    if rest and isinstance(within, Mapping):
        kept[str(name)] = _without(within, rest)
    return kept


def _wanted(fault: ErrorDetails) -> str:
    limits = fault.get("ctx", {})
    match fault["type"]:
        case "int_type" | "int_parsing_size":
            return "a whole number is wanted, without quotes"
        case "bool_type":
            return "true or false is wanted, without quotes"
        case "string_type":
            return "a text is wanted"
        case "greater_than_equal":
            return f"a number of {limits['ge']} or more is wanted"
        case "less_than_equal":
            return f"a number of {limits['le']} or less is wanted"
        case "tuple_type":
            return "a list is wanted"
        case "model_type" | "dict_type":
            return "a map of settings is wanted"
        case _:
            return fault["msg"][:1].lower() + fault["msg"][1:].rstrip(".")


DEFAULT_CONFIG = """\
# Settings of AutoResumeFiller. Comments and layout are yours: they are kept.
version: "1.0"
data_directory: ""  # empty: the directory this file is in
data_structure: single
data_format: json
encryption_enabled: false

ai_providers:
  openai:
    enabled: false
    model: gpt-4
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
  anthropic:
    enabled: false
    model: claude-3-sonnet
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
  google:
    enabled: false
    model: gemini-pro
    max_tokens: 2000
    temperature: 0.7
    api_key: ""
selected_provider: openai

default_resume: ""
default_cover_letter: ""

server:
  host: 127.0.0.1
  port: 8765

gui:
  theme: system

backup:
  auto_backup_enabled: true
  max_backups: 10
  backup_before_import: true

logging:
  level: INFO
"""
