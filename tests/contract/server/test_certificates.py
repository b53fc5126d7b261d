from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from datetime import timedelta

import grpc
import pytest
from cryptography.x509 import DNSName, GeneralName, RFC822Name, UniformResourceIdentifier

from certified import Authority, Certified
from syncline.v1 import integration_pb2 as pb
from syncline.v1 import integration_pb2_grpc
from syncline_server.core.access import Role
from syncline_server.services.access_tokens import REMEMBERED, NewToken
from syncline_server.storage.database import Database
from wiring import Served, Wired, Wishes, served

NAME = "workspaces/acme/connections/ledger"
ERP = "spiffe://acme/erp"
Stub = integration_pb2_grpc.IntegrationServiceStub
Calling = Callable[..., Stub]


@pytest.fixture(scope="module")
def authority() -> Authority:
    """Whom the server and its clients trust."""
    return Authority()


@pytest.fixture
def secured(database: Database, authority: Authority) -> Iterator[Served]:
    """A server that asks for certificates."""
    wired = Wired(database, Wishes(with_tokens=True))
    with served(wired, authority.server_credentials()) as running:
        yield running


@pytest.fixture
def calling(secured: Served, authority: Authority) -> Iterator[Calling]:
    """Gives a client whose certificate has these names."""
    with ExitStack() as stack:

        def call(*names: GeneralName, common_name: str = "somebody") -> Stub:
            certified = authority.certify(*names, common_name=common_name)
            return Stub(stack.enter_context(channel(secured, authority, certified)))

        yield call


@contextmanager
def channel(
    server: Served, authority: Authority, client: Certified | None
) -> Iterator[grpc.Channel]:
    """Yield a channel to the server."""
    credentials = authority.channel_credentials(client)
    with grpc.secure_channel(f"localhost:{server.port}", credentials) as opened:
        yield opened


def register(server: Served, role: Role, *workspaces: str, name: str = ERP) -> str:
    """Let a certificate of a name stand for credentials; return their id."""
    new = NewToken(title=name, role=role, workspaces=workspaces or None, certificate=name)
    return server.wired.tokens.create(new)[0].id


def get(stub: Stub, name: str = NAME, token: str | None = None) -> pb.Connection:
    """Read a connection."""
    metadata = [("authorization", f"Bearer {token}")] if token else []
    request = pb.GetConnectionRequest(name=name)
    return stub.GetConnection(request, metadata=metadata, timeout=60).connection


def refused(stub: Stub, code: grpc.StatusCode, token: str | None = None) -> None:
    """Hold that reading a connection is refused."""
    with pytest.raises(grpc.RpcError) as error:
        get(stub, token=token)
    assert error.value.code() is code


@pytest.mark.parametrize("name", [ERP, "erp.acme.example"])
def test_certificate_tells_who_calls(secured: Served, calling: Calling, name: str) -> None:
    """A URI or a DNS name that is registered has its role in its workspaces, and no other."""
    register(secured, Role.VIEWER, "acme", name=name)
    stub = calling(UniformResourceIdentifier(ERP), DNSName("ERP.acme.example"))

    assert get(stub).name == NAME
    with pytest.raises(grpc.RpcError) as error:
        get(stub, "workspaces/globex/connections/ledger")
    assert error.value.code() is grpc.StatusCode.PERMISSION_DENIED


def test_unknown_certificate_is_nobody(secured: Served, calling: Calling) -> None:
    """Being trusted as a client is not yet being somebody."""
    register(secured, Role.VIEWER, "acme")

    refused(calling(UniformResourceIdentifier("spiffe://acme/x")), grpc.StatusCode.UNAUTHENTICATED)


def test_only_uris_and_dns_names_count(secured: Served, calling: Calling) -> None:
    """A common name or an e-mail address of the same letters opens nothing."""
    register(secured, Role.VIEWER, "acme", name="erp.acme.example")
    register(secured, Role.VIEWER, "acme", name="mailto:erp@acme.example")

    for stub in (
        calling(common_name="erp.acme.example"),
        calling(RFC822Name("erp@acme.example"), common_name="erp.acme.example"),
    ):
        refused(stub, grpc.StatusCode.UNAUTHENTICATED)


def test_token_is_judged_instead_of_the_certificate(secured: Served, calling: Calling) -> None:
    """A good token counts with its own role, and a bad one is not mended by a certificate."""
    register(secured, Role.ADMIN, "globex")
    stub = calling(UniformResourceIdentifier(ERP))

    assert get(stub, token=secured.wired.token(Role.VIEWER, "acme")).name == NAME
    refused(stub, grpc.StatusCode.UNAUTHENTICATED, token="syncline_made-up")
    refused(stub, grpc.StatusCode.PERMISSION_DENIED)


def test_revoked_registration_opens_nothing(secured: Served, calling: Calling) -> None:
    """The certificate is as good as ever, and is nobody's any more."""
    registration = register(secured, Role.VIEWER, "acme")
    stub = calling(UniformResourceIdentifier(ERP))
    get(stub)

    secured.wired.tokens.revoke(registration)

    refused(stub, grpc.StatusCode.UNAUTHENTICATED)


def test_watch_ends_with_the_registration(secured: Served, calling: Calling) -> None:
    """An idle stream of a certificate that is revoked elsewhere ends at the next look."""
    registration = register(secured, Role.VIEWER, "acme")
    stub = calling(UniformResourceIdentifier(ERP))
    stream = stub.WatchConnection(pb.WatchConnectionRequest(name=NAME), timeout=60)
    next(stream)
    secured.wired.tokens.revoke(registration)
    secured.wired.clock.advance(seconds=REMEMBERED / timedelta(seconds=1))

    secured.wired.callers.look()

    with pytest.raises(grpc.RpcError) as error:
        next(stream)
    assert error.value.code() is grpc.StatusCode.UNAUTHENTICATED


def test_certificate_of_another_authority_gets_no_connection(
    secured: Served, authority: Authority
) -> None:
    """A name that anybody can write into a certificate of their own is not even heard."""
    register(secured, Role.VIEWER, "acme")
    forged = Authority().certify(UniformResourceIdentifier(ERP))

    for client in (forged, None):
        with channel(secured, authority, client) as opened:
            refused(Stub(opened), grpc.StatusCode.UNAVAILABLE)
