from importlib import import_module
from pkgutil import iter_modules

import pytest
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor
from google.protobuf.message import Message

import syncline.v1
from syncline.v1 import integration_pb2, mapping_pb2, record_pb2, run_pb2, webhook_pb2
from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import PermissionDenied
from syncline_server.rpc.permissions import ANY_CALLER, RULES, permit
from syncline_server.rpc.server import SERVICES

ACME = "workspaces/acme"
XERO = f"{ACME}/connections/xero"
ELSEWHERE = "workspaces/globex"


def identity(role: Role = Role.SERVICE, *workspaces: str) -> Identity:
    """Return a caller of a role in these workspaces, in acme when there are none."""
    return Identity(subject="me", title="me", roles=dict.fromkeys(workspaces or ("acme",), role))


def rule(method: str) -> str:
    """Return the path of a method by its short name."""
    (found,) = (path for path in RULES if path.endswith(f"/{method}"))
    return found


def test_every_service_of_the_api_is_served() -> None:
    """No service of any file of the package is left out, whoever adds one."""
    files = [
        import_module(f"syncline.v1.{each.name}")
        for each in iter_modules(syncline.v1.__path__)
        if each.name.endswith("_pb2")
    ]
    declared = {
        each.full_name for file in files for each in file.DESCRIPTOR.services_by_name.values()
    }

    assert {service.full_name for service in SERVICES} == declared


def test_every_method_has_a_rule_and_every_rule_a_method() -> None:
    """A method without a rule fails here, and would never be served."""
    methods = {f"/{each.full_name}/{method.name}" for each in SERVICES for method in each.methods}

    assert set(RULES) == methods


def test_every_path_leads_to_texts() -> None:
    """Each path of each rule exists in its request and ends at a text."""
    for service in SERVICES:
        for method in service.methods:
            for steps in RULES[f"/{service.full_name}/{method.name}"].steps:
                message = method.input_type
                for step in steps[:-1]:
                    message = message.fields_by_name[step].message_type
                field = message.fields_by_name[steps[-1]]
                assert field.type == field.TYPE_STRING, (method.name, steps)


def test_only_a_consent_and_a_webhook_name_no_workspace() -> None:
    """Everything else is bound to a workspace by its request."""
    unbound = [path for path, each in RULES.items() if not each.paths]
    assert unbound == [rule("CompleteConnection"), rule("DeliverWebhook")]


def test_a_stream_is_of_one_workspace() -> None:
    """So the one it began in is all there is to ask about again while it is open."""
    streams = [path for path in RULES if _method(path).server_streaming]

    assert streams
    assert all(len(step) == 1 for path in streams for step in RULES[path].steps)
    assert [len(RULES[path].steps) for path in streams] == [1] * len(streams)


def test_any_credentials_deliver_webhooks() -> None:
    """What counts is the provider's signature; one delivery is for many workspaces."""
    request = webhook_pb2.DeliverWebhookRequest(provider="xero", body=b"{}")
    for role in Role:
        assert permit(RULES[rule("DeliverWebhook")], identity(role), request) == ""


@pytest.mark.parametrize(
    ("method", "request_"),
    [
        (
            "GetConnection",
            integration_pb2.GetConnectionRequest(name=f"{ELSEWHERE}/connections/xero"),
        ),
        ("GetConnection", integration_pb2.GetConnectionRequest(name=ELSEWHERE)),
        (
            "UpdateSettings",
            integration_pb2.UpdateSettingsRequest(
                settings={"name": f"{ELSEWHERE}/connections/x/settings"}
            ),
        ),
        (
            "TriggerSync",
            integration_pb2.TriggerSyncRequest(
                connection=XERO, invoice_push={"invoices": ["1", f"{ELSEWHERE}/invoices/1"]}
            ),
        ),
        (
            "ListRuns",
            run_pb2.ListRunsRequest(parent=ACME, connection=f"{ELSEWHERE}/connections/xero"),
        ),
        (
            "BatchUpdateTaxMappings",
            mapping_pb2.BatchUpdateTaxMappingsRequest(
                parent=XERO,
                requests=[{"tax_mapping": {"name": f"{ELSEWHERE}/connections/xero/taxMappings/A"}}],
            ),
        ),
        (
            "CreateInvoice",
            record_pb2.CreateInvoiceRequest(
                parent=ACME, invoice={"lines": [{}, {"product": f"{ELSEWHERE}/products/1"}]}
            ),
        ),
        (
            "ImportProducts",
            record_pb2.ImportProductsRequest(
                parent=ACME, products=[{}, {"tax_code": f"{ELSEWHERE}/taxCodes/1"}]
            ),
        ),
        (
            "ImportInvoices",
            record_pb2.ImportInvoicesRequest(
                parent=ACME,
                invoices=[{}, {"invoice": {"freight": {"tax_code": f"{ELSEWHERE}/taxCodes/1"}}}],
            ),
        ),
    ],
)
def test_any_name_of_another_workspace_is_denied(method: str, request_: Message) -> None:
    """Wherever a request names a workspace, the caller must have it."""
    with pytest.raises(PermissionDenied) as refusal:
        permit(RULES[rule(method)], identity(), request_)

    assert "globex" not in refusal.value.message
    assert permit(RULES[rule(method)], identity(Role.SERVICE, "acme", "globex"), request_)


def test_role_is_checked_before_names() -> None:
    """A caller without the role learns nothing about names."""
    request = integration_pb2.TriggerSyncRequest(connection="not a name")

    with pytest.raises(PermissionDenied):
        permit(RULES[rule("TriggerSync")], identity(Role.VIEWER), request)


@pytest.mark.parametrize("name", ["", "acme", "workspaces/", "workspaces/ACME/connections/xero"])
def test_malformed_name_is_left_to_the_parser(name: str) -> None:
    """What is no name has no workspace; it cannot be parsed either, so nothing is reached by it."""
    request = integration_pb2.GetConnectionRequest(name=name)

    assert permit(RULES[rule("GetConnection")], identity(), request) == ""


@pytest.mark.parametrize(
    ("held", "allowed"),
    [
        (Role.VIEWER, {Role.VIEWER}),
        (Role.OPERATOR, {Role.VIEWER, Role.OPERATOR}),
        (Role.ADMIN, set(Role)),
        (Role.SERVICE, set(Role)),
    ],
)
def test_roles_include_one_another(held: Role, allowed: set[Role]) -> None:
    """Each role can what the ones before it can."""
    assert {role for role in Role if identity(held).has(role)} == allowed


def test_role_is_asked_for_in_each_workspace() -> None:
    """An admin of one workspace who is a viewer in another is an admin in the first only."""
    mia = Identity(subject="mia", title="mia", roles={"acme": Role.ADMIN, "globex": Role.VIEWER})
    start, get = (RULES[rule(method)] for method in ("StartConnection", "GetConnection"))
    start_in = integration_pb2.StartConnectionRequest
    get_in = integration_pb2.GetConnectionRequest

    assert permit(start, mia, start_in(parent=ACME)) == "acme"
    assert permit(get, mia, get_in(name=f"{ELSEWHERE}/connections/xero")) == "globex"
    with pytest.raises(PermissionDenied) as refusal:
        permit(start, mia, start_in(parent=ELSEWHERE))
    assert "ADMIN" in refusal.value.message


def test_every_workspace_of_a_request_is_asked_about() -> None:
    """A role in the first workspace that is named is none in the second."""
    mia = Identity(subject="mia", title="mia", roles={"acme": Role.OPERATOR, "globex": Role.VIEWER})
    request = integration_pb2.TriggerSyncRequest(
        connection=XERO, invoice_push={"invoices": [f"{ELSEWHERE}/invoices/1"]}
    )

    with pytest.raises(PermissionDenied):
        permit(RULES[rule("TriggerSync")], mia, request)


def test_nobody_without_a_role_may_anything() -> None:
    """Good credentials without any role are refused by every method."""
    nobody = Identity(subject="me", title="me")
    for path, each in RULES.items():
        method = message_factory.GetMessageClass(_method(path).input_type)
        with pytest.raises(PermissionDenied):
            permit(each, nobody, method())


def test_being_somebody_is_enough_for_other_apis() -> None:
    """Health and reflection ask for no role, where they ask at all."""
    request = integration_pb2.GetConnectionRequest(name=XERO)

    assert permit(ANY_CALLER, Identity(subject="me", title="me"), request) == ""


def _method(path: str) -> MethodDescriptor:
    _, service, method = path.split("/")
    (found,) = (each for each in SERVICES if each.full_name == service)
    return found.methods_by_name[method]
