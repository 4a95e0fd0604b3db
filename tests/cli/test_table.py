"""Tables: columns that stand below each other, whatever is in them, and names that stay whole."""

from rich.cells import cell_len

from autoresumefiller.cli.table import Part, lay_out, two_lines, width_of


def plain(lines: list[list[Part]]) -> list[str]:
    return ["".join(part if isinstance(part, str) else part[0] for part in line) for line in lines]


def test_columns_are_as_wide_as_what_is_in_them() -> None:
    rows: list[list[Part]] = [[("a-long-name.zip", "bold"), "7 B", "x"], ["b", "1,234 kB", "long"]]
    assert plain(lay_out(["Name", ">Size", "What"], rows, rule="-")) == [
        " Name                  Size   What",
        " ---------------------------------",
        " a-long-name.zip        7 B   x",
        " b                 1,234 kB   long",
    ]


def test_a_character_that_takes_two_columns_counts_for_two() -> None:
    lines = plain(lay_out(["N", "M"], [["履歴書", "x"], ["ab", "x"]], rule="-"))
    ends = [cell_len(line[: line.index("x")]) for line in lines[2:]]
    assert ends[0] == ends[1]
    assert width_of(["履歴書"]) == 6


def test_an_empty_cell_leaves_room_and_nothing_stands_at_the_end() -> None:
    rows: list[list[Part]] = [["a", "", "c"], ["a", "b", ""], ["", "", ""], ["", "b", "c"]]
    assert plain(lay_out(["1", ">2", "3"], rows, rule="-"))[2:] == [
        " a       c",
        " a   b",
        "",
        "     b   c",
    ]


def test_styles_stay_with_their_cells() -> None:
    (heading, _, line) = lay_out(["A"], [[("a", "bold red")]], rule="-")
    assert heading == [" ", ("A", "bold")]
    assert line == [" ", ("a", "bold red")]


def test_a_row_in_two_lines_leaves_out_what_is_empty() -> None:
    assert plain([*two_lines([("name.zip", "bold"), "a", "", ("b", "dim")])]) == [
        "name.zip",
        "    a  b",
    ]
