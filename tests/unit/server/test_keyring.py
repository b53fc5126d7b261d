"""Where encryption keys come from."""

import shlex
import sys
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from clockwork import Clockwork
from connect_bench import in_threads
from syncline_server.app import keyring as keyrings
from syncline_server.app.keyring import Keyring, build_keyring
from syncline_server.config import Config, read_config
from syncline_server.storage.cipher import CipherError, Ring

OLD = "b2xkLWVuY3J5cHRpb24ta2V5LTAxMjM0NTY3ODlhYmM="
NEW = "bmV3LWVuY3J5cHRpb24ta2V5LTAxMjM0NTY3ODlhYmM="
OLD_ID, NEW_ID = Ring([OLD]).ids[0], Ring([NEW]).ids[0]


class Source:
    """Keys that change, or cannot be had."""

    def __init__(self) -> None:
        self.keys: Sequence[str] = (OLD,)
        self.calls = 0
        self.error: CipherError | None = None

    def __call__(self) -> Sequence[str]:
        """Return the keys of now."""
        self.calls += 1
        if self.error:
            raise self.error
        return self.keys


@pytest.fixture
def clock() -> Clockwork:
    """A standing clock."""
    return Clockwork()


@pytest.fixture
def source() -> Source:
    """Where the keys are from."""
    return Source()


@pytest.fixture
def keyring(source: Source, clock: Clockwork) -> Keyring:
    """A ring that began just now."""
    return Keyring([OLD], source, clock, timedelta(seconds=2))


def of_file(file: Path) -> Config:
    """Return a configuration with a file of keys."""
    return read_config({"SYNCLINE_ENCRYPTION_KEYS_FILE": str(file)})


def of_command(*command: str) -> Config:
    """Return a configuration with a command that prints keys."""
    return read_config({"SYNCLINE_ENCRYPTION_KEYS_COMMAND": shlex.join(command)})


def python(program: str) -> Config:
    """Return a configuration whose command runs a Python program."""
    return of_command(sys.executable, "-c", program)


def test_a_missing_key_is_looked_for(keyring: Keyring, source: Source) -> None:
    """It may have been added; where none is missing the source is left alone."""
    source.keys = (OLD, NEW)

    assert keyring().ids == (OLD_ID,)
    assert source.calls == 0
    assert keyring(lacking=NEW_ID).ids == (OLD_ID, NEW_ID)
    assert keyring().ids == (OLD_ID, NEW_ID)


@pytest.mark.parametrize("error", [None, CipherError("no")])
def test_looks_are_not_made_for_every_missing_key(
    keyring: Keyring, source: Source, clock: Clockwork, error: CipherError | None
) -> None:
    """For a key that was not found nobody looks again at once, also not after a failed look."""
    source.error = error
    for _ in range(3):
        keyring(lacking=NEW_ID)
    assert source.calls == 1
    clock.advance(seconds=2)
    keyring(lacking=NEW_ID)
    assert source.calls == 2
    clock.advance(seconds=-60)
    keyring(lacking=NEW_ID)
    assert source.calls == 3


def test_every_missing_key_is_looked_for_by_itself(keyring: Keyring, source: Source) -> None:
    """A look in vain for one does not hold up another that was added right after it."""
    keyring(lacking="other")
    source.keys = (OLD, NEW)

    assert NEW_ID in keyring(lacking=NEW_ID).ids
    keyring(lacking=NEW_ID)
    assert source.calls == 2


def test_whoever_waits_for_a_look_uses_what_it_found(keyring: Keyring, source: Source) -> None:
    """Of many threads that miss a key at once, one looks."""
    source.keys = (OLD, NEW)
    found = in_threads(*[lambda: keyring(lacking=NEW_ID).ids] * 8)

    assert found == [(OLD_ID, NEW_ID)] * 8
    assert source.calls == 1


def test_ids_that_make_no_sense_take_no_room(keyring: Keyring) -> None:
    """However many keys are missing, few of them are remembered."""
    for number in range(1000):
        keyring(lacking=str(number))

    assert len(keyring._missed) <= 100


def test_a_new_first_key_comes_into_use_by_the_clock(keyring: Keyring, source: Source) -> None:
    """Nothing is missing, and yet what is encrypted from now on is under the new key."""
    source.keys = (NEW, OLD)

    with capture_logs() as told:
        keyring.refresh()
        keyring.refresh()

    assert keyring().ids == (NEW_ID, OLD_ID)
    assert [line["action"] for line in told] == ["keys_changed"]
    assert NEW not in str(told)


@pytest.mark.parametrize("keys", [(), ("short",)])
def test_what_cannot_be_read_leaves_the_ring(
    keyring: Keyring, source: Source, keys: Sequence[str]
) -> None:
    """A server that serves is not stopped by somebody's mistake in the file."""
    source.keys = keys

    with capture_logs() as told:
        keyring.refresh()

    assert keyring().ids == (OLD_ID,)
    assert [line["action"] for line in told] == ["keys_not_read"]
    assert "short" not in str(told)


def test_keys_of_the_environment_do_not_change(clock: Clockwork) -> None:
    """They are what they were at the start, however much is missing."""
    keyring = build_keyring(read_config({"SYNCLINE_ENCRYPTION_KEYS": f"{NEW},{OLD}"}), clock)

    keyring.refresh()
    assert keyring(lacking=NEW_ID).ids == (NEW_ID, OLD_ID)


def test_a_changed_file_is_noticed(tmp_path: Path, clock: Clockwork) -> None:
    """Keys are one a line, the first to encrypt first; a file that goes away changes nothing."""
    file = tmp_path / "keys"
    file.write_text(f"{OLD}\n")
    keyring = build_keyring(of_file(file), clock)

    file.write_text(f"{NEW}\n{OLD}\n")
    keyring.refresh()
    assert keyring().ids == (NEW_ID, OLD_ID)

    file.unlink()
    keyring.refresh()
    assert keyring().ids == (NEW_ID, OLD_ID)


@pytest.mark.parametrize(("mode", "warned"), [(0o600, []), (0o640, ["0640"]), (0o604, ["0604"])])
def test_a_file_that_others_may_read_is_warned_of(
    tmp_path: Path, clock: Clockwork, mode: int, warned: list[str]
) -> None:
    """An operator learns of it at the start, with the mode."""
    file = tmp_path / "keys"
    file.write_text(OLD)
    file.chmod(mode)

    with capture_logs() as told:
        build_keyring(of_file(file), clock)

    assert [line["mode"] for line in told if line["action"] == "keys_file_open"] == warned


def test_a_command_prints_the_keys(tmp_path: Path, clock: Clockwork) -> None:
    """It is asked again later, and no shell comes between."""
    file = tmp_path / "keys; $HOME"
    file.write_text(OLD)
    keyring = build_keyring(of_command("cat", str(file)), clock)
    assert keyring().ids == (OLD_ID,)

    file.write_text(f"{NEW},{OLD}")
    keyring.refresh()
    assert keyring().ids == (NEW_ID, OLD_ID)


@pytest.mark.parametrize(
    ("config", "said"),
    [
        (of_command("/nowhere/planted"), "cannot be run (No such file or directory)"),
        (python("import sys; sys.exit('planted')"), "ended with exit code 1"),
        (python("print('planted ' * 20_000)"), "prints more than 65536 bytes"),
        (python("pass"), "gives no key"),
        (python(r"import os; os.write(1, b'\xff')"), "gives no key"),
    ],
    ids=["no-program", "failing", "endless", "silent", "no-text"],
)
def test_a_command_that_gives_no_keys_is_refused(
    config: Config, said: str, clock: Clockwork, capfd: pytest.CaptureFixture[str]
) -> None:
    """The variable is named with what happened, and nothing of what the command printed."""
    with pytest.raises(CipherError) as caught:
        build_keyring(config, clock)

    assert str(caught.value) == f"SYNCLINE_ENCRYPTION_KEYS_COMMAND: {said}"
    assert capfd.readouterr() == ("", "")


def test_a_command_that_does_not_end_is_ended() -> None:
    """It and what it started are killed when its time is over, and the variable is named."""
    with pytest.raises(CipherError, match=r"_COMMAND: took longer than 0\.1 s"):
        keyrings.output(("sh", "-c", "sleep 600 & sleep 600"), seconds=0.1)
