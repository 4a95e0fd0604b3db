"""Fixtures for every test, and the rule that CI skips nothing in silence."""

import os
import shutil
import signal
from collections import Counter, defaultdict
from collections.abc import Callable, Generator, Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.support import environment

# A shell starts what it puts into the background with Ctrl-C ignored, and nohup ignores
# a hang-up. So would every program that a test starts and interrupts.
for _name, _normal in (("SIGINT", signal.default_int_handler), ("SIGHUP", signal.SIG_DFL)):
    _number = getattr(signal, _name, None)  # Windows has no hang-up
    if _number is not None and signal.getsignal(_number) is signal.SIG_IGN:
        signal.signal(_number, _normal)

# No deadline: how fast a machine is today is no property of the code. On CI the
# examples are the same in every run, so that a red build is red for a change.
hypothesis.settings.register_profile("here", deadline=None, print_blob=True)
hypothesis.settings.register_profile(
    "ci", parent=hypothesis.settings.get_profile("here"), derandomize=True, database=None
)
hypothesis.settings.load_profile("ci" if environment.ON_CI else "here")


@pytest.fixture(scope="session", autouse=True)
def _nobodys_home(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Give the whole run a home of its own, so that no test can find a real vault."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        for name in ("HOME", "USERPROFILE"):
            patch.setenv(name, str(home))
        patch.setenv("APPDATA", str(home / "AppData" / "Roaming"))
        for name in [*os.environ]:
            if name.startswith("AUTORESUMEFILLER_") or name in {"XDG_DATA_HOME", "NO_COLOR"}:
                patch.delenv(name)
        # Nor a real keyring: what needs one has it in a session of its own.
        patch.setenv("PYTHON_KEYRING_BACKEND", "keyring.backends.fail.Keyring")
        yield


@pytest.fixture
def require_tool() -> Callable[[str], Path]:
    """``require_tool("unzip")`` returns the program's path; see `environment.require_tool`."""
    return environment.require_tool


@pytest.fixture
def never_waiting() -> Iterator[None]:
    """End a test that waits for ever, which would otherwise never fail."""

    def fail(*_: object) -> None:
        raise AssertionError("it waits for something that never comes")

    before = signal.signal(signal.SIGALRM, fail)
    signal.alarm(60)
    yield
    signal.alarm(0)
    signal.signal(signal.SIGALRM, before)


@pytest.fixture
def vault_dir(tmp_path: Path) -> Path:
    """Where a vault may be created; nothing is there yet."""
    return tmp_path / "vault"


@pytest.fixture(scope="session")
def pristine_sample_vault(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The sample vault that all tests of the run copy; read only."""
    from tools.sample_vault import build_sample_vault

    root = tmp_path_factory.mktemp("sample") / "vault"
    build_sample_vault(root)
    return root


@pytest.fixture
def sample_vault(pristine_sample_vault: Path, vault_dir: Path) -> Path:
    """A vault of real documents (see tools/sample_vault.py), this test's own to change."""
    shutil.copytree(pristine_sample_vault, vault_dir, symlinks=True)
    return vault_dir


@pytest.hookimpl(wrapper=True, tryfirst=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """On CI a skip is a failure, unless its reason is the platform."""
    report = yield
    if environment.ON_CI and report.skipped and not hasattr(report, "wasxfail"):
        reason = _skip_reason(report)
        if not reason.startswith(environment.PLATFORM_REASONS):
            report.outcome = "failed"
            report.longrepr = f"skipped on CI: {reason}"
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Name what was not run, last of all, where a reader looks."""
    skipped = terminalreporter.stats.get("skipped", [])
    if not skipped:
        return
    terminalreporter.section(f"NOT RUN HERE: {len(skipped)} test(s)", yellow=True, bold=True)
    tests_of: defaultdict[str, Counter[str]] = defaultdict(Counter)
    for report in skipped:
        tests_of[_skip_reason(report)][report.nodeid.partition("[")[0]] += 1
    for reason, tests in tests_of.items():
        terminalreporter.line(f"because {reason}:", yellow=True)
        for test, count in tests.items():
            terminalreporter.line(f"    {test}" + (f" ({count} times)" if count > 1 else ""))


def _skip_reason(report: pytest.TestReport) -> str:
    if isinstance(report.longrepr, tuple):
        return str(report.longrepr[2]).removeprefix("Skipped: ")
    return str(report.longrepr)
