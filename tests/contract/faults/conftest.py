"""What every test of faults may ask for."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from databases import SqliteTemplate
from faulty_xero import FaultyXero
from syncline_xero_simulator import SigningKey


@pytest.fixture(scope="session")
def signing_key() -> SigningKey:
    """Make a key once: it is the only slow part of a simulator."""
    return SigningKey.generate()


@pytest.fixture
def xero(database_url: str, signing_key: SigningKey) -> Iterator[FaultyXero]:
    """A connected workspace with everything on, on each kind of database."""
    faulty = FaultyXero(database_url, signing_key)
    faulty.connect()
    yield faulty
    faulty.close()


@pytest.fixture
def quick(
    sqlite_template: SqliteTemplate, tmp_path: Path, signing_key: SigningKey
) -> Iterator[FaultyXero]:
    """The same on SQLite alone: for faults that no database ever sees."""
    faulty = FaultyXero(sqlite_template.url(tmp_path), signing_key)
    faulty.connect()
    yield faulty
    faulty.close()
