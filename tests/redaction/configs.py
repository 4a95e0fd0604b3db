"""Configurations as people write them, with planted secrets, made by hypothesis.

A text is built of pieces, so that what redaction has to make of it is known
without parsing anything: each `Planted` piece becomes the placeholder.
"""

from dataclasses import dataclass, field
from typing import Any

from hypothesis import strategies as st

PLACEHOLDER = "**REDACTED**"
HEADER = "# API keys redacted for security"

SECRET_KEYS = (
    "api_key", "apiKey", "API-KEY", "OPENAI_API_KEY", "password", "Passwort", "passphrase",
    "client_secret", "access_token", "authToken", "private_key", "authorization", "cookie",
    "signing_key", "smtp_pass", "token2", "db.password", "x-api-key", "webhook_url",
)  # fmt: skip
PLAIN_KEYS = (
    "model", "max_tokens", "theme", "author", "level", "passport", "a", "b", "c", "tokenizer",
    "api_key_env", "password_min_length", "phone", "ünï", "keyboard", "with space", "public_key",
)  # fmt: skip
PLAIN_VALUES = (
    "+15551234", "01234", "1e3", "yes", "~", "2024-01-01", "'it''s'", '"tab\\there"', "plain words",
    "www.example.org/a?b=c", "0x1F", ".inf", "null", "'# no comment'", "gpt-4", "-5", '""',
    "émigré", "a#b", "[1, two, '3']", "{x: 1, y: [a]}", "[]", "{}", "!mine tagged", "\"- x\"",
)  # fmt: skip
COMMENTS = ("# a note", "#", "#\ttab", "# ümlaut # twice", "# see https://example.org")


@dataclass(frozen=True)
class Planted:
    """A secret as written, and as redaction has to write it."""

    written: str
    redacted: str = f'"{PLACEHOLDER}"'


@dataclass
class Config:
    """One generated text.

    ``secrets`` are the planted values; ``pieces`` make up the text.
    """

    pieces: list[str | Planted] = field(default_factory=list)
    secrets: list[str] = field(default_factory=list)
    bom: str = ""

    def add(self, *pieces: str | Planted) -> None:
        self.pieces += pieces

    def _bytes(self, text: str) -> bytes:
        return (self.bom + text).encode()

    def original(self, newline: str) -> bytes:
        text = "".join(p if isinstance(p, str) else p.written for p in self.pieces)
        return self._bytes(text.replace("\n", newline))

    def redacted(self, newline: str) -> bytes:
        text = "".join(p if isinstance(p, str) else p.redacted for p in self.pieces)
        lead = HEADER + (newline if "\n" in text else "\n")
        return self._bytes(lead + text.replace("\n", newline))


def _secret(draw: st.DrawFn, config: Config) -> str:
    body = draw(st.text("abcdefghijkmnpqrstuvwxyz23456789", min_size=8, max_size=20))
    value = f"Zz9{len(config.secrets)}{body}"
    config.secrets.append(value)
    return value


def _written_secret(draw: st.DrawFn, config: Config, indent: str) -> list[str | Planted]:  # noqa: PLR0911 - a style, a return
    value = _secret(draw, config)
    style = draw(st.sampled_from(["plain", "single", "double", "literal", "folded", "list", "map",
                                  "tag", "anchor", "escaped"]))  # fmt: skip
    match style:
        case "single":
            return [Planted(f"'{value}'")]
        case "double":
            return [Planted(f'"{value}"')]
        case "escaped":
            return [Planted('"' + "".join(f"\\x{ord(c):02x}" for c in value) + '"')]
        case "literal":
            more = _secret(draw, config)
            return [Planted(f"|\n{indent}    {value}\n{indent}    {more}")]
        case "folded":
            return [Planted(f">-\n{indent}    {value}\n\n{indent}    end")]
        case "list":
            return ["[", Planted(value), ", ", Planted(f'"{_secret(draw, config)}"'), "]"]
        case "map":
            return ["{user: ", Planted(value), ", pin: null}"]
        case "tag":
            return [Planted(f"!!str {value}")]
        case "anchor":
            return [f"&a{len(config.secrets)} ", Planted(value)]
        case _:
            return [Planted(value)]


def _comment(draw: st.DrawFn, config: Config) -> list[str | Planted]:
    if draw(st.booleans()):
        return [draw(st.sampled_from(COMMENTS))]
    value = _secret(draw, config)
    before, after = draw(st.sampled_from([
        ("# old_api_key: ", ""), ("#password = '", "'"), ("# export TOKEN=", ""),
        ("# login https://u:", "@example.org/x"), ('# {"secret": "', '"}'),
    ]))  # fmt: skip
    if after.startswith("@"):
        return ["# login ", Planted(f"https://u:{value}{after}", PLACEHOLDER)]
    return [before, Planted(value, PLACEHOLDER), after]


def _map(draw: st.DrawFn, config: Config, depth: int, indent: str) -> None:
    keys = draw(st.lists(st.sampled_from(PLAIN_KEYS + SECRET_KEYS), min_size=1, max_size=5,
                         unique=True))  # fmt: skip
    for key in keys:
        if draw(st.integers(0, 3)) == 0:
            config.add(indent, *_comment(draw, config), "\n")
        if draw(st.integers(0, 5)) == 0:
            config.add("\n")
        config.add(f"{indent}{key}:")
        if key in SECRET_KEYS:
            config.add(" ", *_written_secret(draw, config, indent))
        elif depth and draw(st.booleans()):
            config.add("\n")
            _map(draw, config, depth - 1, indent + draw(st.sampled_from(["  ", "    "])))
            continue
        else:
            value = draw(st.sampled_from((*PLAIN_VALUES, "", "|\n{i}   text\n{i}   more")))
            config.add((" " + value.replace("{i}", indent)) if value else "")
        last = config.pieces[-1]
        many_lines = "\n" in (last if isinstance(last, str) else last.written)
        if not many_lines and draw(st.integers(0, 3)) == 0:
            config.add("  ", *_comment(draw, config))
        config.add("\n")


@st.composite
def configs(draw: st.DrawFn, depth: int = 2) -> Config:
    """Draw a text of nested maps in many styles, secrets planted in values and comments."""
    config = Config(bom=draw(st.sampled_from(["", "", "\ufeff"])))
    if draw(st.integers(0, 4)) == 0:
        config.add("%YAML 1.2\n---\n")
    _map(draw, config, depth, "")
    last = config.pieces[-1]
    assert isinstance(last, str)
    if draw(st.booleans()) and "\n" not in "".join(
        p if isinstance(p, str) else p.written for p in config.pieces[-2:-1]
    ):
        config.pieces[-1] = last.removesuffix("\n")
    return config


newlines = st.sampled_from(["\n", "\r\n"])


def leaves(value: Any, path: tuple[Any, ...] = ()) -> dict[tuple[Any, ...], Any]:
    """Flatten maps to their leaves; a list is one."""
    if isinstance(value, dict) and value:
        return {p: v for key, item in value.items() for p, v in leaves(item, (*path, key)).items()}
    return {path: value}
