"""The gRPC server as a whole: every service registered, reflection, health, limits.

Whoever calls :func:`create_server` binds it, starts it and stops it.
"""

from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import timedelta
from typing import Any, Final

import grpc
from google.protobuf import message_factory
from google.protobuf.descriptor import MethodDescriptor, ServiceDescriptor
from grpc_health.v1 import health_pb2
from grpc_health.v1.health import SERVICE_NAME as HEALTH
from grpc_reflection.v1alpha import reflection, reflection_pb2

from syncline.v1 import (
    audit_pb2,
    integration_pb2,
    mapping_pb2,
    record_pb2,
    run_pb2,
    webhook_pb2,
    workspace_pb2,
)
from syncline_server.rpc.audit import AuditCalls
from syncline_server.rpc.changes import ChangeCalls
from syncline_server.rpc.connections import ConnectionCalls
from syncline_server.rpc.customers import CustomerCalls
from syncline_server.rpc.describing import described
from syncline_server.rpc.health import Health
from syncline_server.rpc.imports import ImportCalls
from syncline_server.rpc.intake import Intake
from syncline_server.rpc.interceptors import CallInterceptor, is_non_blocking
from syncline_server.rpc.invoice_links import InvoiceLinkCalls
from syncline_server.rpc.invoices import InvoiceCalls
from syncline_server.rpc.modules import ModuleCalls
from syncline_server.rpc.parity import ParityCalls
from syncline_server.rpc.products import ProductCalls
from syncline_server.rpc.record_mappings import RecordMappingCalls
from syncline_server.rpc.runs import RunCalls
from syncline_server.rpc.settings import SettingsCalls
from syncline_server.rpc.tax_codes import TaxCodeCalls
from syncline_server.rpc.tax_mappings import TaxMappingCalls
from syncline_server.rpc.webhooks import WebhookCalls
from syncline_server.rpc.workspaces import WorkspaceCalls

SERVICES: Final[tuple[ServiceDescriptor, ...]] = (
    integration_pb2.DESCRIPTOR.services_by_name["IntegrationService"],
    run_pb2.DESCRIPTOR.services_by_name["RunService"],
    mapping_pb2.DESCRIPTOR.services_by_name["MappingService"],
    record_pb2.DESCRIPTOR.services_by_name["RecordService"],
    webhook_pb2.DESCRIPTOR.services_by_name["WebhookService"],
    audit_pb2.DESCRIPTOR.services_by_name["AuditService"],
    workspace_pb2.DESCRIPTOR.services_by_name["WorkspaceService"],
)
"""Every service of the API."""
_REFLECTION_V1: Final = "grpc.reflection.v1.ServerReflection"
_DESCRIBING: Final = 2

Behaviour = Callable[..., Any]
"""Handles one method: takes the request; a non-blocking stream the context and ``send``, too."""


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What the server takes on."""

    message_bytes: int = 4 * 1024 * 1024
    """The largest request."""
    metadata_bytes: int = 16 * 1024
    """The most a call may bring beside its request; tokens of identity providers are a few KiB."""
    streams_per_connection: int = 2000
    handshake: timedelta = timedelta(seconds=10)
    """How long a new connection may take to say what it is, TLS included."""
    keepalive: timedelta = timedelta(minutes=1)
    """How long a connection may be silent before it is asked whether anybody is there; a third of
    that later, without an answer, it is closed."""
    idle: timedelta = timedelta(minutes=10)
    """How long a connection may be without calls before it is closed."""
    age: timedelta = timedelta(hours=1)
    """How long a connection may exist before it takes no more calls, a tenth more or less, so that
    callers spread anew and certificates are looked at again."""
    age_grace: timedelta = timedelta(minutes=10)
    """How much longer its calls may go on; the longest that are not streams take no longer."""
    reuse_port: bool = False
    """Whether several processes may listen on one port."""


@dataclass(frozen=True, kw_only=True)
class Calls:
    """What handles the methods, by noun."""

    connections: ConnectionCalls
    settings: SettingsCalls
    modules: ModuleCalls
    parity: ParityCalls
    runs: RunCalls
    tax_mappings: TaxMappingCalls
    record_mappings: RecordMappingCalls
    customers: CustomerCalls
    products: ProductCalls
    tax_codes: TaxCodeCalls
    invoices: InvoiceCalls
    invoice_links: InvoiceLinkCalls
    changes: ChangeCalls
    imports: ImportCalls
    webhooks: WebhookCalls
    audit: AuditCalls
    workspaces: WorkspaceCalls


def behaviours(calls: Calls) -> dict[str, Behaviour]:
    """Return what handles each method of the API, by the method's full name."""
    return {
        f"syncline.v1.{service}.{method}": behaviour
        for service, methods in {
            "IntegrationService": _integration(calls),
            "RunService": _run(calls),
            "MappingService": _mapping(calls),
            "RecordService": _record(calls),
            "WebhookService": _webhook(calls),
            "AuditService": _audit(calls),
            "WorkspaceService": _workspace(calls),
        }.items()
        for method, behaviour in methods.items()
    }


def create_server(
    calls: Calls,
    interceptor: CallInterceptor,
    health: Health,
    limits: Limits,
    handlers: Intake,
    *,
    with_reflection: bool = True,
) -> grpc.Server:
    """Return a server that is neither bound nor started.

    :param handlers: the threads that handle calls. They may outlive the server's stop: shut them
        down before what they work with.
    :raises KeyError: a method of the API is handled by nobody.
    """
    server = grpc.server(handlers, interceptors=[interceptor], options=_options(limits))
    handled = behaviours(calls)
    for service in SERVICES:
        _register(server, service, handled)
    _add_health(server, health)
    if with_reflection:
        _add_reflection(server)
    return server


def _integration(calls: Calls) -> dict[str, Behaviour]:
    return {
        "StartConnection": calls.connections.start,
        "CompleteConnection": calls.connections.complete,
        "SelectOrganisation": calls.connections.select,
        "GetConnection": calls.connections.get,
        "ListConnections": calls.connections.list,
        "Disconnect": calls.connections.disconnect,
        "GetSettings": calls.settings.get,
        "UpdateSettings": calls.settings.update,
        "ListModules": calls.modules.list,
        "TriggerSync": calls.modules.trigger,
        "CheckParity": calls.parity.check,
        "WatchConnection": calls.modules.watch,
    }


def _run(calls: Calls) -> dict[str, Behaviour]:
    return {
        "GetRun": calls.runs.get,
        "ListRuns": calls.runs.list,
        "WatchRun": calls.runs.watch,
        "CancelRun": calls.runs.cancel,
        "ListRunIssues": calls.runs.list_issues,
    }


def _mapping(calls: Calls) -> dict[str, Behaviour]:
    return {
        "GetTaxMapping": calls.tax_mappings.get,
        "ListTaxMappings": calls.tax_mappings.list,
        "UpdateTaxMapping": calls.tax_mappings.update,
        "BatchUpdateTaxMappings": calls.tax_mappings.batch_update,
        "GetContactMapping": calls.record_mappings.get_contact,
        "ListContactMappings": calls.record_mappings.list_contacts,
        "AssignContactMapping": calls.record_mappings.assign_contact,
        "RemoveContactMapping": calls.record_mappings.remove_contact,
        "GetItemMapping": calls.record_mappings.get_item,
        "ListItemMappings": calls.record_mappings.list_items,
        "AssignItemMapping": calls.record_mappings.assign_item,
        "RemoveItemMapping": calls.record_mappings.remove_item,
    }


def _record(calls: Calls) -> dict[str, Behaviour]:
    return {
        "CreateCustomer": calls.customers.create,
        "GetCustomer": calls.customers.get,
        "ListCustomers": calls.customers.list,
        "UpdateCustomer": calls.customers.update,
        "CreateProduct": calls.products.create,
        "GetProduct": calls.products.get,
        "ListProducts": calls.products.list,
        "UpdateProduct": calls.products.update,
        "CreateTaxCode": calls.tax_codes.create,
        "GetTaxCode": calls.tax_codes.get,
        "ListTaxCodes": calls.tax_codes.list,
        "UpdateTaxCode": calls.tax_codes.update,
        "CreateInvoice": calls.invoices.create,
        "GetInvoice": calls.invoices.get,
        "ListInvoices": calls.invoices.list,
        "UpdateInvoice": calls.invoices.update,
        "ConfirmInvoice": calls.invoices.confirm,
        "VoidInvoice": calls.invoices.void,
        "PreflightInvoices": calls.invoice_links.preflight,
        "ListInvoiceLinks": calls.invoice_links.list,
        "WatchChanges": calls.changes.watch,
        "ImportCustomers": calls.imports.customers,
        "ImportProducts": calls.imports.products,
        "ImportTaxCodes": calls.imports.tax_codes,
        "ImportInvoices": calls.imports.invoices,
    }


def _webhook(calls: Calls) -> dict[str, Behaviour]:
    return {"DeliverWebhook": calls.webhooks.deliver}


def _audit(calls: Calls) -> dict[str, Behaviour]:
    return {"ListAuditEntries": calls.audit.list}


def _workspace(calls: Calls) -> dict[str, Behaviour]:
    return {
        "ExportWorkspace": calls.workspaces.export,
        "EraseWorkspace": calls.workspaces.erase,
        "GetErasure": calls.workspaces.get,
    }


def _register(
    server: grpc.Server, service: ServiceDescriptor, handled: Mapping[str, Behaviour]
) -> None:
    handlers = {each.name: _handler(each, handled[each.full_name]) for each in service.methods}
    generic = grpc.method_handlers_generic_handler(service.full_name, handlers)
    server.add_generic_rpc_handlers((generic,))
    server.add_registered_method_handlers(service.full_name, handlers)


def _handler(method: MethodDescriptor, behaviour: Behaviour) -> "grpc.RpcMethodHandler[Any, Any]":
    request = message_factory.GetMessageClass(method.input_type)
    response = message_factory.GetMessageClass(method.output_type)
    if is_non_blocking(behaviour):
        return grpc.unary_stream_rpc_method_handler(
            behaviour, request.FromString, response.SerializeToString
        )

    def handle(message: Any, _context: grpc.ServicerContext) -> Any:
        return behaviour(message)

    return grpc.unary_unary_rpc_method_handler(
        handle, request.FromString, response.SerializeToString
    )


def _add_health(server: grpc.Server, health: Health) -> None:
    handler = grpc.unary_unary_rpc_method_handler(
        health.servicer.Check,
        health_pb2.HealthCheckRequest.FromString,
        health_pb2.HealthCheckResponse.SerializeToString,
    )
    generic = grpc.method_handlers_generic_handler(HEALTH, {"Check": handler})
    server.add_generic_rpc_handlers((generic,))


def _add_reflection(server: grpc.Server) -> None:
    """Add reflection under both of its names; v1 has the very messages of v1alpha."""
    names = (*(service.full_name for service in SERVICES), HEALTH, reflection.SERVICE_NAME)
    declared = described([service.file for service in SERVICES])
    servicer = reflection.ReflectionServicer(names, declared)

    def describe(requests: Any, context: grpc.ServicerContext) -> Any:
        return servicer.ServerReflectionInfo(requests, context)

    # Each stream holds a thread for as long as somebody keeps it open: not one of the calls'.
    pool = ThreadPoolExecutor(_DESCRIBING, thread_name_prefix="rpc-describe")
    describe.experimental_thread_pool = pool  # type: ignore[attr-defined]  # how gRPC is told
    handler = grpc.stream_stream_rpc_method_handler(
        describe,
        reflection_pb2.ServerReflectionRequest.FromString,
        reflection_pb2.ServerReflectionResponse.SerializeToString,
    )
    for name in (reflection.SERVICE_NAME, _REFLECTION_V1):
        by_name = {"ServerReflectionInfo": handler}
        generic = grpc.method_handlers_generic_handler(name, by_name)
        server.add_generic_rpc_handlers((generic,))


def _options(limits: Limits) -> Sequence[tuple[str, int]]:
    """Return the limits by gRPC's names (grpc/impl/channel_arg_names.h)."""
    return (
        ("grpc.max_receive_message_length", limits.message_bytes),
        # Equal, as between the two calls are refused by chance.
        ("grpc.max_metadata_size", limits.metadata_bytes),
        ("grpc.absolute_max_metadata_size", limits.metadata_bytes),
        ("grpc.max_concurrent_streams", limits.streams_per_connection),
        ("grpc.server_handshake_timeout_ms", _milliseconds(limits.handshake)),
        ("grpc.keepalive_time_ms", _milliseconds(limits.keepalive)),
        ("grpc.keepalive_timeout_ms", _milliseconds(limits.keepalive / 3)),
        # Without it gRPC gives an answer to the ping a minute, whatever the line above says: see
        # https://github.com/grpc/grpc/pull/34647.
        ("grpc.http2.ping_timeout_ms", _milliseconds(limits.keepalive / 3)),
        ("grpc.keepalive_permit_without_calls", 1),
        ("grpc.max_connection_idle_ms", _milliseconds(limits.idle)),
        ("grpc.max_connection_age_ms", _milliseconds(limits.age)),
        ("grpc.max_connection_age_grace_ms", _milliseconds(limits.age_grace)),
        # Who pings more often than this, a third time, is sent away.
        ("grpc.http2.min_ping_interval_without_data_ms", 10_000),
        ("grpc.http2.max_ping_strikes", 2),
        ("grpc.so_reuseport", int(limits.reuse_port)),
    )


def _milliseconds(span: timedelta) -> int:
    return int(span.total_seconds() * 1000)
