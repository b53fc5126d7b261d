from collections.abc import Iterator

import pytest
from hypothesis import HealthCheck, given, seed, settings
from hypothesis import strategies as st

from fuzz_calls import METHODS, Caller, fuzz
from fuzz_requests import Known
from fuzz_stock import elements, every_page, known_of, stock
from ledger import REDIRECT
from syncline.v1.integration_pb2 import UpdateSettingsRequest
from syncline_client import Client, InvalidArgument
from wiring import ACME, Served

HOME = "workspaces/acme"
START = 20_261_126
EXAMPLES = 12
SPOILED = 3


@pytest.fixture
def known(server: Served, client: Client) -> Known:
    """A connected workspace with something of everything."""
    server.wired.approve()
    stock(client, HOME)
    return known_of(client, HOME, str(ACME), REDIRECT)


@pytest.fixture
def caller(server: Served) -> Iterator[Caller]:
    """Calls the server with bytes."""
    with server.channel() as channel:
        yield Caller(channel)


def test_whatever_comes_in_is_answered(caller: Caller, known: Known, client: Client) -> None:
    """No made-up or spoiled request of any method fails, hangs or breaks what is stored."""
    fuzz(caller, known, examples=EXAMPLES, start=START, spoiled=SPOILED)

    assert set(caller.tally.called) == set(METHODS)
    assert caller.tally.codes["OK"] > 0
    assert caller.tally.codes["INVALID_ARGUMENT"] > 0
    assert all(elements(page) is not None for page in every_page(client, HOME, str(ACME), size=7))


@pytest.mark.parametrize(
    "payload",
    [
        pytest.param(b"\x0a\xff", id="cut off"),
        pytest.param(b"\x0a\x02\xff\xfe", id="no UTF-8"),
        pytest.param(b"\xff" * 20, id="no tag"),
        pytest.param(b"\x0b" * 200, id="groups in groups"),
    ],
)
def test_bytes_that_are_no_request_are_the_callers_fault(caller: Caller, payload: bytes) -> None:
    """They are INVALID_ARGUMENT with the usual details, for calls and for streams."""
    for method in ("IntegrationService/GetConnection", "IntegrationService/WatchConnection"):
        answer = caller.call(f"/syncline.v1.{method}", payload)
        assert (answer.code, answer.reason) == ("INVALID_ARGUMENT", "INVALID_FIELD")


def test_bytes_without_credentials_are_not_looked_at(guarded: Served) -> None:
    """Whoever may not come in learns nothing, not even whether the request could be read."""
    with guarded.channel() as channel:
        answer = Caller(channel).call("/syncline.v1.RunService/GetRun", b"\xff")
    assert (answer.code, answer.reason) == ("UNAUTHENTICATED", "CREDENTIALS_MISSING")


def nested(levels: int) -> bytes:
    """Return new settings whose one option is a struct in a struct, so many levels deep."""
    value = b"\x08\x00"
    for _ in range(levels):
        entry = b"\x0a\x01k\x12" + varint(len(value)) + value
        struct = b"\x0a" + varint(len(entry)) + entry
        value = b"\x2a" + varint(len(struct)) + struct
    return value


@pytest.mark.parametrize("levels", [1, 20, 33, 34, 100, 10_000])
def test_depth_ends_where_protobuf_does(caller: Caller, levels: int) -> None:
    """However deep a struct is, it is refused and never exhausts a stack."""
    entry = b"\x0a\x01k\x12" + varint(len(value := nested(levels))) + value
    struct = b"\x0a" + varint(len(entry)) + entry
    name = f"{ACME}/settings".encode()
    settings = b"\x0a" + varint(len(name)) + name + b"\x1a" + varint(len(struct)) + struct
    payload = b"\x0a" + varint(len(settings)) + settings
    answer = caller.call("/syncline.v1.IntegrationService/UpdateSettings", payload)
    assert answer.reason == "INVALID_FIELD"


@pytest.mark.parametrize(
    ("method", "before", "element"),
    [
        ("ListInvoices", b"", b"\x20\x63"),
        ("CreateInvoice", b"\x12", b"\x52\x00"),
        ("ImportInvoices", b"\x12\x0a", b"\x52\x00"),
        ("ImportCustomers", b"\x12\x32", b"\x0a\x00"),
    ],
)
def test_as_much_as_fits_into_a_request_is_answered(
    caller: Caller, method: str, before: bytes, element: bytes
) -> None:
    """Hundreds of thousands of elements are refused, or judged, without growing the server."""
    payload = element * 200_000
    for tag in reversed(before):
        payload = bytes([tag]) + varint(len(payload)) + payload
    payload = b"\x0a\x0f" + HOME.encode() + payload

    answer = caller.call(f"/syncline.v1.RecordService/{method}", payload)

    assert (answer.code, answer.reason) in {("OK", ""), ("INVALID_ARGUMENT", "INVALID_FIELD")}


def varint(number: int) -> bytes:
    """Return a number as protobuf writes it."""
    made = bytearray()
    while number > 0x7F:
        made.append(number & 0x7F | 0x80)
        number >>= 7
    return bytes([*made, number])


def test_a_value_that_is_none_is_refused(client: Client) -> None:
    """A struct's value of no kind is the caller's mistake, named like any other."""
    request = UpdateSettingsRequest()
    request.settings.name = f"{ACME}/settings"
    request.settings.options.fields["phone_field"].SetInParent()
    with pytest.raises(InvalidArgument) as refused:
        client.integrations.UpdateSettings(request)
    assert [each.field for each in refused.value.violations] == ["settings.options.phone_field"]


METADATA = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["authorization", "x-request-id", "x-odd", "content-language"]),
            st.text(st.characters(min_codepoint=0x20, max_codepoint=0x7E), max_size=80),
        ),
        st.tuples(
            st.just("authorization"),
            st.sampled_from(["Bearer", "Bearer ", "bearer x", "Basic eDp5", "Bearer  a b", ","]),
        ),
        st.tuples(
            st.sampled_from(["x-odd-bin", "grpc-status-details-bin", "authorization-bin"]),
            st.binary(max_size=80),
        ),
    ),
    max_size=4,
)


def test_whatever_goes_beside_a_request_is_answered(guarded: Served) -> None:
    """Odd credentials, request ids and binary headers let nobody in, and fail nothing."""
    with guarded.channel() as channel:
        caller = Caller(channel)

        @seed(START)
        @settings(
            max_examples=100, database=None, deadline=None, suppress_health_check=list(HealthCheck)
        )
        @given(METADATA)
        def call(metadata: list[tuple[str, str | bytes]]) -> None:
            answer = caller.call("/syncline.v1.RunService/GetRun", b"", metadata)
            # Whoever guesses for long is not even asked any more.
            assert answer.code in ("UNAUTHENTICATED", "RESOURCE_EXHAUSTED")

        call()
