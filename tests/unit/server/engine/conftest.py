"""What several tests of the engine ask for."""

import pytest

from scene import Scene
from syncline_server.storage.database import Database


@pytest.fixture
def scene(database: Database) -> Scene:
    """A scene on an empty database."""
    return Scene(database)
