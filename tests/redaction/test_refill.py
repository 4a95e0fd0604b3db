"""What an import makes of two texts; the laws are in test_laws."""

# ruff: noqa: E501 - a case is a line: before, archive, after

import pytest

from autoresumefiller.redaction.combine import ArchivedSecrets
from autoresumefiller.redaction.redact import HEADER, redact
from autoresumefiller.redaction.refill import PRESERVED, merge

P = '"**REDACTED**"'


def merged(live: str | None, archived: str) -> str:
    return merge(None if live is None else live.encode(), archived.encode()).text.decode()


CASES = {
    "the archive's leaf wins, the comment stays": (
        "a: 1  # mine\nb: 'x'\n",
        "a: 2 # theirs\n",
        "a: 2  # mine\nb: 'x'\n",
    ),
    "the archive's own spelling comes": ("a: 1\n", "a: +15551234\n", "a: +15551234\n"),
    "an equal value keeps our spelling": ("a: 'x'\nb: 1000.0\n", 'a: "x"\nb: 1e3\n', "a: 'x'\nb: 1000.0\n"),
    "a switch to YAML 1.1 is not equal to its text": ("a: yes\n", "a: 'yes'\n", "a: 'yes'\n"),
    "maps merge key by key": ("m:\n  a: 1\n  b: 2\n", "m: {b: 3, c: 4}\n", "m:\n  a: 1\n  b: 3\n  c: 4\n"),
    "a list is replaced whole": ("l: [1, 2]\nz: 1\n", "l: [3]\n", "l: [3]\nz: 1\n"),
    "a block list is replaced whole": ("l:\n- 1\n- 2\nz: 1\n", "l:\n  - 3\n  - 4\n  - 5\n", "l:\n- 3\n- 4\n- 5\nz: 1\n"),
    "what never comes": (
        "data_directory: /here\nserver: {port: 1}\n",
        "data_directory: /there\nencryption_enabled: true\nserver: {port: 2, host: x}\n"
        "logging: {level: DEBUG}\nserver.host: x\n",
        "data_directory: /here\nserver: {port: 1}\n",
    ),
    "a new block comes re-indented with its comments": (
        "p:\n    q:\n        r: 1\n",
        "p:\n  nn:\n    # why\n    k: 'v' # so\n    t: |\n      one\n        two\n",
        "p:\n    q:\n        r: 1\n    nn:\n      # why\n      k: 'v' # so\n      t: |\n        one\n          two\n",
    ),
    "our secret stays": ("api_key: mine\n", f"api_key: {P}\n", "api_key: mine\n"),
    "our secret stays against one in clear": ("api_key: mine\n", "api_key: theirs\n", "api_key: mine\n"),
    "our secret stays against an empty one": ("api_key: mine\n", 'api_key: ""\n', "api_key: mine\n"),
    "our secret map stays against a text": ("auth: {token: mine}\n", "auth: none\n", "auth: {token: mine}\n"),
    "a blank for a secret that we lack": ("a: 1\n", f"o:\n  api_key: {P}\n  m: x\n", 'a: 1\no:\n  api_key: ""\n  m: x\n'),
    "our reference stays": ("api_key: ${K}\n", f"api_key: {P}\n", "api_key: ${K}\n"),
    "a redacted key never comes": ("a: 1\n", f"{P}: 2\nb: 3\n", "a: 1\nb: 3\n"),
    "a redacted comment never comes": ("a: 1\n", "m:\n  # x **REDACTED**\n  k: 1\n", "a: 1\nm:\n  k: 1\n"),
    "line ends are ours": ("a: 1\r\n", "m:\n  k: 1\n  l: 2\n", "a: 1\r\nm:\r\n  k: 1\r\n  l: 2\r\n"),
    "no line break at the end": ("a: 1", "b: 2", "a: 1\nb: 2"),
    "a text of comments": ("# mine\n", "a: 1\nb: [x]\n", "# mine\na: 1\nb: [x]\n"),
    "a null becomes a map": ("a:  # none\nb: 1\n", "a: {c: 1}\n", "a: {c: 1}  # none\nb: 1\n"),
    "a flow map grows": ("a: {}\nb: {c: 1,}\n", "a: {x: 1}\nb: {d: 'y, z'}\n", "a: {x: 1}\nb: {c: 1, d: 'y, z',}\n"),
    "an alias that would say too much": (
        "a: &a {k: 1}\nb: *a\n", "a: {k: 2}\nb: {k: 1}\n", "a: &a {k: 2}\nb: {k: 1}\n",
    ),
    "an alias that follows": ("a: &a {k: 1}\nb: *a\n", "a: {k: 2}\nb: {k: 2}\n", "a: &a {k: 2}\nb: *a\n"),
    "over a merged key": (
        "a: &a\n  k: 1\nb:\n  <<: *a\n  m: 1\n",
        "a: {k: 1}\nb: {k: 2, m: 1}\n",
        "a: &a\n  k: 1\nb:\n  <<: *a\n  m: 1\n  k: 2\n",
    ),
    "the archive's aliases are resolved": (
        "z: 1\n", "a: &a {k: 1}\nb: *a\nc: {<<: *a, m: 2}\n", "z: 1\na: {k: 1}\nb: {k: 1}\nc: {m: 2, k: 1}\n",
    ),
    "a block scalar that must not grow": ("a: |+\n  x\n\n", "b: 1\n", "b: 1\na: |+\n  x\n\n"),
    "a folded list of secrets, in order": (
        "keys: [mine-0123456789abcdef, b]\n", f"keys: [{P}, c]\n", "keys: [mine-0123456789abcdef, c]\n",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", CASES)
def test_a_merge(name: str) -> None:
    live, archived, expected = CASES[name]

    assert merged(live, archived) == expected


def test_a_new_machine_gets_the_archives_text_without_its_header() -> None:
    archived = redact(
        b"\xef\xbb\xbf# mine\r\nserver:\r\n  port: 1\r\ngui: {theme: x}  # y\r\ntoken: abc\r\n"
    ).text

    result = merge(None, archived)

    assert result.text == b'\xef\xbb\xbf# mine\r\ngui: {theme: x}  # y\r\ntoken: ""\r\n'
    assert result.reenter == ("token",)
    assert result.warnings == ("API keys to type in again: token",)
    assert HEADER.encode() not in result.text


def test_preserved_secrets_are_told_in_the_storys_words() -> None:
    result = merge(b"a: {api_key: sk-abc123}\n", f"a: {{api_key: {P}, m: 1}}\n".encode())

    assert result.warnings == (PRESERVED,)
    assert PRESERVED == "API keys not imported (preserved existing)"
    assert result.changed == ("a.m",)
    assert result.reenter == ()


def test_a_secret_in_clear_is_not_taken_and_told() -> None:
    result = merge(b"a: 1\n", b"a: 1\ntoken: clear\nnote: sk-abc123\n")

    assert result.text == b'a: 1\ntoken: ""\nnote: ""\n'
    assert result.reenter == ("token", "note")
    assert any("in clear" in warning for warning in result.warnings)
    assert not any("sk-abc123" in warning for warning in result.warnings)


def test_a_secret_from_an_encrypted_archive_fills_a_gap_and_nothing_more() -> None:
    live = b'a: {token: mine}\nb: {token: ""}\n'

    result = merge(
        live, b"a: {token: theirs}\nb: {token: x1}\nc: {token: y1}\n",
        secrets=ArchivedSecrets.FILL_GAPS,
    )  # fmt: skip

    assert result.text == b"a: {token: mine}\nb: {token: x1}\nc: {token: y1}\n"
    assert result.reenter == ()


ENDPOINTS = {
    "beside": ("o: {api_key: S, base_url: http://a}\n", "o: {base_url: http://evil}\n"),
    "beside, absent here": ("o: {api_key: S}\n", "o: {api_base: http://evil}\n"),
    "beside, by its value": ("o: {api_key: S}\n", "o: {target: http://evil}\n"),
    "below": ("o: {api_key: S}\n", "o: {connection: {host: evil}}\n"),
    "in another aspect": ("o: {auth: {token: S}}\n", "o: {http: {url: evil}}\n"),
    "above, a route": ("p: {o: {api_key: S}}\nx: 1\n", "p: {proxy: evil}\nhttps_proxy: evil\n"),
    "a map of proxies": ("o: {api_key: S}\n", "o: {proxies: {https: evil}}\n"),
    "a list of servers": ("o: {api_key: S}\n", "o: {mirrors: ['http://evil']}\n"),
    "transport": ("o: {api_key: S, verify_ssl: true}\n", "o: {verify_ssl: false}\n"),
    "in a list": (
        "l: [{name: a, api_key: S, url: http://a}]\n",
        f"l: [{{name: a, api_key: {P}, url: http://evil}}]\n",
    ),
}


@pytest.mark.parametrize("name", ENDPOINTS)
def test_where_a_secret_of_ours_is_sent_no_archive_decides(name: str) -> None:
    live, archived = (text.replace("S", "sk-abc123") for text in ENDPOINTS[name])

    result = merge(live.encode(), archived.encode())

    assert b"evil" not in result.text
    assert b"sk-abc123" in result.text
    assert any("sent there" in warning for warning in result.warnings)


def test_a_redacted_endpoint_that_we_lack_is_typed_in_again() -> None:
    result = merge(b"token: mine1\n", f"webhook_url: [{P}]\n".encode())

    assert result.reenter == ("webhook_url[0]",)
    assert b"REDACTED" not in result.text


def test_an_endpoint_of_something_else_comes() -> None:
    live = b"p: {o: {api_key: sk-abc123}, l: {url: http://a}}\n"

    assert b"http://b" in merge(live, b"p: {l: {url: http://b}}\nportfolio_url: x\n").text


def test_a_list_here_that_would_lose_a_secret_stays_whole() -> None:
    live = b"l:\n  - {name: a, api_key: sk-abc123}\n  - {name: b}\n"

    result = merge(live, f"l: [{{name: c, api_key: {P}}}]\nm: 1\n".encode())

    assert result.text == live + b"m: 1\n"
    assert result.reenter == ()
    assert any("l" in warning and "no place for" in warning for warning in result.warnings)


def test_list_items_find_their_secret_by_name_not_by_place() -> None:
    live = b"l: [{name: a, api_key: sk-aaa111}, {name: b, api_key: sk-bbb222}]\n"
    archived = f"l: [{{name: b, api_key: {P}, m: 2}}, {{name: a, api_key: {P}}}]\n"

    result = merge(live, archived.encode())

    assert result.text == (
        b"l: [{name: b, api_key: sk-bbb222, m: 2}, {name: a, api_key: sk-aaa111}]\n"
    )


def test_a_new_list_item_has_its_key_typed_in() -> None:
    live = b"l: [{name: a, api_key: sk-aaa111}]\n"
    archived = f"l: [{{name: a, api_key: {P}}}, {{name: n, api_key: {P}}}]\n"

    result = merge(live, archived.encode())

    assert b"sk-aaa111" in result.text
    assert result.reenter == ("l[1].api_key",)
    assert b"REDACTED" not in result.text


def test_a_placeholder_that_is_here_already_stays_and_is_told() -> None:
    live = f"token: {P}\n".encode()

    result = merge(live, live)

    assert result.text == live
    assert result.reenter == ("token",)


@pytest.mark.parametrize(
    ("live", "archived"),
    [
        (b"a: [", b"a: 1\n"),
        (b"\xff", b"a: 1\n"),
        (b"- a list\n", b"a: 1\n"),
        (b"a: 1\na: 2\n", b"a: 3\n"),
        (b"a: 1\n---\nb: 2\n", b"a: 3\n"),
        (b"a: &a [*a]\n", b"b: 3\n"),
        (b"a: 1\n", b"a: ["),
        (b"a: 1\n", b"just text"),
        (b"a: 1\n", b"a: 2\na: 3\n"),
        (b"a: 1\n", b"? [x]\n: 1\n"),
        (b"a: 1\n", redact(b"a: [").text),
        (b"a: 1\n", b"<<: 5\n"),
    ],
)
def test_what_cannot_be_merged_leaves_the_live_text_and_says_so(
    live: bytes, archived: bytes
) -> None:
    result = merge(live, archived)

    assert result.text == live
    assert result.changed == ()
    assert len(result.warnings) == 1


def test_an_alias_bomb_on_either_side_leaves_the_live_text() -> None:
    lines = ["a0: &a0 {token: hunter2}"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 40)]
    bomb = "\n".join(lines).encode()

    assert merge(b"x: 1\n", bomb).text == b"x: 1\n"
    assert merge(bomb, b"x: 1\n").text == bomb
    known = merge(b"x: 1\n", bomb + b"\nbackup: *a39\nversion: *a39\n")
    assert known.text == b"x: 1\n"


def test_an_empty_archive_changes_nothing() -> None:
    for empty in (b"", b"# only a comment\n", b"null\n", b"{}\n", b"---\n"):
        assert merge(b"a: 1\n", empty).text == b"a: 1\n"
        assert merge(b"a: 1\n", empty).warnings == ()


S = "Tr0ub4dor3xyzzyPlugh"
RECURRING = {
    "in a list": f"list:\n  - {S}\n  - b\n",
    "in a longer text": f"notes: [hello {S}, z]\n",
    "in a pair": f"env: [[API_KEY, {S}]]\n",
    "in a pair of another kind": f"env: [[a, {S}], [b, c]]\n",
    "in a list in a map": f"x: {{y: [a, {S}]}}\n",
    "beside a secret known by its form": f"l: [sk-abc123, {S}, b, {S}]\n",
    "in maps of one name": f"l: [{{name: a, n: {S}}}, {{name: a, n: x {S}}}]\n",
    "as the name of an item": f"l: [{{name: {S}, n: 1}}, {{name: b, n: 2}}]\n",
    "as a key": f"l: [{{{S}: 1, b: 2}}, [[{{{S}: [c]}}]]]\n",
    "in deep lists": f"l: [[[[a, {S}], b], {S}], [c, [x{S}y]]]\n",
}


@pytest.mark.parametrize("name", RECURRING)
def test_ones_own_export_leaves_what_repeats_a_secret_alone(name: str) -> None:
    live = f"password: {S}\n{RECURRING[name]}".encode()

    result = merge(live, redact(live).text)

    assert result.text == live
    assert (result.changed, result.reenter) == ((), ())


@pytest.mark.parametrize(
    ("live", "archived", "after"),
    [
        (f"l: [{S}, b]\n", f"l: [{P}, b]\n", f"l: [{S}, b]\n"),
        (f"l: [b, {S}]\n", f"l: [{P}, b, c]\n", f"l: [{S}, b, c]\n"),
        ("l: [one, two]\n", f"l: [{P}]\n", "l: [one, two]\n"),
        ("l: [[a, one], [b]]\n", f"l: [[a, {P}]]\n", "l: [[a, one], [b]]\n"),
        ("l: [one, {a: b}]\n", f"l: [{{a: {P}}}, x]\n", "l: [one, {a: b}]\n"),
        ("l: [{one: 1}, {two: 2}]\n", f"l: [{{{P}: 1}}]\n", "l: [{one: 1}, {two: 2}]\n"),
        ("l: [one]\n", f"l: [one, {P}]\n", 'l: [one, ""]\n'),
        ("l: []\n", f"l: [{P}]\n", 'l: [""]\n'),
    ],
)
def test_a_placeholder_takes_the_place_of_nothing_that_is_here(
    live: str, archived: str, after: str
) -> None:
    assert merged(live, archived) == after


@pytest.mark.parametrize(
    ("archived", "named"),
    [
        ("backup: {max_backups: -5}", "backup.max_backups (a number of 1 or more is wanted)"),
        ("backup: {max_backups: true}", "backup.max_backups (a whole number is wanted"),
        ("backup: 5", "backup (a map of settings is wanted)"),
        ("backup: [{max_backups: 2}]", "backup (a map of settings is wanted)"),
        ("version: {}", "version (a text is wanted)"),
        ("a: &a {max_backups: no}\nbackup: {<<: *a}", "backup.max_backups"),
    ],
)
def test_a_setting_of_the_archive_that_does_not_fit_is_not_taken_and_named(
    archived: str, named: str
) -> None:
    live = b"backup: {max_backups: 7, mine: 1}\nversion: '1.0'\n"

    result = merge(live, f"{archived}\ngui: dark\n".encode())

    assert result.text.startswith(live)
    assert result.text.endswith(b"gui: dark\n")
    assert any(named in warning for warning in result.warnings)
    assert not any("7" in warning for warning in result.warnings)


def test_the_settings_beside_one_that_does_not_fit_come() -> None:
    archived = b"backup: {max_backups: -5, auto_backup_enabled: false}\n"

    assert merge(b"a: 1\n", archived).text == b"a: 1\nbackup: {auto_backup_enabled: false}\n"
    assert merge(None, archived).text == b"backup: {auto_backup_enabled: false}\n"


def test_what_does_not_fit_here_either_is_left_alone() -> None:
    live = b"backup: {max_backups: many}\n"

    assert merge(live, live).warnings == ()
    assert merge(live, b"backup: {max_backups: 3}\n").text == b"backup: {max_backups: 3}\n"


@pytest.mark.parametrize("block", ["|", "|-", ">", "|+"])
@pytest.mark.parametrize("end", ["", "\n"])
def test_a_block_scalar_comes_behind_a_last_line_without_a_line_break(block: str, end: str) -> None:
    archived = f"gui:\n  theme: dark\n  note: {block}\n    one\n    two\n"

    result = merge(f"a: 1{end}".encode(), archived.encode())

    assert result.text == f"a: 1\n{archived}".encode()
    assert result.warnings == ()
