"""Products on the wire."""

from syncline.v1 import product_pb2
from syncline_server.core import etags, names, product_draft
from syncline_server.core.product_draft import ProductDraft
from syncline_server.core.records import Product
from syncline_server.core.views import RecordView
from syncline_server.rpc.messages.amount import plain
from syncline_server.rpc.messages.record import field_sources, owned_fields
from syncline_server.rpc.messages.reference import reference


def product(view: RecordView[Product]) -> product_pb2.Product:
    """Return a product as callers see it."""
    record = view.record
    return product_pb2.Product(
        name=names.record(record.workspace, "products", record.id),
        sku=record.sku,
        display_name=record.display_name,
        tax_code=reference(record.workspace, "taxCodes", record.tax_code_id),
        stock_quantity=plain(record.stock_quantity),
        default_price=plain(record.default_price),
        category=record.category,
        active=record.active,
        out_of_stock=record.out_of_stock,
        zero_price_allowed=record.zero_price_allowed,
        unit_of_measure=record.unit_of_measure,
        owned_fields=owned_fields(view),
        mapped_to=view.mapped_to,
        create_time=record.create_time,
        update_time=record.update_time,
        etag=etags.of(record.version),
        external_id=record.external_id,
        field_sources=field_sources(record, product_draft.FIELDS),
    )


def draft(message: product_pb2.Product, workspace: str, identifier: str) -> ProductDraft:
    """Return a product as a caller wrote it, unchecked."""
    return ProductDraft(
        workspace=workspace,
        id=identifier,
        sku=message.sku,
        display_name=message.display_name,
        tax_code=message.tax_code,
        stock_quantity=message.stock_quantity,
        default_price=message.default_price,
        category=message.category,
        active=message.active if message.HasField("active") else True,
        out_of_stock=message.out_of_stock,
        zero_price_allowed=message.zero_price_allowed,
        unit_of_measure=message.unit_of_measure,
        external_id=message.external_id,
        etag=message.etag,
    )
