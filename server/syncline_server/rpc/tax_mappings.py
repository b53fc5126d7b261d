"""MappingService, tax mappings: the step that a person completes."""

from syncline.v1 import mapping_pb2
from syncline_server.core.listing import MappingFilter
from syncline_server.core.model import MappingState
from syncline_server.core.names import Connection
from syncline_server.core.tax_mapping import NOT_USED, TAX_CODE, TaxDecision
from syncline_server.rpc import masks
from syncline_server.rpc.fields import Fields, chosen
from syncline_server.rpc.messages.mapping import tax_mapping
from syncline_server.rpc.paging import page
from syncline_server.services.tax_mappings import TaxMappings

_COLLECTION = "taxMappings"
_SETTABLE = (TAX_CODE, NOT_USED)


class TaxMappingCalls:
    """Handles the methods around tax mappings."""

    def __init__(self, mappings: TaxMappings) -> None:
        self._mappings = mappings

    def get(self, request: mapping_pb2.GetTaxMappingRequest) -> mapping_pb2.GetTaxMappingResponse:
        """Return one tax type with its tax code."""
        fields = Fields()
        key, tax_type = fields.under_connection("name", request.name, _COLLECTION)
        fields.refuse()
        found = self._mappings.get(key, tax_type)
        return mapping_pb2.GetTaxMappingResponse(tax_mapping=tax_mapping(found))

    def list(
        self, request: mapping_pb2.ListTaxMappingsRequest
    ) -> mapping_pb2.ListTaxMappingsResponse:
        """List tax types with their tax codes."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        states = chosen(request.states, mapping_pb2.TaxMapping.State)
        wanted = page(request, fields)
        fields.refuse()
        which = MappingFilter(states=tuple(map(MappingState, states)), text=request.query)
        found = self._mappings.page(key, which, wanted.position, wanted.limit)
        cut = wanted.cut(found, lambda each: each.tax_type, tax_mapping)
        return mapping_pb2.ListTaxMappingsResponse(
            tax_mappings=cut.messages, next_page_token=cut.next_page_token
        )

    def update(
        self, request: mapping_pb2.UpdateTaxMappingRequest
    ) -> mapping_pb2.UpdateTaxMappingResponse:
        """Settle one tax type."""
        fields = Fields()
        key, decision = _decision(request, "", fields)
        fields.refuse()
        found = self._mappings.update(key, decision)
        return mapping_pb2.UpdateTaxMappingResponse(tax_mapping=tax_mapping(found))

    def batch_update(
        self, request: mapping_pb2.BatchUpdateTaxMappingsRequest
    ) -> mapping_pb2.BatchUpdateTaxMappingsResponse:
        """Settle several tax types of one connection."""
        fields = Fields()
        key = fields.connection("parent", request.parent)
        decisions = []
        for index, each in enumerate(request.requests):
            path = f"requests[{index}]."
            owner, decision = _decision(each, path, fields)
            if owner.workspace and key.workspace and owner != key:
                fields.wrong(f"{path}tax_mapping.name", f"must be under {key}")
            decisions.append(decision)
        fields.refuse()
        found = self._mappings.batch_update(key, decisions)
        return mapping_pb2.BatchUpdateTaxMappingsResponse(
            tax_mappings=[tax_mapping(each) for each in found]
        )


def _decision(
    request: mapping_pb2.UpdateTaxMappingRequest, path: str, fields: Fields
) -> tuple[Connection, TaxDecision]:
    message = request.tax_mapping
    at = f"{path}tax_mapping"
    key, tax_type = fields.under_connection(f"{at}.name", message.name, _COLLECTION)
    return key, TaxDecision(
        tax_type=tax_type,
        fields=masks.named(request.update_mask, message, _SETTABLE, fields, path),
        tax_code=message.tax_code,
        not_used=message.not_used,
        confirm_rate_mismatch=request.confirm_rate_mismatch,
        etag=message.etag,
    )
