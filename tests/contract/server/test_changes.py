from collections.abc import Iterator
from datetime import timedelta

import grpc
import pytest

from syncline.v1 import change_pb2, customer_pb2, tax_code_pb2
from syncline.v1 import record_pb2 as pb
from syncline_client import Client, FailedPrecondition, InvalidArgument, PermissionDenied
from syncline_server.core.access import Role
from wiring import ACME, Served

HOME = "workspaces/acme"
MANY = 450
LARGE = 900
BATCH = 450
Stream = Iterator[pb.WatchChangesResponse]


def watch(
    client: Client, token: str = "", *kinds: change_pb2.Change.Kind.ValueType, parent: str = HOME
) -> Stream:
    """Open a stream."""
    request = pb.WatchChangesRequest(parent=parent, resume_token=token, kinds=kinds)
    return client.records.WatchChanges(request)


def named(answer: pb.WatchChangesResponse) -> list[str]:
    """Return the names of what changed."""
    return [change.name for change in answer.changes]


def load(client: Client, count: int, notes: str = "") -> list[str]:
    """Import customers and return their names."""
    found: list[str] = []
    for begin in range(0, count, BATCH):
        customers = [
            customer_pb2.Customer(external_id=f"c{number}", display_name="Kauri", notes=notes)
            for number in range(begin, min(begin + BATCH, count))
        ]
        request = pb.ImportCustomersRequest(parent=HOME, customers=customers)
        found += [each.record for each in client.records.ImportCustomers(request).results]
    return found


def add(client: Client, identifier: str, parent: str = HOME) -> str:
    """Create a customer and return its name."""
    customer = customer_pb2.Customer(display_name=identifier.title())
    request = pb.CreateCustomerRequest(parent=parent, customer=customer, customer_id=identifier)
    return client.records.CreateCustomer(request).customer.name


def ended(stream: Stream) -> grpc.StatusCode:
    """End a stream and return how."""
    stream.cancel()  # type: ignore[attr-defined]  # a call is more than an iterator
    return stream.code()  # type: ignore[attr-defined, no-any-return]  # likewise


def test_changes_come_as_they_happen(client: Client) -> None:
    """The first message comes at once and is empty; then each change comes with its resource."""
    stream = watch(client)
    first = next(stream)

    name = add(client, "kauri")
    second = next(stream)
    stream.cancel()  # type: ignore[attr-defined]  # a call is more than an iterator

    assert (named(first), bool(first.resume_token)) == ([], True)
    (change,) = second.changes
    assert (change.name, change.kind) == (name, change_pb2.Change.KIND_CUSTOMER)
    assert change.customer.display_name == "Kauri"
    assert change.change_time == change.customer.create_time


def test_who_was_away_goes_on_where_it_was(client: Client) -> None:
    """With the last token everything that happened meanwhile comes, once and in order."""
    stream = watch(client)
    token = next(stream).resume_token
    assert ended(stream) is grpc.StatusCode.CANCELLED
    names = load(client, MANY)

    found: list[str] = []
    stream = watch(client, token)
    while len(found) < MANY:
        found += named(next(stream))
    stream.cancel()  # type: ignore[attr-defined]  # a call is more than an iterator

    assert found == names


def test_history_is_there_from_the_beginning(client: Client) -> None:
    """Who asks for it gets all that is kept."""
    name = add(client, "kauri")
    request = pb.WatchChangesRequest(parent=HOME, from_beginning=True)
    stream = client.records.WatchChanges(request)

    assert named(next(stream)) == []
    assert named(next(stream)) == [name]


def test_other_kinds_move_only_the_token(client: Client) -> None:
    """A stream of one kind is told how far it has come when others changed."""
    stream = watch(client, "", change_pb2.Change.KIND_TAX_CODE)
    begin = next(stream).resume_token
    add(client, "kauri")
    moved = next(stream)
    code = tax_code_pb2.TaxCode(code="GST", display_name="GST", rate="15")
    client.records.CreateTaxCode(pb.CreateTaxCodeRequest(parent=HOME, tax_code=code))
    told = next(stream)

    assert (named(moved), moved.resume_token != begin) == ([], True)
    assert [change.tax_code.code for change in told.changes] == ["GST"]


def test_settings_and_connections_are_told(server: Served, client: Client) -> None:
    """Connecting and switching are changes of the connection, which moves who owns what."""
    stream = watch(client)
    next(stream)
    server.wired.connect()
    connected = next(stream)
    server.wired.switch_on("contacts")
    switched = next(stream)

    for answer in (connected, switched):
        (change,) = answer.changes
        assert (change.name, change.kind) == (str(ACME), change_pb2.Change.KIND_CONNECTION)
        assert change.WhichOneof("resource") is None


def test_large_resources_fit_into_messages(client: Client) -> None:
    """However large they are together, each message is one a client takes by default."""
    stream = watch(client)
    token = next(stream).resume_token
    load(client, LARGE, notes="x" * 4000)

    found: list[str] = []
    sizes: list[int] = []
    again = watch(client, token)
    while len(found) < LARGE:
        answer = next(again)
        found += named(answer)
        sizes.append(answer.ByteSize())

    assert len(set(found)) == LARGE
    assert max(sizes) < 4 * 1024 * 1024


def test_reader_who_does_not_read_holds_no_writer_up(server: Served, client: Client) -> None:
    """Writers go on while streams are open that nobody reads, and each gets all of it later."""
    with server.client() as lazy:
        streams = [watch(lazy) for _ in range(10)]
        for stream in streams:
            next(stream)
        names = load(client, MANY, notes="x" * 4000)
        for stream in streams:
            found: set[str] = set()
            while len(found) < MANY:
                found.update(named(next(stream)))
            assert found == set(names)


def test_forgotten_history_says_so(server: Served, client: Client) -> None:
    """A token from before what is kept is refused, with what to do; a newer one works."""
    stream = watch(client)
    old = next(stream).resume_token
    add(client, "kauri")
    fresh = next(stream).resume_token
    server.wired.clock.advance(seconds=timedelta(days=7, seconds=1).total_seconds())
    server.wired.changes.forget_old()

    with pytest.raises(FailedPrecondition) as refusal:
        next(watch(client, old))
    assert refusal.value.reason == "CHANGE_TOKEN_EXPIRED"
    assert refusal.value.metadata["subjects"] == "resume_token"
    assert named(next(watch(client, fresh))) == []


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"parent": "acme"}, "parent"),
        ({"resume_token": "nonsense"}, "resume_token"),
        ({"kinds": [0]}, "kinds[0]"),
        ({"kinds": [77]}, "kinds[0]"),
        ({"kinds": [1] * 21}, "kinds"),
    ],
    ids=["parent", "token", "no kind", "unknown kind", "many kinds"],
)
def test_malformed_request_is_refused(
    client: Client, changed: dict[str, object], field: str
) -> None:
    """Each wrong field is named."""
    values: dict[str, object] = {"parent": HOME, **changed}

    with pytest.raises(InvalidArgument) as refusal:
        next(client.records.WatchChanges(pb.WatchChangesRequest(**values)))  # type: ignore[arg-type]  # wrong on purpose

    assert [violation.field for violation in refusal.value.violations] == [field]


def test_token_and_beginning_exclude_each_other(client: Client) -> None:
    """A stream begins in one place."""
    token = next(watch(client)).resume_token
    request = pb.WatchChangesRequest(parent=HOME, resume_token=token, from_beginning=True)

    with pytest.raises(InvalidArgument):
        next(client.records.WatchChanges(request))


def test_other_workspace_is_neither_seen_nor_resumed(guarded: Served) -> None:
    """Nobody follows a workspace that is not theirs, nor resumes with a token of another."""
    wired = guarded.wired
    with (
        guarded.client(wired.token(Role.OPERATOR, "acme")) as acme,
        guarded.client(wired.token(Role.OPERATOR, "globex")) as globex,
    ):
        stream = watch(acme)
        theirs = next(watch(globex, parent="workspaces/globex")).resume_token
        next(stream)
        add(globex, "hidden", parent="workspaces/globex")
        name = add(acme, "kauri")

        assert named(next(stream)) == [name]
        with pytest.raises(PermissionDenied):
            next(watch(acme, parent="workspaces/globex"))
        with pytest.raises(InvalidArgument):
            next(watch(acme, theirs))
