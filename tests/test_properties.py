"""Laws that hold for every vault: import(export(v)) == v, and no secret leaves."""

import json
import os
import sys
import tempfile
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from autoresumefiller import UserDataManager
from autoresumefiller.model.profile import UserProfile
from tests.support import archives
from tools.comparison import differences, setting_differences

# A whole export and import with every fsync for each example: fewer examples
# than hypothesis would take for a pure function, each of them a whole tree.
whole_vault = settings(max_examples=40, suppress_health_check=[HealthCheck.too_slow])

# --- trees ------------------------------------------------------------------------

POSIX_NAMES = os.name == "posix" and sys.platform != "darwin"

_plain = st.text(
    st.characters(codec="utf-8", exclude_categories=("Cs",), exclude_characters="/\0"),
    min_size=1,
    max_size=24,
)
_odd = st.sampled_from(
    [
        "CON", "con.txt", "aux", "nul.pdf", "COM1", "trailing.", "trailing ", " leading",
        "a:b", "a*b?.txt", '"quoted"', "pipe|", "<tag>", "back\\slash", "new\nline", "tab\t",
        "100%.txt", "%41", "%", "a%2Fb", "~", "-rf", "metadata.json", "SHA256SUMS", "config.yaml",
        "Re\u0301sume\u0301.pdf", "R\u00e9sum\u00e9.pdf", "RESUME.PDF", "resume.pdf", "ẞ", "ß",
        "ss", "\u202egnp.exe", "zero\u200bwidth", "👩\u200d💻.txt", "\ufeffbom", "é" * 127,
        "x" * 255, "日" * 85, "*" * 255, ".hidden", "..double", "...", "a b", "İ", "ı", "\u212a",
        "k",
    ]
)  # fmt: skip
_not_utf8 = st.binary(min_size=1, max_size=8).map(os.fsdecode).filter(lambda n: "/" not in n)
_safe = st.text("abcABC éÉ0-_", min_size=1, max_size=12).filter(lambda n: n == n.strip())

names = (
    st.one_of(_plain, _odd, _not_utf8).filter(
        lambda name: name not in (".", "..") and "\0" not in name and len(os.fsencode(name)) <= 255
    )
    if POSIX_NAMES
    else _safe
)
# A block and how often it is repeated: large contents with short descriptions.
contents = st.tuples(st.binary(max_size=100), st.sampled_from([1, 1, 2, 100, 5000]))
# ZIP's own times begin in 1980; ours are kept for any.
mtimes = st.one_of(st.integers(0, 2**31 - 1), st.integers(315_532_800, 4_000_000_000))
files = st.tuples(contents, mtimes)
trees = st.recursive(
    st.dictionaries(names, files, max_size=5),
    lambda inner: st.dictionaries(names, st.one_of(files, inner), max_size=4),
    max_leaves=12,
)


def _grow(directory: Path, tree: dict[str, Any]) -> None:
    directory.mkdir(exist_ok=True)
    for name, thing in tree.items():
        path = directory / name
        if isinstance(thing, dict):
            _grow(path, thing)
        elif not (path.exists() and not POSIX_NAMES):
            (block, times), mtime = thing
            path.write_bytes(block * times)
            os.utime(path, (mtime, mtime))


@whole_vault
@given(data=trees, resumes=trees, cover_letters=trees)
def test_importing_an_export_gives_the_same_tree(
    data: dict[str, Any], resumes: dict[str, Any], cover_letters: dict[str, Any]
) -> None:
    # The two names that mean something in data/ have their own tests.
    data = {k: v for k, v in data.items() if not k.casefold().startswith("user_profile.json")}
    with tempfile.TemporaryDirectory() as place:
        old, new = Path(place, "old"), Path(place, "new")
        manager = UserDataManager(old)
        for name, tree in (("data", data), ("resumes", resumes), ("cover_letters", cover_letters)):
            _grow(old / name, tree)

        exported = manager.export_all(place)
        checked = manager.validate_backup(exported["output_path"])
        assert checked["errors"] == []
        assert exported["skipped"] == []
        UserDataManager(new).import_from_backup(exported["output_path"], confirm=False)

        assert differences(old, new) == []
        # And once more onto itself: nothing is there that the archive does not know.
        again = manager.import_from_backup(
            exported["output_path"], confirm=False, backup_existing=False, mode="mirror"
        )
        assert again["success"] is True
        assert differences(new, old) == []


# --- profiles ---------------------------------------------------------------------

text = st.text(st.characters(codec="utf-8"), min_size=1, max_size=30).filter(str.strip)
months = st.builds(lambda y, m: f"{y:04}-{m:02}", st.integers(1950, 2100), st.integers(1, 12))
emails = st.from_regex(r"[a-z]{1,10}(\.[a-z]{1,5})?@[a-z]{1,10}\.(org|example)", fullmatch=True)
phones = st.from_regex(r"\+?[0-9]{1,3}[ -]?\(?[0-9]{2,4}\)?[ -][0-9]{3,8}", fullmatch=True)
optional_text = st.none() | text
text_lists = st.lists(text, max_size=3)


def _periods(**fields: st.SearchStrategy[Any]) -> st.SearchStrategy[dict[str, Any]]:
    whole = st.fixed_dictionaries(
        {"months": st.tuples(months, months), "now": st.booleans(), **fields}
    )

    def dated(drawn: dict[str, Any]) -> dict[str, Any]:
        first, last = sorted(drawn.pop("months"))
        return drawn | {"start_date": first, "end_date": "Present" if drawn.pop("now") else last}

    return whole.map(dated)


profiles = st.fixed_dictionaries(
    {
        "personal_info": st.fixed_dictionaries(
            {"first_name": text, "last_name": text, "email": emails},
            optional={"phone": phones, "city": optional_text, "country": text, "x_extra": text},
        ),
        "education": st.lists(
            _periods(
                institution=text,
                degree=text,
                field_of_study=text,
                gpa=st.none() | st.floats(0, 4),
                honors=text_lists,
            ),
            max_size=2,
        ),
        "work_experience": st.lists(
            _periods(
                company=text,
                position=text,
                responsibilities=st.lists(text, min_size=1, max_size=3),
                technologies=text_lists,
            ),
            max_size=2,
        ),
        "skills": text_lists,
        "projects": st.lists(_periods(name=text, description=text, url=optional_text), max_size=2),
        "certifications": st.lists(
            st.fixed_dictionaries({"name": text, "issuer": text, "date_obtained": months}),
            max_size=2,
        ),
        "summary": optional_text,
        "unknown_field": st.recursive(
            st.none() | st.booleans() | st.integers() | text,
            lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
            max_leaves=5,
        ),
    }
)


@whole_vault
@given(content=profiles)
def test_a_profile_survives_save_export_import_and_load(content: dict[str, Any]) -> None:
    with tempfile.TemporaryDirectory() as place:
        old = UserDataManager(Path(place, "old"))
        old.save_user_profile(UserProfile.model_validate(content))
        exported = old.export_all(place)
        assert exported["profile_valid"] is True
        new = UserDataManager(Path(place, "new"))
        new.import_from_backup(exported["output_path"], confirm=False)

        saved, loaded = old.load_user_profile(), new.load_user_profile()

        assert loaded == saved
        as_plain = json.loads(loaded.model_dump_json())
        expected = json.loads(UserProfile.model_validate(content).model_dump_json())
        del as_plain["last_updated"], expected["last_updated"]
        assert as_plain == expected


# --- secrets ----------------------------------------------------------------------

_SECRET_KEYS = (
    "api_key", "API-KEY", "apiKey", "openai_api_key", "secret", "client_secret", "password",
    "PASSWORD", "passphrase", "token", "access_token", "refreshToken", "private_key",
    "credential", "authorization", "cookie",
)  # fmt: skip
_OTHER_KEYS = ("model", "max_tokens", "author", "tokenizer", "passport", "theme", "endpoint")

# Long and random enough never to stand in an archive by chance.
_bodies = st.text(
    "abcdefghijkmnpqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789", min_size=24, max_size=40
)
_secrets_by_key = _bodies.map(lambda body: f"plain{body}")
_secrets_by_form = st.one_of(
    _bodies.map(lambda body: f"sk-{body}"),
    _bodies.map(lambda body: f"ghp_{body[:24]}000000000000"),
)


class _Config:
    """A config.yaml that is being written, and the secrets in it."""

    def __init__(self, draw: st.DrawFn) -> None:
        self._draw = draw
        self.lines: list[str] = []
        self.secrets: list[str] = []

    def write(self, indent: int, depth: int) -> None:
        for number in range(self._draw(st.integers(1, 4))):
            kind = self._draw(st.sampled_from(("map", "list", "key", "form", "comment", "plain")))
            pad = " " * indent
            if kind == "map" and depth:
                self.lines.append(f"{pad}group_{number}:")
                self.write(indent + 2, depth - 1)
            elif kind == "list":
                self.lines.append(f"{pad}items_{number}:")
                self.lines.append(f"{pad}  - name: one")
                key = self._draw(st.sampled_from(_SECRET_KEYS))
                self.lines.append(f"{pad}    {key}: {self._secret(_secrets_by_key)}")
            elif kind == "key":
                key = f"my{number}_{self._draw(st.sampled_from(_SECRET_KEYS))}"
                self.lines.append(f"{pad}{key}: {self._secret(_secrets_by_key)}")
            elif kind == "form":
                key = f"{self._draw(st.sampled_from(_OTHER_KEYS))}_{number}"
                self.lines.append(f"{pad}{key}: {self._secret(_secrets_by_form)}")
            elif kind == "comment":
                self.lines.append(
                    f"{pad}# the old one was {self._secret(_secrets_by_form, bare=True)}"
                )
            else:
                key = f"{self._draw(st.sampled_from(_OTHER_KEYS))}_{number}"
                self.lines.append(f"{pad}{key}: {self._draw(st.integers(0, 10**6))}  # kept")

    def _secret(self, strategy: st.SearchStrategy[str], *, bare: bool = False) -> str:
        secret = self._draw(strategy)
        self.secrets.append(secret)
        quote = "" if bare else self._draw(st.sampled_from(("", "'", '"')))
        return f"{quote}{secret}{quote}"


@st.composite
def configs(draw: st.DrawFn) -> tuple[str, list[str]]:
    config = _Config(draw)
    config.lines.append("version: '1.0'")
    config.write(0, 3)
    newline = draw(st.sampled_from(("\n", "\r\n")))
    return newline.join(config.lines) + newline, config.secrets


@whole_vault
@given(config=configs())
def test_no_secret_is_in_any_member_and_a_round_trip_keeps_the_live_file(
    config: tuple[str, list[str]],
) -> None:
    text_of_config, secrets = config
    with tempfile.TemporaryDirectory() as place:
        vault = Path(place, "vault")
        manager = UserDataManager(vault)
        (vault / "config.yaml").write_bytes(text_of_config.encode())

        exported = manager.export_all(place)

        for name, content in archives.members(exported["output_path"]).items():
            for secret in secrets:
                assert secret.encode() not in content, (name, secret)
        # On the same machine nothing of the settings changes.
        manager.import_from_backup(exported["output_path"], confirm=False, backup_existing=False)
        assert (vault / "config.yaml").read_bytes() == text_of_config.encode()

        new = Path(place, "new")
        UserDataManager(new).import_from_backup(exported["output_path"], confirm=False)
        assert "**REDACTED**" not in (new / "config.yaml").read_text()
        changed = setting_differences(vault / "config.yaml", new / "config.yaml")
        lost = {path for path, (before, _) in changed.items() if before is not None}
        assert lost <= set(exported["redacted"])
