"""Customers on the wire."""

from syncline.v1 import customer_pb2
from syncline_sdk import Address
from syncline_server.core import customer_draft, etags, names
from syncline_server.core.customer_draft import MOST_ADDRESS_LINES, CustomerDraft
from syncline_server.core.records import Customer
from syncline_server.core.views import RecordView
from syncline_server.rpc.messages.record import field_sources, owned_fields


def customer(view: RecordView[Customer]) -> customer_pb2.Customer:
    """Return a customer as callers see it."""
    record = view.record
    return customer_pb2.Customer(
        name=names.record(record.workspace, "customers", record.id),
        code=record.code,
        display_name=record.display_name,
        email=record.email,
        phone=record.phone,
        address=_address(record.address),
        active=record.active,
        contact_person=record.contact_person,
        web_access=record.web_access,
        notes=record.notes,
        owned_fields=owned_fields(view),
        mapped_to=view.mapped_to,
        create_time=record.create_time,
        update_time=record.update_time,
        etag=etags.of(record.version),
        external_id=record.external_id,
        field_sources=field_sources(record, customer_draft.FIELDS),
    )


def draft(message: customer_pb2.Customer, workspace: str, identifier: str) -> CustomerDraft:
    """Return a customer as a caller wrote it, unchecked."""
    return CustomerDraft(
        workspace=workspace,
        id=identifier,
        code=message.code,
        display_name=message.display_name,
        email=message.email,
        phone=message.phone,
        address=_written(message.address) if message.HasField("address") else None,
        active=message.active if message.HasField("active") else True,
        contact_person=message.contact_person,
        web_access=message.web_access,
        notes=message.notes,
        external_id=message.external_id,
        etag=message.etag,
    )


def _address(address: Address | None) -> customer_pb2.Address | None:
    return address and customer_pb2.Address(**address._asdict())


def _written(message: customer_pb2.Address) -> Address:
    return Address(
        lines=tuple(message.lines[: MOST_ADDRESS_LINES + 1]),  # more are refused all the same
        city=message.city,
        region=message.region,
        postal_code=message.postal_code,
        country=message.country,
        attention_to=message.attention_to,
    )
