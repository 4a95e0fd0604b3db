"""What the documentation shows does what it says: every Python and shell example is run.

An HTML comment on the line before a block directs it: ``<!-- not run: why -->``
leaves it out, ``<!-- given: a sample vault -->`` starts over with a new home
that has one. Otherwise the blocks of a document share a home, in order.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.documents import ROOT, Block, blocks, documents, links

RUN = {"python", "sh", "bash"}

# 3 is "done, but there is something for you to do": an import on a new machine.
SHELL_PRELUDE = "set -Euo pipefail\ntrap 's=$?; [ $s = 3 ] || exit $s' ERR\n"


def _examples(document: Path) -> list[Block]:
    return [block for block in blocks(document) if block.language in RUN]


def _name(document: Path) -> str:
    return document.relative_to(ROOT).as_posix()


# Their commands start Python a hundred times.
_LONG = frozenset({"docs/cli.md", "docs/encryption.md"})


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(d, id=_name(d), marks=pytest.mark.slow if _name(d) in _LONG else ())
        for d in documents()
        if _examples(d)
    ],
)
def test_every_example_runs(document: Path, tmp_path: Path, pristine_sample_vault: Path) -> None:
    home = tmp_path / "home 0"
    home.mkdir()
    for number, block in enumerate(_examples(document), start=1):
        if block.directive.startswith("not run: "):
            continue
        if block.directive == "given: a sample vault":
            home = tmp_path / f"home {number}"
            shutil.copytree(pristine_sample_vault, home / ".autoresumefiller")
        else:
            assert not block.directive, f"line {block.line}: what is {block.directive!r}?"
        done = _run(block, home)
        where = f"{_name(document)}:{block.line}"
        assert done.returncode == 0, f"{where} ended with {done.returncode}:\n{done.stdout}"


def _run(block: Block, home: Path) -> subprocess.CompletedProcess[str]:
    if block.language == "python":
        command = [sys.executable, "-W", "error", "-c", block.code]
    else:
        command = ["bash", "-c", SHELL_PRELUDE + block.code + "\ntrue\n"]
    environment = os.environ | {
        "HOME": str(home),
        "USERPROFILE": str(home),
        "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
    }
    return subprocess.run(
        command,
        cwd=home,
        env=environment,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )


@pytest.mark.parametrize("document", documents(), ids=_name)
def test_every_link_leads_somewhere(document: Path) -> None:
    broken = [target for target in links(document) if not (document.parent / target).exists()]
    assert broken == []
