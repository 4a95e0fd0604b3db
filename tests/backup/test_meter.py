"""Progress as a person sees it: it never goes back, and ends at the total."""

from hypothesis import given
from hypothesis import strategies as st

from autoresumefiller.backup.meter import Meter

CALLS = list[tuple[int, int, str]]


def test_the_total_is_known_at_once_and_never_zero() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(list)
    meter.finish("metadata.json")
    assert seen == [(meter.total, meter.total, "metadata.json")]
    assert meter.total > 0


def test_a_file_that_grew_counts_for_its_planned_size() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: [("a", 10), ("b", 5)])
    meter("a", 400)
    meter("b", 5)
    assert [current for current, _, _ in seen] == [10, 15]


def test_a_file_that_vanished_counts_as_done_when_the_next_begins() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: [("a", 10), ("b", 5)])
    meter("a", 0)
    meter("b", 1)
    assert [current for current, _, _ in seen] == [0, 11]


def test_files_may_be_reported_out_of_order_and_one_that_grew_once_more() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: [("a", 10), ("b", 5), ("c", 1)])
    for name, done in (("b", 5), ("a", 4), ("c", 1), ("a", 10), ("b", 6), ("a", 12)):
        meter(name, done)
    assert [current for current, _, _ in seen] == [15, 15, 16, 16, 16, 16]


@given(st.lists(st.tuples(st.integers(0, 10**12), st.integers(0, 10**12)), max_size=20))
def test_progress_never_goes_back_and_never_passes_the_total(files: list[tuple[int, int]]) -> None:
    seen: CALLS = []
    planned = [(str(i), size) for i, (size, _) in enumerate(files)]
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: planned)
    for i, (_, read) in enumerate(files):
        meter(str(i), read // 2)
        meter(str(i), read)
    meter.finish("metadata.json")
    currents = [current for current, _, _ in seen]
    assert currents == sorted(currents)
    assert {total for _, total, _ in seen} == {meter.total}
    assert currents[-1] == meter.total
    assert all(current < meter.total for current in currents[:-1])


def test_a_second_round_goes_on_where_the_first_ended() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.plan(lambda: [("member a", 10)], rounds=2)
    meter("member a", 10)
    meter.next_round(lambda: [("a", 10), ("config.yaml", 90)])
    meter("a", 10)
    meter("config.yaml", 90)
    meter.finish("a")
    assert [current for current, _, _ in seen[:-1]] == [10, 20, 20]
    assert seen[-1][0] == meter.total


@given(
    st.integers(1, 10**12),
    st.lists(st.integers(0, 10**12), max_size=8),
    st.integers(1, 2),
)
def test_what_comes_before_the_plan_settles_the_total(
    size: int, files: list[int], rounds: int
) -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    done = meter.ahead("backup.zip.age", size, rounds=rounds)
    for part in (0, size // 2, size, size + 7):
        done(part)
    planned = [(str(number), each) for number, each in enumerate(files)]
    meter.plan(lambda: planned, rounds=rounds)
    for turn in range(rounds):
        if turn:
            meter.next_round(lambda: planned)
        for name, each in planned:
            meter(name, each)
    meter.finish("metadata.json")
    currents = [current for current, _, _ in seen]
    assert currents == sorted(currents)
    assert {total for _, total, _ in seen} == {meter.total}
    assert currents[2] == size
    assert currents[-1] == meter.total
    assert all(current < meter.total for current in currents[:-1])


def test_after_what_came_first_the_files_fill_the_rest_evenly() -> None:
    seen: CALLS = []
    meter = Meter(lambda *call: seen.append(call))
    meter.ahead("x.age", 100, rounds=2)(100)
    meter.plan(lambda: [("a", 4000)], rounds=2)
    meter("a", 2000)
    meter("a", 4000)
    meter.next_round(lambda: [("a", 4000)])
    meter("a", 4000)
    assert [current for current, _, _ in seen] == [100, 150, 200, 300]
