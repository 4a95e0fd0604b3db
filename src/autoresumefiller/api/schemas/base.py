"""What the models share."""

from typing import Annotated, Any

from pydantic import BaseModel, BeforeValidator, ConfigDict, model_validator

from autoresumefiller.api.wording import without_commands


def wire(text: str) -> str:
    r"""Return text that JSON in UTF-8 can carry.

    A file name of bytes that are no UTF-8 holds lone surrogates (PEP 383);
    each is written as ``\udcff``. Such a name is found again by this form.
    """
    return text.encode("utf-8", "backslashreplace").decode("utf-8")


def wire_tree(value: Any) -> Any:
    """Return a JSON-like value with every text made fit for the wire."""
    if isinstance(value, str):
        return wire(value)
    if isinstance(value, dict):
        return {wire(str(key)): wire_tree(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [wire_tree(item) for item in value]
    return value


def _wire(value: object) -> object:
    return wire(value) if isinstance(value, str) else value


Text = Annotated[str, BeforeValidator(_wire)]
"""Text that may come from a file name."""


def _sentence(value: object) -> object:
    return without_commands(wire(value)) if isinstance(value, str) else value


Sentence = Annotated[str, BeforeValidator(_sentence)]
"""What is said to a person, who is not at a terminal."""

Tree = Annotated[dict[str, Any], BeforeValidator(wire_tree)]
"""A mapping as an archive or a plan has it."""


def whole(value: Any) -> Any:
    """Return 5 for 5.0, anything else as it is."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


WHOLE = BeforeValidator(whole)
"""For whole numbers: JSON does not tell 5 from 5.0, and some languages write the latter."""


def _is_whole(value: object) -> bool:
    if isinstance(value, str):
        return wire(value) == value
    return not isinstance(value, list) or all(map(_is_whole, value))


class Outgoing(BaseModel):
    """A response, or a part of one."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Incoming(BaseModel):
    """A request's body: what is not known is refused, not overlooked; 1 is not true."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    @model_validator(mode="before")
    @classmethod
    def _made_of_whole_characters(cls, value: object) -> object:
        """Refuse half of a character, which JSON can say and UTF-8 cannot: no key, no name."""
        if isinstance(value, dict):
            for name, part in value.items():
                if not (_is_whole(name) and _is_whole(part)):
                    raise ValueError(f"half of a character is in '{wire(name)}'")
        return value
