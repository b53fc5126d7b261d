from collections.abc import Callable, Mapping
from typing import Any

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.json_format import ParseDict
from google.protobuf.message import Message

from auditing import entries, listed
from ledger import REDIRECT
from syncline.v1 import audit_pb2, customer_pb2, record_pb2
from syncline.v1 import integration_pb2 as pb
from syncline_client import (
    Client,
    InvalidArgument,
    PermissionDenied,
    SynclineError,
    on_behalf_of,
)
from syncline_server.core.access import Credentials, Role
from syncline_server.core.audit import NO_WORKSPACE, Entry, Stage
from syncline_server.core.denials import MOST_A_MINUTE
from syncline_server.rpc.permissions import RULES
from syncline_server.rpc.server import SERVICES
from syncline_server.services.audit_checks import Checked, verify
from wiring import ACME, Served

HOME = "workspaces/acme"
NAME = f"{HOME}/connections/ledger"
CUSTOMER = {"display_name": "Canary Ltd", "notes": "CANARY-notes", "email": "canary@example.org"}
INVOICE = {
    "number": "INV-1",
    "customer": f"{HOME}/customers/kauri",
    "currency_code": "NZD",
    "invoice_date": "2026-10-01",
    "due_date": "2026-10-20",
    "line_amounts": "LINE_AMOUNTS_NO_TAX",
    "lines": [{"description": "Canary", "quantity": "1", "unit_price": "2"}],
}
GOOD: Mapping[str, Mapping[str, Any]] = {
    "CreateTaxCode": {
        "parent": HOME,
        "tax_code_id": "gst",
        "tax_code": {"code": "GST", "display_name": "GST", "rate": "15"},
    },
    "UpdateTaxCode": {"tax_code": {"name": f"{HOME}/taxCodes/gst", "display_name": "Tax"}},
    "CreateCustomer": {"parent": HOME, "customer_id": "kauri", "customer": CUSTOMER},
    "UpdateCustomer": {"customer": {"name": f"{HOME}/customers/kauri", "notes": "CANARY-again"}},
    "CreateProduct": {
        "parent": HOME,
        "product_id": "pipe",
        "product": {"sku": "PIPE", "display_name": "Pipe"},
    },
    "UpdateProduct": {"product": {"name": f"{HOME}/products/pipe", "display_name": "Tube"}},
    "CreateInvoice": {"parent": HOME, "invoice_id": "i1", "invoice": INVOICE},
    "UpdateInvoice": {"invoice": {"name": f"{HOME}/invoices/i1", "reference": "CANARY-ref"}},
    "ConfirmInvoice": {"name": f"{HOME}/invoices/i1"},
    "VoidInvoice": {"name": f"{HOME}/invoices/i1"},
    "ImportCustomers": {"parent": HOME, "customers": [{"external_id": "e1", **CUSTOMER}]},
    "UpdateSettings": {"settings": {"name": f"{NAME}/settings", "toggles": {"contacts": True}}},
    "TriggerSync": {"connection": NAME, "module": "contacts"},
    "SelectOrganisation": {"name": NAME, "organisation": "kauri"},
    "Disconnect": {"name": NAME},
}
"""Requests that change something in a connected workspace, in their order; one is refused."""


def method_of(name: str) -> MethodDescriptor:
    """Return a method of the API by its short name."""
    (found,) = (each for service in SERVICES for each in service.methods if each.name == name)
    return found


def changing() -> list[str]:
    """Return every method that changes something, those of the table in its order first."""
    others = [path.rpartition("/")[2] for path, rule in RULES.items() if rule.changes]
    return [*GOOD, *(name for name in others if name not in GOOD)]


def request_of(method: MethodDescriptor) -> Message:
    """Return a request that names acme where the method's rule says."""
    request = message_factory.GetMessageClass(method.input_type)()
    if method.name in GOOD:
        return ParseDict(dict(GOOD[method.name]), request)
    for first, *deeper in RULES[f"/{method.containing_service.full_name}/{method.name}"].steps[:1]:
        field = getattr(request, first)
        if not deeper and isinstance(field, str):
            setattr(request, first, HOME)
        else:
            message = field.add() if hasattr(field, "add") else field
            for step in deeper[:-1]:
                message = getattr(message, step)
            setattr(message, deeper[-1], HOME)
    return request


def call(client: Client, name: str, request: Message, **more: Any) -> str:
    """Make a call by its method's name, and return the name of the code it ended with."""
    method = method_of(name)
    path = f"/{method.containing_service.full_name}/{name}"
    response = message_factory.GetMessageClass(method.output_type)
    begin = client.channel.unary_stream if method.server_streaming else client.channel.unary_unary
    stub = begin(path, type(request).SerializeToString, response.FromString)
    try:
        answer = stub(request, timeout=60, **more)
        if method.server_streaming:
            list(answer)
    except SynclineError as error:
        return error.code.name
    return "OK"


def completed(found: list[Entry]) -> list[Entry]:
    """Return the entries that say how something ended."""
    return [entry for entry in found if entry.stage is not Stage.BEGUN]


def denied(client: Client) -> None:
    """Try to disconnect acme."""
    with pytest.raises(PermissionDenied):
        client.integrations.Disconnect(pb.DisconnectRequest(name=NAME))


def test_every_change_leaves_one_completed_entry(guarded: Served, service: Client) -> None:
    """Whatever a changing method comes to, its caller, workspace and outcome are told once."""
    guarded.wired.connect()
    (token,) = guarded.wired.tokens.list()

    for name in changing():
        database = guarded.wired.database
        before = {chain: len(entries(database, chain)) for chain in ("acme", NO_WORKSPACE)}
        code = call(service, name, request_of(method_of(name)))
        new = [
            entry
            for chain, known in before.items()
            for entry in completed(entries(database, chain)[known:])
        ]

        (entry,) = [each for each in new if each.actor.credentials != Credentials.SYSTEM]
        assert (entry.method, entry.code) == (name, code)
        assert (entry.actor.subject, entry.actor.title) == (token.id, "SERVICE token")
        assert entry.actor.peer == "127.0.0.1"
        assert entry.request_id
        assert entry.chain == (NO_WORKSPACE if name == "CompleteConnection" else "acme")
        assert code == "OK" or name not in GOOD or name == "SelectOrganisation", name
    assert all(isinstance(each, Checked) for each in verify(guarded.wired.database, {}))


def test_what_changes_nothing_leaves_no_entry(guarded: Served, service: Client) -> None:
    """Reads, previews and triggers that are only validated are not in the trail."""
    guarded.wired.connect()
    service.integrations.GetConnection(pb.GetConnectionRequest(name=NAME))
    service.records.PreflightInvoices(record_pb2.PreflightInvoicesRequest(connection=NAME))
    customers = [customer_pb2.Customer(external_id="e", display_name="E")]
    service.records.ImportCustomers(
        record_pb2.ImportCustomersRequest(parent=HOME, customers=customers, validate_only=True)
    )
    listed(service)

    assert entries(guarded.wired.database) == []


def test_connecting_is_told_in_the_workspace_of_its_consent(
    guarded: Served, service: Client
) -> None:
    """The state names the workspace; the first entry says BEGUN, the second how it ended."""
    start = pb.StartConnectionRequest(parent=HOME, provider="ledger", redirect_uri=REDIRECT)
    started = service.integrations.StartConnection(start)
    code = guarded.wired.ledger.consent(started.authorization_url, "mia", "kauri")
    service.integrations.CompleteConnection(
        pb.CompleteConnectionRequest(state=started.state, code=code)
    )

    begun, ended = entries(guarded.wired.database)[1:]
    assert (begun.method, begun.stage, begun.code) == ("CompleteConnection", Stage.BEGUN, "")
    assert (ended.stage, ended.code, ended.begun) == (Stage.ENDED, "OK", begun.number)
    assert ended.edits == (
        ("state", "NOT_CONNECTED", "CONNECTED"),
        ("organisation", "", "kauri"),
    )
    written = "".join(entry.text() for entry in entries(guarded.wired.database))
    assert started.state not in written
    assert code not in written


def test_no_secret_and_no_word_of_a_customer_is_in_the_trail(
    guarded: Served, service: Client
) -> None:
    """Requests leave names and ids; settings their values; nothing else of what they hold."""
    guarded.wired.connect()
    for name in changing():
        call(service, name, request_of(method_of(name)))

    written = "".join(entry.text() for entry in entries(guarded.wired.database)).lower()
    assert "customers/kauri" in written
    assert "canary" not in written


def test_settings_tell_what_they_were_and_are(guarded: Served, service: Client) -> None:
    """An entry has each changed toggle, option and interval with its old and new value."""
    guarded.wired.connect()
    call(service, "UpdateSettings", request_of(method_of("UpdateSettings")))

    (entry,) = listed(service)

    assert [(each.field, each.old_value, each.new_value) for each in entry.edits] == [
        ("toggles.contacts", "off", "on")
    ]
    assert list(entry.resources) == [f"{NAME}/settings"]


def test_a_run_is_named_by_its_trigger(guarded: Served, service: Client) -> None:
    """The entry of a trigger names the module and the run that it started."""
    guarded.wired.connect()
    guarded.wired.switch_on("contacts")
    request = pb.TriggerSyncRequest(connection=NAME, module="contacts")
    run = service.integrations.TriggerSync(request).run

    (entry,) = listed(service)

    assert list(entry.resources) == [NAME, f"{NAME}/modules/contacts", run.name]


def test_a_role_that_is_too_low_is_told_in_the_workspace(acting: Callable[..., Client]) -> None:
    """An operator who tries to disconnect shows in the trail of the workspace's admins."""
    denied(acting(Role.OPERATOR, "acme"))

    (entry,) = listed(acting(Role.ADMIN, "acme"), refused_only=True)

    assert (entry.code, entry.reason) == ("PERMISSION_DENIED", "PERMISSION_DENIED")
    assert (entry.method, entry.title) == ("Disconnect", "OPERATOR token")


def test_a_stranger_is_told_to_operators_only(
    guarded: Served, acting: Callable[..., Client]
) -> None:
    """Whose credentials do not reach a workspace cannot write into its trail or be read there."""
    denied(acting(Role.ADMIN, "globex"))

    assert listed(acting(Role.ADMIN, "acme")) == []
    (entry,) = entries(guarded.wired.database, NO_WORKSPACE)
    assert (entry.actor.title, entry.names) == ("ADMIN token", (NAME,))


def test_a_flood_of_refusals_is_counted(guarded: Served, acting: Callable[..., Client]) -> None:
    """So many a minute have an entry; the others are one number when the minute is over."""
    client = acting(Role.OPERATOR, "acme")
    for _ in range(MOST_A_MINUTE + 5):
        denied(client)
    guarded.wired.trail.look()
    assert len(entries(guarded.wired.database)) == MOST_A_MINUTE

    guarded.wired.clock.advance(seconds=60)
    guarded.wired.trail.look()

    last = entries(guarded.wired.database)[-1]
    assert (last.method, last.omitted) == ("RefusalsLeftOut", 5)
    assert last.actor.title == "OPERATOR token"


def test_nobody_known_leaves_nothing(guarded: Served) -> None:
    """Calls without good credentials are in the log only: anybody can make them."""
    with guarded.client("syncline_made-up") as client:
        assert call(client, "Disconnect", pb.DisconnectRequest(name=NAME)) == "UNAUTHENTICATED"

    assert entries(guarded.wired.database) == entries(guarded.wired.database, NO_WORKSPACE) == []


def test_a_service_says_for_whom_it_calls(guarded: Served, service: Client) -> None:
    """The person is in the entry and at the run, beside the credentials."""
    guarded.wired.connect()
    guarded.wired.switch_on("contacts")
    request = pb.TriggerSyncRequest(connection=NAME, module="contacts")
    mia = on_behalf_of("u-17", "Mia Pātel")
    run = service.integrations.TriggerSync(request, metadata=mia).run

    (entry,) = listed(service, person="u-17")

    assert (entry.person, entry.person_title) == ("u-17", "Mia Pātel")
    assert (entry.title, run.requested_by) == ("SERVICE token", "Mia Pātel (SERVICE token)")
    assert listed(service, person="u-18") == []


def test_only_a_service_is_believed(acting: Callable[..., Client]) -> None:
    """An admin who names somebody else is refused, and the trail names the admin alone."""
    admin = acting(Role.ADMIN, "acme")
    with pytest.raises(InvalidArgument) as refused:
        admin.integrations.Disconnect(
            pb.DisconnectRequest(name=NAME), metadata=on_behalf_of("u-17", "Mia")
        )

    assert [each.field for each in refused.value.violations] == ["x-syncline-person"]
    (entry,) = listed(admin)
    assert (entry.code, entry.person) == ("INVALID_ARGUMENT", "")


@pytest.mark.parametrize(
    "metadata",
    [
        (("x-syncline-person", "two words"),),
        (("x-syncline-person", "x" * 101),),
        (("x-syncline-person", "a"), ("x-syncline-person", "b")),
        (("x-syncline-person-title-bin", b"Mia"),),
        (("x-syncline-person", "a"), ("x-syncline-person-title-bin", b"\xff")),
        (("x-syncline-person", "a"), ("x-syncline-person-title-bin", b"line\nbreak")),
        (("x-syncline-person", "a"), ("x-syncline-person-title-bin", b"x" * 101)),
    ],
)
def test_a_person_who_cannot_be_read_is_refused(
    guarded: Served, service: Client, metadata: tuple[tuple[str, str | bytes], ...]
) -> None:
    """What is too long, doubled, blank or not printable never gets into the trail."""
    request = pb.DisconnectRequest(name=NAME)

    assert call(service, "Disconnect", request, metadata=metadata) == "INVALID_ARGUMENT"
    assert entries(guarded.wired.database)[0].actor.person_id == ""


def test_lost_access_is_told(guarded: Served, service: Client) -> None:
    """What the server finds out by itself is the system's."""
    guarded.wired.connect()
    guarded.wired.connections.mark_reconnect_required(
        guarded.wired.connections.get(ACME).key, 0, "gone"
    )

    (entry,) = listed(service)

    assert (entry.method, entry.credentials) == (
        "LoseAccess",
        audit_pb2.AuditEntry.CREDENTIALS_SYSTEM,
    )
