import json
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import timedelta

import grpc
import pytest

from clockwork import Clockwork
from identity_provider import AUDIENCE, IdentityProvider, listening
from ledger import REDIRECT
from syncline.v1 import integration_pb2 as pb
from syncline.v1 import integration_pb2_grpc
from syncline_client import (
    Client,
    FailedPrecondition,
    PermissionDenied,
    Unauthenticated,
)
from syncline_server.config import OidcConfig
from syncline_server.core.access import Role
from syncline_server.oauth.signing_keys import PAUSE
from syncline_server.outbound.network import Network
from syncline_server.storage.database import Database
from wiring import CONFIG, Served, Wired, Wishes, served

ACME, BETA = (f"workspaces/{each}/connections/ledger" for each in ("acme", "beta"))


@pytest.fixture
def provider() -> Iterator[IdentityProvider]:
    """An issuer on loopback."""
    with listening(Clockwork()) as running:
        yield running


@pytest.fixture
def server(database: Database, provider: IdentityProvider) -> Iterator[Served]:
    """A server that takes the issuer's tokens, by whose clock the issuer goes."""
    oidc = OidcConfig(
        issuer=provider.issuer,
        audience=AUDIENCE,
        clients=(),
        workspaces_claim="syncline_workspaces",
        jwks_uri="",
    )
    network = Network()
    wishes = Wishes(with_tokens=True, config=replace(CONFIG, oidc=oidc), identity_provider=network)
    wired = Wired(database, wishes)
    provider.clock = wired.clock
    with served(wired) as running:
        yield running
    network.close()


def get(client: Client, name: str = ACME) -> pb.Connection:
    """Read a connection."""
    return client.integrations.GetConnection(pb.GetConnectionRequest(name=name)).connection


def start(client: Client, workspace: str) -> pb.StartConnectionResponse:
    """Start a connection."""
    return client.integrations.StartConnection(
        pb.StartConnectionRequest(
            parent=f"workspaces/{workspace}", provider="ledger", redirect_uri=REDIRECT
        )
    )


def test_person_has_a_role_in_each_workspace(server: Served, provider: IdentityProvider) -> None:
    """Mia is an admin in acme, a viewer in beta, and nobody in globex."""
    with server.client(provider.token({"acme": "admin", "beta": "viewer"})) as mia:
        assert start(mia, "acme").state
        assert get(mia, BETA).name == BETA
        with pytest.raises(PermissionDenied) as lacking:
            start(mia, "beta")
        with pytest.raises(PermissionDenied) as foreign:
            get(mia, "workspaces/globex/connections/ledger")

    assert "ADMIN" in lacking.value.message
    assert foreign.value.message == "These credentials are not for this workspace."


def test_consent_needs_an_admin_of_its_own_workspace(
    server: Served, provider: IdentityProvider
) -> None:
    """Who started it and is no admin there any more cannot complete it, whatever else they are."""
    with server.client(provider.token({"acme": "admin"})) as mia:
        started = start(mia, "acme")
    code = server.wired.ledger.consent(started.authorization_url, "mia", "kauri")
    request = pb.CompleteConnectionRequest(state=started.state, code=code)

    demoted = provider.token({"acme": "operator", "beta": "admin"})
    with server.client(demoted) as mia, pytest.raises(FailedPrecondition) as refusal:
        mia.integrations.CompleteConnection(request)
    assert refusal.value.reason == "STATE_UNKNOWN"

    with server.client(provider.token({"acme": "admin"}, jti="another")) as mia:
        answer = mia.integrations.CompleteConnection(request)
    assert answer.connection.state == pb.Connection.STATE_CONNECTED


def test_everybody_needs_credentials_beside_an_issuer(server: Served) -> None:
    """With an issuer nobody is taken for local, though no access token was ever made."""
    with server.client() as stranger, pytest.raises(Unauthenticated) as refusal:
        get(stranger)

    assert refusal.value.reason == "CREDENTIALS_MISSING"


def test_access_tokens_work_beside_an_issuer(server: Served) -> None:
    """Programs keep their tokens, which need no issuer."""
    with server.client(server.wired.token(Role.VIEWER, "acme")) as erp:
        assert get(erp).name == ACME


def test_bad_tokens_are_refused_alike(server: Served, provider: IdentityProvider) -> None:
    """Which check failed is not told."""
    stranger = IdentityProvider(provider.clock, provider.issuer)
    unsigned = provider.signed(json.dumps(provider.claims(["acme:admin"])).encode(), alg="ES256")
    bad = [
        provider.token(["acme:admin"], aud="other"),
        provider.token(["acme:admin"], iss="https://evil.example"),
        provider.token(["acme:admin"], exp=provider.clock().timestamp()),
        provider.token(["acme:owner"]),
        stranger.token(["acme:admin"]),
        unsigned.rpartition(".")[0] + ".",
        "syncline_made-up-by-somebody",
    ]

    answers = set()
    for token in bad[:-1]:
        with server.client(token) as client, pytest.raises(Unauthenticated) as refusal:
            get(client)
        answers.add((refusal.value.reason, refusal.value.message))
    assert len(answers) == 1
    assert {reason for reason, _ in answers} == {"CREDENTIALS_INVALID"}
    with server.client(bad[-1]) as client, pytest.raises(Unauthenticated):
        get(client)


def test_keys_rotate_under_way(server: Served, provider: IdentityProvider) -> None:
    """Tokens of a new key are taken without a restart, those of the old one as long as it is."""
    with server.client(provider.token(["acme:viewer"])) as client:
        get(client)
        provider.rotate("second", "RS256")
        server.wired.clock.advance(seconds=PAUSE / timedelta(seconds=1))

        with server.client(provider.token(["acme:viewer"])) as newer:
            assert get(newer).name == ACME
        assert get(client).name == ACME


def test_watch_ends_with_the_token(server: Served, provider: IdentityProvider) -> None:
    """An idle stream of a token that has ended ends at the next look."""
    end = provider.clock() + timedelta(seconds=5)
    with server.client(provider.token(["acme:viewer"], exp=end.timestamp())) as client:
        stream = client.integrations.WatchConnection(
            pb.WatchConnectionRequest(name=ACME), timeout=60
        )
        next(stream)
        server.wired.callers.look()
        server.wired.clock.advance(seconds=5)

        server.wired.callers.look()

        with pytest.raises(Unauthenticated):
            next(stream)


@contextmanager
def bare(server: Served) -> Iterator[integration_pb2_grpc.IntegrationServiceStub]:
    """Yield a client that repeats nothing."""
    with server.channel() as channel:
        yield integration_pb2_grpc.IntegrationServiceStub(channel)


def test_issuer_that_was_never_reached_makes_nobody_bad(
    server: Served, provider: IdentityProvider
) -> None:
    """Without keys the answer is UNAVAILABLE, and access tokens go on."""
    provider.down = True
    signed, secret = provider.token(["acme:viewer"]), server.wired.token(Role.VIEWER, "acme")

    with bare(server) as stub:
        for token, code in ((signed, grpc.StatusCode.UNAVAILABLE), (secret, None)):
            call = stub.GetConnection.future(
                pb.GetConnectionRequest(name=ACME), metadata=[("authorization", f"Bearer {token}")]
            )
            if code is None:
                assert call.result(timeout=60).connection.name == ACME
            else:
                assert isinstance(call.exception(timeout=60), grpc.RpcError)
                assert call.code() is code
                assert (
                    b"ISSUER_UNAVAILABLE"
                    in dict(call.trailing_metadata())["grpc-status-details-bin"]
                )


def test_requester_is_shown_by_the_address(server: Served, provider: IdentityProvider) -> None:
    """``requested_by`` is what a person is called, and never what they are."""
    server.wired.connect()
    server.wired.switch_on("contacts")
    with server.client(provider.token(["acme:operator"])) as mia:
        request = pb.TriggerSyncRequest(connection=ACME, module="contacts")

        assert mia.integrations.TriggerSync(request).run.requested_by == "mia@acme.example"
