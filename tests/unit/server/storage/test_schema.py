from pathlib import Path

import pytest

from syncline_server.core.errors import Reason, Unavailable
from syncline_server.storage.database import open_database
from syncline_server.storage.schema import migrate, pending


@pytest.mark.parametrize(
    "url",
    ["sqlite:///{folder}/missing/syncline.db", "postgresql://me:planted@127.0.0.1:1/name"],
)
def test_a_database_that_is_not_there_is_refused_in_a_sentence(url: str, tmp_path: Path) -> None:
    """Whoever starts the server is told what to look at, without the password of the URL."""
    database = open_database(url.format(folder=tmp_path))

    for look in (migrate, pending):
        with pytest.raises(Unavailable, match="SYNCLINE_DATABASE_URL") as refused:
            look(database)
        assert refused.value.reason is Reason.DATABASE_UNAVAILABLE
        assert "planted" not in str(refused.value)


def test_what_is_pending_is_applied_once(tmp_path: Path) -> None:
    """A fresh database lacks every migration, and none after they were applied."""
    database = open_database(f"sqlite:///{tmp_path}/syncline.db")

    lacking = pending(database)

    assert lacking
    assert migrate(database) == lacking
    assert pending(database) == migrate(database) == []
    database.close()
