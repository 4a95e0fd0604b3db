"""What redaction makes of the shapes that YAML has; the laws are in test_laws."""

import base64

import pytest

from autoresumefiller.redaction.redact import HEADER, Redacted, redact
from autoresumefiller.redaction.repeating import is_distinctive

P = '"**REDACTED**"'
B64 = base64.b64encode(b"sk-planted-secret-0123456789abcdef").decode()
PICTURE = base64.b64encode(bytes(range(200))).decode()


def shown(config: str) -> str:
    """Redact and take the header off; the text must have been readable."""
    result = redact(config.encode())
    assert result.readable, result.text
    text = result.text.decode()
    assert text.startswith(f"{HEADER}\n")
    return text.removeprefix(f"{HEADER}\n")


SHAPES = {
    "the story's example": (
        'ai_providers:\n  openai:\n    api_key: "sk-abc123..."\n    \n',
        f"ai_providers:\n  openai:\n    api_key: {P}\n    \n",
    ),
    "plain, commented": ("password: hunter2  # mine\n", f"password: {P}  # mine\n"),
    "number": ("pin_code: 1234\n", f"pin_code: {P}\n"),
    "spelled oddly": ("secret: +15551234\n", f"secret: {P}\n"),
    "null, empty and switches stay": (
        'a: {secret: , token: ~, password: "", api_key: null, cookie: false}\n',
    )
    * 2,
    "literal block": (
        "private_key: |\n  -----BEGIN\n  abc\n\nb: 1\n",
        f"private_key: {P}\n\nb: 1\n",
    ),
    "literal block with a comment": (
        "secret: |-  # keep me\n  abc\nb: 1\n",
        f"secret: {P}  # keep me\nb: 1\n",
    ),
    "a secret in the comment of a secret block": (
        "secret: |-  # sk-abc123\n  abc\nb: 1\n",
        f"secret: {P}  # **REDACTED**\nb: 1\n",
    ),
    "what looks generated in the comment of a secret block": (
        "secret: |-  # was a-abc123\n  abc\nb: 1\n",
        f"secret: {P}  # was **REDACTED**\nb: 1\n",
    ),
    "a secret in a comment that goes with a tag": (
        "secret: !!str # was sk-abc123\n  abc\nb: 1\n",
        f"secret: {P}\nb: 1\n",
    ),
    "a comment between an anchor and a secret block": (
        "secret: &a # was a-abc123\n  |-  # was b-abc123\n  abc\nb: 1\n",
        f"secret: &a # was **REDACTED**\n  {P}  # was **REDACTED**\nb: 1\n",
    ),
    "a secret in a comment behind a secret in a comment": (
        "# api_key: abc1 # password=hunter22x\nb: 1\n",
        "# api_key: **REDACTED** # password=**REDACTED**\nb: 1\n",
    ),
    "a secret that shows only where another was taken out": (
        '# secret: "a1 # secret: "b1: hunter22x\nb: 1\n',
        "# secret: **REDACTED**\nb: 1\n",
    ),
    "folded block under a plain key": (
        "note: >\n  eyJhbGciOiJI.\n  eyJzdWIiOiJ0.\n  c2lnbmF0dXJl\nb: 1\n",
        f"note: {P}\nb: 1\n",
    ),
    "quoted over lines": ("secret: 'one\n  two'\nb: 1\n", f"secret: {P}\nb: 1\n"),
    "plain over lines": ("secret: one\n  two\nb: 1\n", f"secret: {P}\nb: 1\n"),
    "a list under a secret's key": ("tokens: [one, two]\n", f"tokens: [{P}, {P}]\n"),
    "a count under the same": ("tokens: 4096\n",) * 2,
    "a map under a secret's key": (
        "credentials:\n  user: me\n  pass: x\n  name: n\n",
        f"credentials:\n  user: {P}\n  pass: {P}\n  name: n\n",
    ),
    "an environment list": (
        "env:\n- A=1\n- API_KEY=hunter2\n",
        f"env:\n- A=1\n- {P}\n",
    ),
    "name and value": (
        "env: [{name: DB_PASSWORD, value: hunter2}, {name: HOST, value: h}]\n",
        f"env: [{{name: DB_PASSWORD, value: {P}}}, {{name: HOST, value: h}}]\n",
    ),
    "a value beside what identifies it": (
        "- {id: password, value: a1}\n- {label: API key, value: b1}\n- {env: TOKEN, value: c1}\n"
        "- {type: bearer, value: d1}\n- {ParameterKey: DBPassword, ParameterValue: e1}\n"
        "- {title: The secret of my success, value: f1}\n",
        f"- {{id: password, value: {P}}}\n- {{label: API key, value: {P}}}\n"
        f"- {{env: TOKEN, value: {P}}}\n- {{type: bearer, value: {P}}}\n"
        f"- {{ParameterKey: DBPassword, ParameterValue: {P}}}\n"
        "- {title: The secret of my success, value: f1}\n",
    ),
    "two headers are no pair": (
        "headers: ['Authorization: Bearer abc', 'Accept: json']\nargs: [--api-key=a1, --verbose]\n",
        f"headers: [{P}, 'Accept: json']\nargs: [{P}, --verbose]\n",
    ),
    "a name and a value in comments": (
        "# - name: API_KEY\n#   value: hunter2\n# - name: HOST\n#   value: example\n"
        "# {name: API_KEY, value: hunter2, other: 1}\na: 1\n",
        "# - name: API_KEY\n#   value: **REDACTED**\n# - name: HOST\n#   value: example\n"
        "# {name: API_KEY, value: **REDACTED**, other: 1}\na: 1\n",
    ),
    "flags in comments": (
        "# args: [--api-key, hunter2, --verbose]\n"
        '# ["--token", "hunter2", "--max-tokens", "5"]\na: 1\n',
        "# args: [--api-key, **REDACTED**, --verbose]\n"
        '# ["--token", "**REDACTED**", "--max-tokens", "5"]\na: 1\n',
    ),
    "a token cut over the lines of a comment": (
        "# token: eyJhbGciOiJIUzI1NiJ9.eyJzdWIi\n#   OiJ0ZXN0In0.c2lnbmF0dXJl\n"
        "#   of last year\na: 1\n",
        "# token: **REDACTED**\n#   **REDACTED**\n#   of last year\na: 1\n",
    ),
    "arrows and more between a secret's name and the secret in comments": (
        "# password -> hunter22\n# Passwort ist hunter22\n# password (old) hunter22\na: 1\n",
        "# password -> **REDACTED**\n# Passwort ist **REDACTED**\n# password (old) **REDACTED**\n"
        "a: 1\n",
    ),
    "a reference to a secret of Kubernetes": (
        "env:\n- name: API_KEY\n  valueFrom: {secretKeyRef: {name: mine, key: openai}}\n",
    )
    * 2,
    "a flag and its value": (
        "args: [--api-key, hunter2, --max-tokens, 5]\n",
        f"args: [--api-key, {P}, --max-tokens, 5]\n",
    ),
    "flags in a list of secrets": (
        "secrets: [--max-tokens, 5]\ntokens: [--max-tokens, abc, --max-tokens, 5]\n",
        f"secrets: [{P}, {P}]\ntokens: [{P}, {P}, {P}, 5]\n",
    ),
    "names in a map of secrets": (
        "secrets: [{key: max_tokens, value: 5}, [max_tokens, 5]]\n",
        f"secrets: [{{key: {P}, value: {P}}}, [{P}, {P}]]\n",
    ),
    "a key in two words": ("openai: {key: hunter2}\n", f"openai: {{key: {P}}}\n"),
    "anchor stays, alias follows": (
        "password: &p hunter2\nnote: *p\n",
        f"password: &p {P}\nnote: *p\n",
    ),
    "anchored under a plain key, used under a secret's": (
        "note: &p hunter2\npassword: *p\n",
        f"note: &p {P}\npassword: *p\n",
    ),
    "merge key": (
        "a: &a\n  api_key: x1\nb:\n  <<: *a\n  m: 1\n",
        f"a: &a\n  api_key: {P}\nb:\n  <<: *a\n  m: 1\n",
    ),
    "the tag goes with the value": (
        "pin_code: !!int &a 5\ntoken: !vault x\nb: !mine y\n",
        f"pin_code: &a {P}\ntoken: {P}\nb: !mine y\n",
    ),
    "twice the same key": ("token: a\ntoken: b\n", f"token: {P}\ntoken: {P}\n"),
    "a key that is a secret": (
        "sk-abc123: 1\nghp_abcdefghijkl: 2\n",
        f'{P}: 1\n"**REDACTED** 2": 2\n',
    ),
    "a complex key": ("? {api_key: x}\n: [y]\n", f"? {{api_key: {P}}}\n: [y]\n"),
    "a pair in a list": (
        "env: [[API_KEY, hunter], [HOST, h]]\nheader: [X-Api-Key, hunter2]\n",
        f"env: [[API_KEY, {P}], [HOST, h]]\nheader: [X-Api-Key, {P}]\n",
    ),
    "no pair": ("required: [password, email]\nmore: [password, email, 2]\n",) * 2,
    "a key that is a list": ("? [password]\n: hunter2\n", f"? [password]\n: {P}\n"),
    "netrc in a block": (
        "netrc: |\n  machine x\n  login y\n  password z\nb: 1\n",
        f"netrc: {P}\nb: 1\n",
    ),
    "commands in comments": (
        "# curl -u me:pw https://x\n# mysql -phunter db\na: 1\n",
        "# curl -u me:**REDACTED** https://x\n# mysql -p**REDACTED** db\na: 1\n",
    ),
    "no colon in a comment": (
        "# password hunter2\n# my old password 8f14e45fceea167a\n# secret abc123def now\na: 1\n",
        "# password **REDACTED**\n# my old password **REDACTED**\n"
        "# secret **REDACTED** now\na: 1\n",
    ),
    "words in a comment": (
        "# password manager\n# secret santa 2024\n# password sha256\n# cookie 2024-01-15\n"
        "# token https://example.org/a1b2c3d4\n# max_tokens abc123def\na: 1\n",
    )
    * 2,
    "behind an empty secret": (
        'api_key: "" # oldkey-8f14e45fceea\ntoken: # was hunter2\nb: 1 # 8f14e45fceea\n',
        'api_key: "" # **REDACTED**\ntoken: # was **REDACTED**\nb: 1 # 8f14e45fceea\n',
    ),
    "a setting behind a secret": (
        "token: ~ # export TOKEN=8f14e45fceea\n",
        "token: ~ # export TOKEN=**REDACTED**\n",
    ),
    "words behind a secret": (
        'api_key: "" # for gpt-4-turbo, see https://example.org/v2/a1b2c3d4, until 2024-01-15\n',
    )
    * 2,
    "documents": ("token: a\n---\ntoken: b\n...\n", f"token: {P}\n---\ntoken: {P}\n...\n"),
    "JSON": ('{"api_key":"x","n":1}\n', f'{{"api_key":{P},"n":1}}\n'),
    "a commented key": ("# api_key: sk x # y\na: 1\n", "# api_key: **REDACTED** # y\na: 1\n"),
    "prose in a comment": ("# max_tokens: ask Bob for a key\n# no token\na: 1\n",) * 2,
    "a commented block": (
        "# credentials:\n#   user: me\n#   pass: x\n# gui: 1\n",
        "# credentials:\n#   **REDACTED**\n#   **REDACTED**\n# gui: 1\n",
    ),
    "a key block in comments": (
        "# -----BEGIN PRIVATE KEY-----\n# MIIE\n# -----END PRIVATE KEY-----\n# a\n",
        "# **REDACTED**\n# **REDACTED**\n# **REDACTED**\n# a\n",
    ),
    "a secret repeated in a comment": (
        "password: hunter2222\n# was hunter2222\n",
        f"password: {P}\n# was **REDACTED**\n",
    ),
    "a secret repeated in another value": (
        "password: hunter2222\nnote: try hunter2222 first\n",
        f"password: {P}\nnote: {P}\n",
    ),
    "a password that is an ordinary word": (
        "password: postgres\nuser: postgres  # postgres\n",
        f"password: {P}\nuser: postgres  # postgres\n",
    ),
    "a reference": ("api_key: ${OPENAI_API_KEY}\napi_key_env: OPENAI_API_KEY\n",) * 2,
    "half a placeholder": ('password: "**REDACTED**hunter2"\n', f"password: {P}\n"),
    "headers in a comment": (
        "# curl -H 'Authorization: Bearer xyz' -H \"Cookie: a=b; c=d\"\na: 1\n",
        "# curl -H 'Authorization: **REDACTED**' -H \"Cookie: **REDACTED**\"\na: 1\n",
    ),
    "base64 with a token behind it": (
        f"a: !!binary {B64}\nb: !!binary |\n  {B64[:24]}\n  {B64[24:]}\nc: {B64}\nd: 1\n",
        f"a: {P}\nb: {P}\nc: {P}\nd: 1\n",
    ),
    "base64 in a comment and in a longer text": (
        f"# x: !!binary {B64}\na: echo {B64} | base64 -d\n",
        f"# x: !!binary **REDACTED**\na: {P}\n",
    ),
    "base64 with anything else behind it": (
        f"logo: !!binary {PICTURE}\nnote: !!binary aGVsbG8gdGhlcmUsIGdvb2QgcGVyc29u\n# {PICTURE}\n",
    )
    * 2,
    "a client of OAuth": (
        "oauth: {access: abc, refresh: def, scope: mail}\naccess: all\nrefresh: 5\n",
        f"oauth: {{access: {P}, refresh: {P}, scope: mail}}\naccess: all\nrefresh: 5\n",
    ),
    "a Secret of Kubernetes": (
        "kind: Secret\nstringData: {note: hunter2}\nstring_data_size: 4\n",
        f"kind: Secret\nstringData: {{note: {P}}}\nstring_data_size: 4\n",
    ),
    "an alias of itself": ("a: &a [*a, {token: x}]\n", f"a: &a [*a, {{token: {P}}}]\n"),
}


@pytest.mark.parametrize("name", SHAPES)
def test_the_secret_goes_and_the_rest_stays(name: str) -> None:
    before, after = SHAPES[name]

    assert shown(before) == after


def test_paths_are_dotted_and_in_the_order_of_the_text() -> None:
    config = b'z: {api_key: x}\na.b: {token: y}\ncookies: [p, "q"]\n---\npassword: r\n'

    assert redact(config).paths == (
        "z.api_key", '["a.b"].token', "cookies[0]", "cookies[1]", '["---[1]"].password',
    )  # fmt: skip


@pytest.mark.parametrize("text", [b"", b"# only\n", b"a: 1", b"\n\n", b"a: 1\r\nb: 2\r\n"])
def test_a_config_without_secrets_only_gets_the_header(text: bytes) -> None:
    newline = b"\r\n" if b"\r" in text else b"\n"

    assert redact(text) == Redacted(text=HEADER.encode() + newline + text, paths=(), readable=True)


def test_the_header_stands_there_once_and_behind_a_byte_order_mark() -> None:
    with_bom = b"\xef\xbb\xbf" + f"{HEADER}\na: 1\n".encode()

    assert redact(with_bom).text == with_bom
    assert redact(b"\xef\xbb\xbfa: 1\n").text == with_bom


@pytest.mark.parametrize(
    "config",
    [
        b"a: [hunter2",
        b"api_key: \xff hunter2",
        "api_key: hunter2".encode("utf-16"),
        b"a: hunter2\n\tb: c\n",
        b"password: *hunter2\n",
        b"hunter2: \x00\n",
        b'a: "\\UFFFFFFFF hunter2"\n',
        b"%YAML 9.9\n---\na: hunter2\n",
        b"[" * 5000 + b"hunter2",
        b"- " * 500 + b"hunter2",
        b"a: hunter2 " + b"x" * (1 << 19),
        b"hunter2: 1\n" * 10_001,
        b"a: 1\n---\nb: [hunter2\n",
        b"x: &sk-abc123 hunter2\n",
    ],
)
def test_what_cannot_be_read_is_never_exported_in_clear(config: bytes) -> None:
    result = redact(config)

    assert not result.readable
    assert result.paths == ()
    assert b"hunter2" not in result.text
    assert result.text.startswith(HEADER.encode())
    assert all(line.startswith(b"#") for line in result.text.splitlines())


def test_an_alias_bomb_is_redacted_without_being_walked() -> None:
    lines = ["a0: &a0 {token: hunter2}"]
    lines += [f"a{i}: &a{i} [{', '.join([f'*a{i - 1}'] * 9)}]" for i in range(1, 90)]

    assert shown("\n".join(lines)) == "\n".join(lines).replace("hunter2", P)


def test_a_long_chain_of_aliases_under_a_secrets_key_overflows_nothing() -> None:
    chain = ["a0: &a0 {x: value0}"]
    chain += [f"a{i}: &a{i} {{x: *a{i - 1}}}" for i in range(1, 3000)]
    chain.append("credentials: *a2999")

    assert shown("\n".join(chain)) == "\n".join(chain).replace("value0", P)


@pytest.mark.parametrize(
    ("value", "distinctive"),
    [("hunter2222", True), ("postgres", False), ("1234", False), ("a b c d e f g h i", True)],
)
def test_only_an_unmistakable_secret_is_looked_for_elsewhere(value: str, distinctive: bool) -> None:
    assert is_distinctive(value) is distinctive
