"""Settings that somebody else changes between the look at them and the change."""

from collections.abc import Iterator
from typing import Any, cast

import pytest
from google.protobuf.struct_pb2 import Struct

from browsing import Surfer
from fake_provider import FAKE
from syncline.v1 import integration_pb2 as pb
from syncline_client import Client
from wiring import ACME, Served

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

PAGE = f"/workspaces/acme/integrations/{FAKE}/settings"


class Overtaken:
    """Stubs of a client before whose every change of settings somebody else makes one."""

    def __init__(self, stubs: Any) -> None:
        self._stubs = stubs

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stubs, name)

    @property
    def integrations(self) -> Any:
        """The methods, this one among them."""
        return Overtaken(self._stubs.integrations)

    def UpdateSettings(self, request: Any, **how: Any) -> Any:  # noqa: N802 - the method's name
        """Change settings, second."""
        options = Struct()
        options.update({"phone_field": "MOBILE"})
        theirs = pb.Settings(name=f"{ACME}/settings", options=options)
        self._stubs.UpdateSettings(pb.UpdateSettingsRequest(settings=theirs))
        return self._stubs.UpdateSettings(request, **how)


@pytest.fixture
def client(server: Served) -> Iterator[Client]:
    """A client that is always overtaken."""
    with server.client() as connected:
        yield cast(Client, Overtaken(connected))


def test_who_is_overtaken_by_the_same_form_has_it_saved(surfer: Surfer) -> None:
    """Two clicks may reach the server at once; the second finds what it would store."""
    page = surfer.open(PAGE)

    after = surfer.submit(page, "form#settings", **{"options.phone_field": "MOBILE"})

    assert after.notices == ["It is saved like that already."]


def test_who_is_overtaken_while_saving_is_asked_too(surfer: Surfer) -> None:
    """The server refuses the change by its etag, and it is shown like any other."""
    page = surfer.open(PAGE)

    conflict = surfer.submit(page, "form#settings", **{"options.phone_field": "NONE"})

    assert conflict.status == 409
    assert conflict.words("#overtaken li") == ["Phone is now “ MOBILE ”; you chose “ NONE ”."]
