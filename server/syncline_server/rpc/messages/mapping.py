"""Mappings on the wire."""

from syncline.v1 import mapping_pb2
from syncline_server.core import etags, names
from syncline_server.core.mappings import Candidate, ContactMapping, ItemMapping, TaxMapping
from syncline_server.core.model import MappingState
from syncline_server.rpc.messages.amount import plain
from syncline_server.rpc.messages.reference import reference


def tax_mapping(found: TaxMapping) -> mapping_pb2.TaxMapping:
    """Return a tax mapping as callers see it."""
    workspace = found.organisation.workspace
    return mapping_pb2.TaxMapping(
        name=f"{found.organisation.connection}/taxMappings/{found.tax_type}",
        tax_type=found.tax_type,
        title=found.title,
        rate=plain(found.rate),
        active=found.active,
        applies_to_sales=found.applies_to_sales,
        state=f"STATE_{found.state}",
        tax_code=reference(workspace, "taxCodes", found.tax_code_id),
        not_used=found.state is MappingState.NOT_USED,
        suggestion=reference(workspace, "taxCodes", found.suggestion_id),
        review_reason=found.review_reason,
        update_time=found.update_time,
        etag=etags.of(found.version, found.organisation.id),
    )


def contact_mapping(found: ContactMapping) -> mapping_pb2.ContactMapping:
    """Return a contact mapping as callers see it."""
    workspace = found.organisation.workspace
    return mapping_pb2.ContactMapping(
        name=f"{found.organisation.connection}/contactMappings/{found.contact_id}",
        contact_id=found.contact_id,
        contact_name=found.contact_name,
        contact_code=found.contact_code,
        contact_email=found.contact_email,
        contact_active=found.contact_active,
        state=f"RECORD_MAPPING_STATE_{found.state}",
        customer=reference(workspace, "customers", found.customer_id),
        customer_display_name=found.customer_name,
        customer_code=found.customer_code,
        detached=found.detached,
        review_reason=found.review_reason,
        candidates=[names.record(workspace, "customers", each.id) for each in found.candidates],
        candidate_records=[_candidate(workspace, "customers", each) for each in found.candidates],
        update_time=found.update_time,
        etag=etags.of(found.version, found.organisation.id),
    )


def item_mapping(found: ItemMapping) -> mapping_pb2.ItemMapping:
    """Return an item mapping as callers see it."""
    workspace = found.organisation.workspace
    return mapping_pb2.ItemMapping(
        name=f"{found.organisation.connection}/itemMappings/{found.item_id}",
        item_id=found.item_id,
        item_name=found.item_name,
        item_code=found.item_code,
        item_active=found.item_active,
        state=f"RECORD_MAPPING_STATE_{found.state}",
        product=reference(workspace, "products", found.product_id),
        product_display_name=found.product_name,
        product_sku=found.product_sku,
        detached=found.detached,
        review_reason=found.review_reason,
        candidates=[names.record(workspace, "products", each.id) for each in found.candidates],
        candidate_records=[_candidate(workspace, "products", each) for each in found.candidates],
        update_time=found.update_time,
        etag=etags.of(found.version, found.organisation.id),
    )


def _candidate(workspace: str, collection: str, found: Candidate) -> mapping_pb2.MappingCandidate:
    return mapping_pb2.MappingCandidate(
        record=names.record(workspace, collection, found.id),
        display_name=found.name,
        code=found.code,
    )
