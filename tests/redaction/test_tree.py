import pytest

from autoresumefiller.redaction.splice import Splice, apply
from autoresumefiller.redaction.tree import Kind, Unreadable, decode, read, walk

TEXT = """\
%YAML 1.2
---
a: &x !!str  # why
  one
b: !t &y 'two'
c: {d: , e: "f", g: *x}
h: |  # head
  i

  j

k:
- l
-
? [m]
: n
"""


def test_every_scalar_stands_where_its_node_says() -> None:
    document = read(TEXT)

    written = [TEXT[node.content : node.end] for node in document.scalars]

    assert written == [
        "a", "one", "b", "'two'", "c", "d", "", "e", '"f"', "g", "h", "|  # head\n  i\n\n  j",
        "k", "l", "", "m", "n",
    ]  # fmt: skip


def test_anchor_and_tag_belong_to_the_node_and_not_to_its_content() -> None:
    a, b = (node for node in read(TEXT).scalars if node.anchor)

    assert TEXT[a.start : a.end] == "&x !!str  # why\n  one"
    assert TEXT[b.start : b.end] == "!t &y 'two'"


def test_an_alias_keeps_its_own_place() -> None:
    root = read("a: &x 1\nb: *x\n").roots[0].node
    one, other = (entry.value for entry in root.entries)

    assert one.node is other.node
    assert (other.alias, other.start, other.end) == (True, 11, 13)


def test_walking_names_each_node_once_in_order() -> None:
    kinds = [node.kind for node in walk(read("a: [x, &y {b: c}]\nd: *y\n"))]

    assert kinds == [
        Kind.MAP, Kind.SCALAR, Kind.LIST, Kind.SCALAR, Kind.MAP, Kind.SCALAR, Kind.SCALAR,
        Kind.SCALAR,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "text", ["a: [", "a: *b", "\ta: 1", '"\\q"', "%YAML 7.7\n--- 1", "a: b: c"]
)
def test_a_fault_names_a_place_and_quotes_nothing(text: str) -> None:
    with pytest.raises(Unreadable) as fault:
        read(text)
    assert str(fault.value).startswith("it ")


def test_only_utf8_of_a_bearable_size_is_decoded() -> None:
    assert decode("\ufeffé".encode()) == "\ufeffé"
    for data in (b"\xff", b"x" * (1 << 19) + b"x"):
        with pytest.raises(Unreadable):
            decode(data)


def test_splices_leave_everything_outside_them() -> None:
    assert apply("abcdef", [Splice(4, 5, "X"), Splice(1, 1, "+"), Splice(1, 2, "")]) == "a+cdXf"
    with pytest.raises(ValueError, match="overlap"):
        apply("abc", [Splice(0, 2, ""), Splice(1, 3, "")])
