import pytest

from syncline.v1 import audit_pb2
from syncline_server.core.access import Credentials
from syncline_server.core.audit import Actor, Entry, Stage
from syncline_server.rpc.messages.audit import audit_entry


@pytest.mark.parametrize("credentials", Credentials)
def test_every_kind_of_credentials_is_told(credentials: Credentials) -> None:
    """An entry says by which of them somebody was known; none is left unspecified."""
    actor = Actor(subject="t1", title="Mia", credentials=credentials)
    entry = Entry(
        chain="acme", number=1, time=1, stage=Stage.DONE, code="OK", method="Get", actor=actor
    )

    told = audit_entry(entry, "").credentials

    kinds = audit_pb2.AuditEntry.Credentials
    assert kinds.Name(told) == f"CREDENTIALS_{credentials}"
    assert len(kinds.values()) == len(Credentials) + 1
