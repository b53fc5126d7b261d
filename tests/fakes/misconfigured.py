"""Configurations that are not taken."""

from collections.abc import Mapping

import pytest

from syncline_server.config import ConfigError, read_config

KEY = "planted-encryption-key"
LEAST = {"SYNCLINE_ENCRYPTION_KEYS": KEY}


def mistakes(environ: Mapping[str, str]) -> list[str]:
    """Return the variables that are wrong, each with what is said of it."""
    with pytest.raises(ConfigError) as refused:
        read_config(environ)
    assert str(refused.value) == "\n".join(refused.value.mistakes)
    return refused.value.mistakes
