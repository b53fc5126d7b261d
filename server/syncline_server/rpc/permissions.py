"""Which role each method needs, and where its request names the workspace."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from google.protobuf.message import Message

from syncline_server.core.access import Identity, Role
from syncline_server.core.errors import PermissionDenied, Reason
from syncline_server.core.names import workspace_of


@dataclass(frozen=True)
class Rule:
    """What a caller needs for one method."""

    role: Role | None
    """Needed in every workspace that is named, anywhere when none is; None is for anybody."""
    paths: tuple[str, ...]
    """Fields that hold resource names, dots between levels; every one of them is checked."""
    reads: bool = False
    """Whether it changes nothing, although it needs more than a viewer's role."""
    steps: tuple[tuple[str, ...], ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "steps", tuple(tuple(path.split(".")) for path in self.paths))

    @property
    def changes(self) -> bool:
        """Whether calls of the method change something, and so are in the audit trail."""
        return self.role in (Role.OPERATOR, Role.ADMIN, Role.SERVICE) and not self.reads


def _rule(role: Role, *paths: str) -> Rule:
    return Rule(role, paths)


_VIEWER, _OPERATOR, _ADMIN = Role.VIEWER, Role.OPERATOR, Role.ADMIN

_INTEGRATION: Final = {
    "StartConnection": _rule(_ADMIN, "parent"),
    # Its workspace is in the consent the state stands for; the servicer asks for the role there.
    "CompleteConnection": _rule(_ADMIN),
    "SelectOrganisation": _rule(_ADMIN, "name"),
    "GetConnection": _rule(_VIEWER, "name"),
    "ListConnections": _rule(_VIEWER, "parent"),
    "Disconnect": _rule(_ADMIN, "name"),
    "GetSettings": _rule(_VIEWER, "name"),
    "UpdateSettings": _rule(_ADMIN, "settings.name"),
    "ListModules": _rule(_VIEWER, "parent"),
    "TriggerSync": _rule(_OPERATOR, "connection", "invoice_push.invoices", "invoice_pull.invoices"),
    "CheckParity": _rule(_OPERATOR, "connection"),
    "WatchConnection": _rule(_VIEWER, "name"),
}
_RUN: Final = {
    "GetRun": _rule(_VIEWER, "name"),
    "ListRuns": _rule(_VIEWER, "parent", "connection"),
    "WatchRun": _rule(_VIEWER, "name"),
    "CancelRun": _rule(_OPERATOR, "name"),
    "ListRunIssues": _rule(_VIEWER, "parent"),
}
_MAPPING: Final = {
    "GetTaxMapping": _rule(_VIEWER, "name"),
    "ListTaxMappings": _rule(_VIEWER, "parent"),
    "UpdateTaxMapping": _rule(_OPERATOR, "tax_mapping.name", "tax_mapping.tax_code"),
    "BatchUpdateTaxMappings": _rule(
        _OPERATOR, "parent", "requests.tax_mapping.name", "requests.tax_mapping.tax_code"
    ),
    "GetContactMapping": _rule(_VIEWER, "name"),
    "ListContactMappings": _rule(_VIEWER, "parent"),
    "AssignContactMapping": _rule(_OPERATOR, "name", "customer"),
    "RemoveContactMapping": _rule(_OPERATOR, "name"),
    "GetItemMapping": _rule(_VIEWER, "name"),
    "ListItemMappings": _rule(_VIEWER, "parent"),
    "AssignItemMapping": _rule(_OPERATOR, "name", "product"),
    "RemoveItemMapping": _rule(_OPERATOR, "name"),
}
_INVOICE_REFERENCES: Final = (
    "invoice.customer",
    "invoice.lines.product",
    "invoice.lines.tax_code",
    "invoice.freight.tax_code",
)
_IMPORTED_REFERENCES: Final = tuple(f"invoices.{path}" for path in _INVOICE_REFERENCES)
_RECORD: Final = {
    "CreateCustomer": _rule(_OPERATOR, "parent"),
    "GetCustomer": _rule(_VIEWER, "name"),
    "ListCustomers": _rule(_VIEWER, "parent"),
    "UpdateCustomer": _rule(_OPERATOR, "customer.name"),
    "CreateProduct": _rule(_OPERATOR, "parent", "product.tax_code"),
    "GetProduct": _rule(_VIEWER, "name"),
    "ListProducts": _rule(_VIEWER, "parent"),
    "UpdateProduct": _rule(_OPERATOR, "product.name", "product.tax_code"),
    "CreateTaxCode": _rule(_OPERATOR, "parent"),
    "GetTaxCode": _rule(_VIEWER, "name"),
    "ListTaxCodes": _rule(_VIEWER, "parent"),
    "UpdateTaxCode": _rule(_OPERATOR, "tax_code.name"),
    "CreateInvoice": _rule(_OPERATOR, "parent", *_INVOICE_REFERENCES),
    "GetInvoice": _rule(_VIEWER, "name"),
    "ListInvoices": _rule(_VIEWER, "parent", "customer"),
    "UpdateInvoice": _rule(_OPERATOR, "invoice.name", *_INVOICE_REFERENCES),
    "ConfirmInvoice": _rule(_OPERATOR, "name"),
    "VoidInvoice": _rule(_OPERATOR, "name"),
    "PreflightInvoices": _rule(_VIEWER, "connection", "invoices"),
    "ListInvoiceLinks": _rule(_VIEWER, "parent"),
    "WatchChanges": _rule(_VIEWER, "parent"),
    "ImportCustomers": _rule(_OPERATOR, "parent"),
    "ImportProducts": _rule(_OPERATOR, "parent", "products.tax_code"),
    "ImportTaxCodes": _rule(_OPERATOR, "parent"),
    "ImportInvoices": _rule(_OPERATOR, "parent", *_IMPORTED_REFERENCES),
}
# The signature is the authority, and one delivery is for many workspaces: any credentials will do.
# It is in no trail: a provider only says what to read, and the runs that come of it are there.
_WEBHOOK: Final = {"DeliverWebhook": _rule(_VIEWER)}
_AUDIT: Final = {"ListAuditEntries": Rule(_ADMIN, ("parent",), reads=True)}
_WORKSPACE: Final = {
    # It changes nothing, and yet whoever takes all of a workspace away is to be found.
    "ExportWorkspace": _rule(_ADMIN, "name"),
    "EraseWorkspace": _rule(_ADMIN, "name"),
    "GetErasure": Rule(_ADMIN, ("name",), reads=True),
}
RULES: Final[Mapping[str, Rule]] = {
    f"/syncline.v1.{service}/{method}": rule
    for service, methods in {
        "IntegrationService": _INTEGRATION,
        "RunService": _RUN,
        "MappingService": _MAPPING,
        "RecordService": _RECORD,
        "WebhookService": _WEBHOOK,
        "AuditService": _AUDIT,
        "WorkspaceService": _WORKSPACE,
    }.items()
    for method, rule in methods.items()
}
"""What every method of the API needs, by its path. A method that is not here is never served."""
ANY_CALLER: Final = Rule(None, (), reads=True)
"""For methods of other APIs, where it is enough to be somebody."""


def permit(rule: Rule, identity: Identity, request: Message) -> str:
    """Return the workspace a request is about; empty when the request does not name one.

    Decided by names alone, before anything is looked up, so that the answer tells nothing about
    what exists. Malformed names have no workspace; whoever parses them refuses them.

    :raises PermissionDenied: the caller lacks the role in a workspace the request names.
    """
    permit_in(rule, identity, "")
    first = ""
    for workspace in workspaces(rule, request):
        permit_in(rule, identity, workspace)
        first = first or workspace
    return first


def permit_in(rule: Rule, identity: Identity, workspace: str) -> None:
    """Refuse whoever lacks the role in a workspace, or everywhere where there is no workspace.

    :raises PermissionDenied: the caller does.
    """
    if rule.role is None:
        return
    if not identity.has(rule.role):
        raise _role_missing(rule.role)
    if workspace and not identity.may(rule.role, workspace):
        raise _denied(rule.role, identity, workspace)


def _denied(role: Role, identity: Identity, workspace: str) -> PermissionDenied:
    if identity.role_in(workspace) is not None:
        return _role_missing(role)
    return PermissionDenied(
        Reason.PERMISSION_DENIED, "These credentials are not for this workspace."
    )


def _role_missing(role: Role) -> PermissionDenied:
    return PermissionDenied(
        Reason.PERMISSION_DENIED, f"This needs the role {role} or one above it in the workspace."
    )


def workspaces(rule: Rule, request: Message) -> Iterator[str]:
    """Yield the workspace of every resource name in a request."""
    for name in named(rule, request):
        workspace = workspace_of(name)
        if workspace:
            yield workspace


def named(rule: Rule, request: Message) -> Iterator[str]:
    """Yield every text in a request that should be a resource name, whatever it is."""
    for steps in rule.steps:
        yield from (name for name in _values(request, steps) if name)


def _values(message: Message, steps: tuple[str, ...]) -> Iterator[str]:
    """Yield every text a path leads to, through each element of repeated fields."""
    value = getattr(message, steps[0])
    found: Iterable[Any] = (value,) if isinstance(value, str | Message) else value
    for each in found:
        if len(steps) == 1:
            yield each
        else:
            yield from _values(each, steps[1:])
