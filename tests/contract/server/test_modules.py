from datetime import UTC, timedelta
from uuid import uuid4

import pytest
from google.protobuf.struct_pb2 import Struct

from syncline.v1 import error_reason_pb2, run_pb2
from syncline.v1 import integration_pb2 as pb
from syncline_client import (
    Aborted,
    AlreadyExists,
    Client,
    FailedPrecondition,
    InvalidArgument,
    NotFound,
    ResourceExhausted,
)
from syncline_server.core.model import RunState
from wiring import ACME, Served

ALL = ("tax_rates", "contacts", "items", "invoices")


def chain(client: Client) -> dict[str, pb.Node]:
    """Return every node by id."""
    answer = client.integrations.ListModules(pb.ListModulesRequest(parent=str(ACME)))
    return {node.id: node for node in answer.modules}


def trigger(client: Client, module: str, **more: object) -> run_pb2.Run:
    """Start a run."""
    request = pb.TriggerSyncRequest(connection=str(ACME), module=module, **more)  # type: ignore[arg-type]  # a test's own words
    return client.integrations.TriggerSync(request).run


def complete(server: Served, client: Client, *modules: str) -> None:
    """Have these modules succeed once and cool down."""
    for module in modules:
        run = trigger(client, module)
        server.wired.end(server.wired.begin(run.name.rpartition("/")[2]))
    server.wired.clock.advance(seconds=60)


def test_chain_comes_in_its_order(client: Client) -> None:
    """Every node comes after what it requires or goes after."""
    nodes = list(chain(client))

    assert nodes.index("tax_rates") < nodes.index("tax_mapping") < nodes.index("contacts")
    assert nodes.index("items") < nodes.index("invoice_push")
    assert len(nodes) == 6


def test_node_tells_everything_that_blocks_it(server: Served, client: Client) -> None:
    """Blockers are all told, each with what to do; the connection by its resource name."""
    server.wired.switch_on(*ALL)

    node = chain(client)["invoice_push"]

    assert not node.ready
    assert [(each.reason, each.subject) for each in node.blockers] == [
        (error_reason_pb2.ERROR_REASON_NOT_CONNECTED, str(ACME)),
        (error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE, "tax_rates"),
        (error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE, "tax_mapping"),
        (error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE, "contacts"),
        (error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE, "items"),
    ]
    assert all(each.description for each in node.blockers)


def test_node_tells_what_it_is(client: Client) -> None:
    """Kind, direction, record kind, toggle, cooldown and options come from the declaration."""
    nodes = chain(client)

    push, step, contacts = nodes["invoice_push"], nodes["tax_mapping"], nodes["contacts"]
    assert push.kind == pb.Node.KIND_MODULE
    assert push.direction == pb.Node.DIRECTION_PUSH
    assert push.record_kind == run_pb2.RECORD_KIND_INVOICE
    assert push.toggle == "invoices"
    assert push.cooldown.ToTimedelta() == timedelta(seconds=5)
    assert [each.id for each in push.options] == ["invoices"]
    assert step.kind == pb.Node.KIND_MANUAL_STEP
    assert not step.HasField("cooldown")
    assert contacts.settings[0].full_read_on_change
    assert contacts.settings[0].default_value.string_value == "DEFAULT"


def test_toggles_tell_what_they_would_turn_on(server: Served, client: Client) -> None:
    """``also_enables`` names only toggles that are off."""
    server.wired.switch_on("tax_rates")

    answer = client.integrations.ListModules(pb.ListModulesRequest(parent=str(ACME)))

    toggles = {each.id: each for each in answer.toggles}
    assert list(toggles["items"].also_enables) == []
    assert set(toggles["invoices"].also_enables) == {"contacts", "items"}
    assert list(toggles["invoices"].modules) == ["invoice_push", "invoice_pull"]


def test_chain_can_be_read_in_pages(client: Client) -> None:
    """Pages together are the chain, each with every toggle."""
    found: list[str] = []
    token = ""
    while True:
        request = pb.ListModulesRequest(parent=str(ACME), page_size=4, page_token=token)
        answer = client.integrations.ListModules(request)
        found += [node.id for node in answer.modules]
        assert len(answer.toggles) == 4
        token = answer.next_page_token
        if not token:
            break

    assert found == list(chain(client))


def test_accepted_trigger_answers_with_a_queued_run(server: Served, client: Client) -> None:
    """The run is QUEUED, knows who asked, and the engine is told."""
    server.wired.connect()
    server.wired.switch_on("tax_rates")

    run = trigger(client, "tax_rates")

    assert run.state == run_pb2.Run.STATE_QUEUED
    assert run.name.startswith("workspaces/acme/runs/")
    assert (run.connection, run.module, run.requested_by) == (str(ACME), "tax_rates", "local")
    assert server.wired.started == [run.name.rpartition("/")[2]]
    node = chain(client)["tax_rates"]
    assert node.active_run.name == run.name
    assert node.cooldown_remaining.ToTimedelta() == timedelta(seconds=60)


def test_refusals_come_in_their_order(server: Served, client: Client) -> None:
    """Not connected, then off, then incomplete, then active, then cooling down."""
    reasons = []
    with pytest.raises(FailedPrecondition) as refusal:
        trigger(client, "items")
    reasons.append(refusal.value.reason)
    server.wired.connect()
    with pytest.raises(FailedPrecondition) as refusal:
        trigger(client, "items")
    reasons.append(refusal.value.reason)
    server.wired.switch_on("tax_rates", "items")
    with pytest.raises(FailedPrecondition) as refusal:
        trigger(client, "items")
    reasons.append(refusal.value.reason)
    complete(server, client, "tax_rates")
    run = trigger(client, "items")
    with pytest.raises(Aborted) as active:
        trigger(client, "items")
    server.wired.end(server.wired.begin(run.name.rpartition("/")[2]))
    with pytest.raises(ResourceExhausted) as cooling:
        trigger(client, "items")

    assert reasons == ["NOT_CONNECTED", "MODULE_OFF", "PREREQUISITE_INCOMPLETE"]
    assert (active.value.reason, active.value.resource) == ("RUN_ACTIVE", run.name)
    assert cooling.value.reason == "COOLDOWN"
    assert cooling.value.retry_after == timedelta(seconds=60)
    assert cooling.value.metadata["module"] == "items"


def test_same_request_id_returns_the_same_run(server: Served, client: Client) -> None:
    """Repeating a trigger with its request id starts nothing new, also while it is active."""
    server.wired.connect()
    server.wired.switch_on("tax_rates", "contacts")
    request_id = str(uuid4())

    first = trigger(client, "tax_rates", request_id=request_id)
    again = trigger(client, "tax_rates", request_id=request_id.upper())
    with pytest.raises(AlreadyExists) as refusal:
        trigger(client, "contacts", request_id=request_id)

    assert again.name == first.name
    assert (refusal.value.reason, refusal.value.resource) == ("REQUEST_ID_REUSED", first.name)


def test_validating_changes_nothing(server: Served, client: Client) -> None:
    """``validate_only`` answers with a run without a name and starts no cooldown."""
    server.wired.connect()
    server.wired.switch_on("tax_rates")

    run = trigger(client, "tax_rates", validate_only=True)

    assert run.name == ""
    assert not chain(client)["tax_rates"].HasField("active_run")
    assert trigger(client, "tax_rates").name


def test_unknown_module_is_not_found(client: Client) -> None:
    """A module nobody declares does not exist."""
    with pytest.raises(NotFound) as refusal:
        trigger(client, "weather")

    assert refusal.value.resource == f"{ACME}/modules/weather"


@pytest.mark.parametrize(
    ("module", "more", "field"),
    [
        ("contacts", {"request_id": "once"}, "request_id"),
        ("contacts", {"invoice_push": pb.InvoicePushOptions()}, "invoice_push"),
        ("invoice_push", {"custom": Struct()}, "custom"),
        (
            "invoice_push",
            {"invoice_push": pb.InvoicePushOptions(invoices=["x"] * 51)},
            "invoice_push.invoices",
        ),
        (
            "invoice_push",
            {"invoice_push": pb.InvoicePushOptions(invoices=["workspaces/globex/invoices/1"])},
            "invoice_push.invoices[0]",
        ),
        (
            "invoice_pull",
            {"invoice_pull": pb.InvoicePullOptions(all_linked=False)},
            "invoice_pull.all_linked",
        ),
        (
            "invoice_pull",
            {"invoice_pull": pb.InvoicePullOptions(all_linked=True, invoices=["1"])},
            "invoice_pull.invoices",
        ),
        (
            "invoice_pull",
            {"invoice_pull": pb.InvoicePullOptions(since_time={"seconds": 5})},
            "invoice_pull.since_time",
        ),
    ],
)
def test_options_that_do_not_fit_are_refused(
    client: Client, module: str, more: dict[str, object], field: str
) -> None:
    """Options of a trigger are checked before anything is looked up."""
    with pytest.raises(InvalidArgument) as refusal:
        trigger(client, module, **more)

    assert [each.field for each in refusal.value.violations] == [field]


def test_custom_options_reach_the_run(server: Served, client: Client) -> None:
    """A struct's whole numbers are whole numbers for the module."""
    server.wired.connect()
    server.wired.switch_on("tax_rates")
    custom = Struct()
    custom["page_length"] = 25

    run = trigger(client, "tax_rates", custom=custom)

    stored = server.wired.runs.get("acme", run.name.rpartition("/")[2])
    assert stored.options == {"page_length": 25}


def test_node_tells_when_it_runs_by_itself(server: Served, client: Client) -> None:
    """Without an interval it says nothing; with one, when it is due and what holds it."""
    server.wired.connect()
    server.wired.switch_on(*ALL)
    assert not chain(client)["contacts"].HasField("automatic")
    settings = pb.Settings(name=f"{ACME}/settings")
    settings.automatic_intervals["contacts"].FromTimedelta(timedelta(hours=1))
    settings.automatic_intervals["tax_rates"].FromTimedelta(timedelta(hours=1))
    client.integrations.UpdateSettings(pb.UpdateSettingsRequest(settings=settings))

    nodes = chain(client)

    shown = nodes["contacts"].automatic
    assert shown.interval.ToTimedelta() == timedelta(hours=1)
    assert shown.next_time.ToDatetime(tzinfo=UTC) == server.wired.clock()
    assert shown.failed_runs == 0
    assert [each.reason for each in shown.held_by] == [
        error_reason_pb2.ERROR_REASON_PREREQUISITE_INCOMPLETE
    ] * 2
    assert not nodes["tax_rates"].automatic.held_by
    run = trigger(client, "tax_rates")
    shown = chain(client)["contacts"].automatic
    assert (shown.held_by[0].reason, shown.held_by[0].subject) == (
        error_reason_pb2.ERROR_REASON_RUN_ACTIVE,
        "tax_rates",
    )
    server.wired.end(server.wired.begin(run.name.rpartition("/")[2]), RunState.FAILED)
    shown = chain(client)["tax_rates"].automatic
    assert shown.failed_runs == 1
    assert shown.next_time.ToDatetime(tzinfo=UTC) >= server.wired.clock() + timedelta(hours=2)
