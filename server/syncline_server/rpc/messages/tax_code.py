"""Tax codes on the wire."""

from syncline.v1 import tax_code_pb2
from syncline_server.core import etags, names
from syncline_server.core.records import TaxCode
from syncline_server.core.tax_code_draft import TaxCodeDraft
from syncline_server.core.views import RecordView
from syncline_server.rpc.messages.amount import plain


def tax_code(view: RecordView[TaxCode]) -> tax_code_pb2.TaxCode:
    """Return a tax code as callers see it."""
    record = view.record
    return tax_code_pb2.TaxCode(
        name=names.record(record.workspace, "taxCodes", record.id),
        code=record.code,
        display_name=record.display_name,
        rate=plain(record.rate),
        active=record.active,
        mapped_to=view.mapped_to,
        create_time=record.create_time,
        update_time=record.update_time,
        etag=etags.of(record.version),
        external_id=record.external_id,
    )


def draft(message: tax_code_pb2.TaxCode, workspace: str, identifier: str) -> TaxCodeDraft:
    """Return a tax code as a caller wrote it, unchecked."""
    return TaxCodeDraft(
        workspace=workspace,
        id=identifier,
        code=message.code,
        display_name=message.display_name,
        rate=message.rate,
        active=message.active if message.HasField("active") else True,
        external_id=message.external_id,
        etag=message.etag,
    )
