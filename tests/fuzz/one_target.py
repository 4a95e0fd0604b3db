"""Fuzz one target with atheris in this process: ``python -m tests.fuzz.one_target NAME ...``.

What follows the name goes to libFuzzer. `__main__` starts one for each target.
"""

import random
import resource
import sys

import atheris

GROWTH_BYTES = 256 << 20
"""How much more memory any input may take than the program had before the first."""


def main() -> None:
    name = sys.argv[1]
    # Whatever is imported before this is not instrumented.
    with atheris.instrument_imports(include=["autoresumefiller"], enable_loader_override=False):
        from tests.fuzz.seeds import MOST_BYTES, MUTATIONS, seeds
        from tests.fuzz.targets import TARGETS
    target, mutation = TARGETS[name], MUTATIONS[name]
    target(seeds(name)[0])  # imports what it needs, so that it counts as there before
    before = _peak_bytes()

    def once(data: bytes) -> None:
        target(data)
        grown = _peak_bytes() - before
        assert grown < GROWTH_BYTES, f"it took {grown >> 20} MiB"

    def mutated(data: bytes, most: int, seed: int) -> bytes:
        rng = random.Random(seed)
        if rng.random() < 0.2:
            return atheris.Mutate(data, most)
        changed = mutation(data, rng, _scramble)
        return changed if len(changed) <= min(most, MOST_BYTES) else atheris.Mutate(data, most)

    atheris.Setup([sys.argv[0], *sys.argv[2:]], once, custom_mutator=mutated)
    atheris.Fuzz()


def _scramble(data: bytes) -> bytes:
    return atheris.Mutate(data, len(data) + 64)


def _peak_bytes() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss << 10


if __name__ == "__main__":
    main()
