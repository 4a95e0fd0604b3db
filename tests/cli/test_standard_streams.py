"""Standard streams that are closed, full or gone: one sentence, and the operation is whole."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support.command_line import MODULE, PATIENCE_SECONDS, Finished

if sys.platform == "win32":
    pytest.skip("not on Windows: no shell there closes a stream", allow_module_level=True)

CLOSED = "Standard output cannot be written to: it is closed."
FULL = "Standard output cannot be written to: No space left on device."
DONE = "The command itself was carried out; only what it had to say is lost."


def _with(redirection: str, vault: Path, *arguments: str) -> Finished:
    """Run a command as a shell does, which opens or closes its streams first."""
    command = [*MODULE, "--vault", str(vault), *arguments]
    done = subprocess.run(
        ["sh", "-c", f'exec "$@" {redirection}', "sh", *command],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=PATIENCE_SECONDS,
        check=False,
    )
    assert "Traceback" not in done.stderr
    assert "went wrong" not in done.stderr
    return Finished(status=done.returncode, out=done.stdout, err=done.stderr)


def _full() -> str:
    if not Path("/dev/full").exists():
        pytest.skip("only on Linux: /dev/full")
    return ">/dev/full"


@pytest.mark.parametrize("command", [["list"], ["--json", "list"], ["--help"], ["--version"]])
def test_a_closed_output_is_one_sentence(sample_vault: Path, command: list[str]) -> None:
    done = _with(">&-", sample_vault, *command)
    assert (done.status, done.err) == (1, f"Error: {CLOSED} {DONE}\n")


@pytest.mark.parametrize("command", [["list"], ["--json", "list"], ["--help"], ["--version"]])
def test_a_full_output_is_one_sentence(sample_vault: Path, command: list[str]) -> None:
    done = _with(_full(), sample_vault, *command)
    assert (done.status, done.err) == (1, f"Error: {FULL} {DONE}\n")


@pytest.mark.parametrize("unbuffered", ["", "1"])
@pytest.mark.parametrize("options", [[], ["--json"]])
def test_an_export_whose_output_is_full_says_that_it_was_done(
    sample_vault: Path,
    tmp_path: Path,
    options: list[str],
    unbuffered: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("PYTHONUNBUFFERED", unbuffered)
    archive = tmp_path / "out.zip"
    done = _with(_full(), sample_vault, *options, "export", str(archive))
    assert (done.status, done.err) == (1, f"Error: {FULL} {DONE}\n")
    assert _with("", sample_vault, "verify", str(archive)).status == 0


def test_an_export_whose_output_is_closed_writes_into_no_file_in_its_place(
    sample_vault: Path, tmp_path: Path
) -> None:
    archive = tmp_path / "out.zip"
    done = _with(">&- 2>&- <&-", sample_vault, "export", str(archive))
    assert (done.status, done.out, done.err) == (1, "", "")
    assert _with("", sample_vault, "verify", str(archive)).status == 0


def test_a_command_that_fails_keeps_its_status_and_says_so(
    sample_vault: Path, tmp_path: Path
) -> None:
    broken = tmp_path / "broken.zip"
    broken.write_bytes(b"no archive at all")
    done = _with(">&-", sample_vault, "--json", "verify", str(broken))
    assert done.status == 5
    assert done.err == f"Error: {CLOSED} The command itself failed (exit status 5).\n"
    told = _with(">&-", sample_vault, "verify", "nope.zip")
    assert (told.status, told.err.count("Error:")) == (1, 1)
    assert "There is no backup named nope.zip." in told.err


def test_a_closed_input_means_that_nobody_can_be_asked(sample_vault: Path, exported: Path) -> None:
    done = _with("<&-", sample_vault, "import", str(exported))
    assert done.status == 2
    assert "This needs a yes, and nobody can be asked here." in done.err
    assert _with("<&-", sample_vault, "import", str(exported), "--yes").status == 0


@pytest.mark.parametrize("redirection", ["2>&-", "2>/dev/full"])
def test_without_errors_to_write_to_the_status_is_the_same(
    sample_vault: Path, redirection: str
) -> None:
    if "full" in redirection:
        _full()
    failed = _with(redirection, sample_vault, "verify", "nope.zip")
    assert (failed.status, failed.out, failed.err) == (1, "", "")
    listed = _with(redirection, sample_vault, "--json", "list")
    assert (listed.status, json.loads(listed.out)["event"]) == (0, "result")


def test_errors_that_nobody_reads_any_more_cancel_nothing(
    sample_vault: Path, tmp_path: Path
) -> None:
    read, write = os.pipe()
    os.close(read)
    (sample_vault / "resumes" / "link").symlink_to(tmp_path)  # which is warned of
    archive = tmp_path / "out.zip"
    try:
        done = subprocess.run(
            [*MODULE, "--vault", str(sample_vault), "export", str(archive)],
            stdout=subprocess.PIPE,
            stderr=write,
            text=True,
            timeout=PATIENCE_SECONDS,
            check=False,
        )
    finally:
        os.close(write)
    assert done.returncode == 3
    assert str(archive) in done.stdout
    assert archive.exists()
