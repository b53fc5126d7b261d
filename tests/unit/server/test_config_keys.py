from pathlib import Path

import pytest

from misconfigured import KEY, LEAST, mistakes
from syncline_server.config import read_config


def test_keys_may_come_from_a_file(tmp_path: Path) -> None:
    """A mounted secret holds one key a line."""
    file = tmp_path / "keys"
    file.write_text(f"{KEY}\nold\n\n")

    config = read_config({"SYNCLINE_ENCRYPTION_KEYS_FILE": str(file)})

    assert config.encryption_keys == (KEY, "old")


@pytest.mark.parametrize("content", [None, b"", b"\n", b"\xff\xfe"])
def test_unusable_key_file_is_one_mistake(tmp_path: Path, content: bytes | None) -> None:
    """A file that is missing, empty or no text is named."""
    file = tmp_path / "keys"
    if content is not None:
        file.write_bytes(content)

    (mistake,) = mistakes({"SYNCLINE_ENCRYPTION_KEYS_FILE": str(file)})

    assert mistake.startswith(f"SYNCLINE_ENCRYPTION_KEYS_FILE: {file} ")


@pytest.mark.parametrize(
    "given",
    [
        {"_FILE": "/somewhere"},
        {"_COMMAND": "print"},
        {"_FILE": "/somewhere", "_COMMAND": "print"},
    ],
    ids=["file", "command", "all"],
)
def test_keys_are_given_in_one_way(given: dict[str, str]) -> None:
    """Nobody has to know which of several rings is in use."""
    both = {f"SYNCLINE_ENCRYPTION_KEYS{suffix}": value for suffix, value in given.items()}

    found = mistakes({**LEAST, **both})

    assert "SYNCLINE_ENCRYPTION_KEYS: only one of it, its _FILE and its _COMMAND" in found[0]


def test_keys_may_come_from_a_command() -> None:
    """It is a program with arguments, quoted as in a shell, and not run to read configuration."""
    command = "print-keys --of 'the service' planted"

    config = read_config({"SYNCLINE_ENCRYPTION_KEYS_COMMAND": command})

    assert config.encryption_keys == ()
    assert config.encryption_keys_command == ("print-keys", "--of", "the service", "planted")
    assert "planted" not in repr(config)


def test_a_command_with_open_quotes_is_a_mistake() -> None:
    """What is wrong with it is said once, without repeating it."""
    found = mistakes({"SYNCLINE_ENCRYPTION_KEYS_COMMAND": "print 'planted"})

    assert found[0].startswith("SYNCLINE_ENCRYPTION_KEYS_COMMAND: must be ")
    assert "planted" not in "".join(found)
