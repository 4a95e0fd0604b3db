import os
import signal

import pytest

from autoresumefiller.cli.interruption import Interruption


def _interrupt() -> None:
    os.kill(os.getpid(), signal.SIGINT)


def test_an_interrupt_cancels() -> None:
    with Interruption().watching(), pytest.raises(KeyboardInterrupt):
        _interrupt()


@pytest.mark.parametrize("name", ["SIGTERM", "SIGHUP"])
def test_a_polite_kill_cancels_as_well(name: str) -> None:
    if not hasattr(signal, name):
        pytest.skip("not on Windows")
    with Interruption().watching(), pytest.raises(KeyboardInterrupt):
        os.kill(os.getpid(), getattr(signal, name))


def test_while_held_it_waits_and_is_remembered() -> None:
    with Interruption().watching() as interruption:
        interruption.hold()
        _interrupt()
        assert interruption.came_too_late


def test_a_second_one_does_not_wait() -> None:
    with Interruption().watching() as interruption:
        interruption.hold()
        _interrupt()
        with pytest.raises(KeyboardInterrupt):
            _interrupt()


def test_allowed_again_it_cancels() -> None:
    with Interruption().watching() as interruption:
        interruption.hold()
        interruption.allow()
        with pytest.raises(KeyboardInterrupt):
            _interrupt()


def test_the_handlers_of_before_are_back() -> None:
    before = signal.getsignal(signal.SIGINT)
    with Interruption().watching():
        assert signal.getsignal(signal.SIGINT) is not before
    assert signal.getsignal(signal.SIGINT) is before


def test_a_signal_that_is_ignored_stays_ignored() -> None:
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        with Interruption().watching():
            _interrupt()  # nohup: nothing happens
    finally:
        signal.signal(signal.SIGINT, before)
