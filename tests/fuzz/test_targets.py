"""The properties of fuzzing over mutated seeds, with hypothesis; `make fuzz` goes on with atheris.

So that a target, a mutation or a seed that does not work is noticed on machines
without atheris as well.
"""

from random import Random

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fuzz.seeds import DICTIONARIES, MOST_BYTES, MUTATIONS, seeds
from tests.fuzz.targets import TARGETS
from tests.fuzz.zip_reading import take_apart
from tests.vectors.ordinary import ORDINARY

EXAMPLES = {
    "structure": 600, "metadata": 600, "sums": 300, "import": 250, "salvage": 250,
    "redaction": 150, "age": 300,
}  # fmt: skip
RANDOMS = st.randoms(note_method_calls=False, use_true_random=False)


def scrambled(rng: Random, data: bytes) -> bytes:
    """Return the bytes with a stretch set, cut out, repeated or put in; atheris does it better."""
    for _ in range(rng.randrange(1, 4)):
        at = rng.randrange(len(data) + 1)
        length = rng.choice((0, 1, 2, 4, 16))
        put = rng.choice((b"", b"\0", b"\xff" * 4, data[at // 2 : at // 2 + length]))
        data = data[:at] + put + data[at + rng.choice((0, len(put), length)) :]
    return data[:MOST_BYTES]


@pytest.mark.parametrize("target", TARGETS)
def test_what_holds_for_all_bytes_holds_for_mutated_seeds(target: str) -> None:
    @settings(max_examples=EXAMPLES[target], suppress_health_check=[*HealthCheck])
    @given(st.sampled_from(seeds(target)), RANDOMS)
    def holds(seed: bytes, rng: Random) -> None:
        TARGETS[target](MUTATIONS[target](seed, rng, lambda data: scrambled(rng, data)))

    holds()


@pytest.mark.parametrize("target", [name for name in TARGETS if name != "import"])
def test_what_holds_for_all_bytes_holds_for_every_seed(target: str) -> None:
    for seed in seeds(target):
        TARGETS[target](seed)


def test_every_target_has_what_it_begins_with() -> None:
    assert TARGETS.keys() == MUTATIONS.keys() == DICTIONARIES.keys() == EXAMPLES.keys()
    assert all(seeds(target) for target in TARGETS)


@pytest.mark.parametrize("name", [name for name in ORDINARY if name != "zip64-end-full-fields"])
def test_an_archive_that_was_taken_apart_is_put_together_again(name: str) -> None:
    data = ORDINARY[name]()
    archive = take_apart(data)
    assert archive is not None
    if name not in {"directory-in-other-order", "zip64-sizes"}:
        assert archive.build() == data


def test_mutated_archives_get_to_the_last_check() -> None:
    """If hardly one were accepted, nothing but the first checks would ever be fuzzed."""
    import io

    from autoresumefiller.archive.validation import validate

    accepted = 0
    rng = Random(4711)
    for seed in seeds("import")[:60]:
        data = MUTATIONS["import"](seed, rng, lambda data: scrambled(rng, data))
        accepted += validate(io.BytesIO(data), app_version="1.0.0").importable
    assert 5 <= accepted < 55
