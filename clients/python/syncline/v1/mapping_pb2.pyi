import datetime

from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class RecordMappingState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    RECORD_MAPPING_STATE_UNSPECIFIED: _ClassVar[RecordMappingState]
    RECORD_MAPPING_STATE_UNMAPPED: _ClassVar[RecordMappingState]
    RECORD_MAPPING_STATE_MAPPED: _ClassVar[RecordMappingState]
    RECORD_MAPPING_STATE_AMBIGUOUS: _ClassVar[RecordMappingState]
    RECORD_MAPPING_STATE_NEEDS_REVIEW: _ClassVar[RecordMappingState]
RECORD_MAPPING_STATE_UNSPECIFIED: RecordMappingState
RECORD_MAPPING_STATE_UNMAPPED: RecordMappingState
RECORD_MAPPING_STATE_MAPPED: RecordMappingState
RECORD_MAPPING_STATE_AMBIGUOUS: RecordMappingState
RECORD_MAPPING_STATE_NEEDS_REVIEW: RecordMappingState

class GetTaxMappingRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetTaxMappingResponse(_message.Message):
    __slots__ = ("tax_mapping",)
    TAX_MAPPING_FIELD_NUMBER: _ClassVar[int]
    tax_mapping: TaxMapping
    def __init__(self, tax_mapping: _Optional[_Union[TaxMapping, _Mapping]] = ...) -> None: ...

class ListTaxMappingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "states", "query")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[TaxMapping.State]
    query: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[TaxMapping.State, str]]] = ..., query: _Optional[str] = ...) -> None: ...

class ListTaxMappingsResponse(_message.Message):
    __slots__ = ("tax_mappings", "next_page_token")
    TAX_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    tax_mappings: _containers.RepeatedCompositeFieldContainer[TaxMapping]
    next_page_token: str
    def __init__(self, tax_mappings: _Optional[_Iterable[_Union[TaxMapping, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class UpdateTaxMappingRequest(_message.Message):
    __slots__ = ("tax_mapping", "update_mask", "confirm_rate_mismatch")
    TAX_MAPPING_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_RATE_MISMATCH_FIELD_NUMBER: _ClassVar[int]
    tax_mapping: TaxMapping
    update_mask: _field_mask_pb2.FieldMask
    confirm_rate_mismatch: bool
    def __init__(self, tax_mapping: _Optional[_Union[TaxMapping, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ..., confirm_rate_mismatch: _Optional[bool] = ...) -> None: ...

class UpdateTaxMappingResponse(_message.Message):
    __slots__ = ("tax_mapping",)
    TAX_MAPPING_FIELD_NUMBER: _ClassVar[int]
    tax_mapping: TaxMapping
    def __init__(self, tax_mapping: _Optional[_Union[TaxMapping, _Mapping]] = ...) -> None: ...

class BatchUpdateTaxMappingsRequest(_message.Message):
    __slots__ = ("parent", "requests")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    REQUESTS_FIELD_NUMBER: _ClassVar[int]
    parent: str
    requests: _containers.RepeatedCompositeFieldContainer[UpdateTaxMappingRequest]
    def __init__(self, parent: _Optional[str] = ..., requests: _Optional[_Iterable[_Union[UpdateTaxMappingRequest, _Mapping]]] = ...) -> None: ...

class BatchUpdateTaxMappingsResponse(_message.Message):
    __slots__ = ("tax_mappings",)
    TAX_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    tax_mappings: _containers.RepeatedCompositeFieldContainer[TaxMapping]
    def __init__(self, tax_mappings: _Optional[_Iterable[_Union[TaxMapping, _Mapping]]] = ...) -> None: ...

class GetContactMappingRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetContactMappingResponse(_message.Message):
    __slots__ = ("contact_mapping",)
    CONTACT_MAPPING_FIELD_NUMBER: _ClassVar[int]
    contact_mapping: ContactMapping
    def __init__(self, contact_mapping: _Optional[_Union[ContactMapping, _Mapping]] = ...) -> None: ...

class ListContactMappingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "states", "query")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[RecordMappingState]
    query: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[RecordMappingState, str]]] = ..., query: _Optional[str] = ...) -> None: ...

class ListContactMappingsResponse(_message.Message):
    __slots__ = ("contact_mappings", "next_page_token")
    CONTACT_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    contact_mappings: _containers.RepeatedCompositeFieldContainer[ContactMapping]
    next_page_token: str
    def __init__(self, contact_mappings: _Optional[_Iterable[_Union[ContactMapping, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AssignContactMappingRequest(_message.Message):
    __slots__ = ("name", "customer", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    customer: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., customer: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class AssignContactMappingResponse(_message.Message):
    __slots__ = ("contact_mapping",)
    CONTACT_MAPPING_FIELD_NUMBER: _ClassVar[int]
    contact_mapping: ContactMapping
    def __init__(self, contact_mapping: _Optional[_Union[ContactMapping, _Mapping]] = ...) -> None: ...

class RemoveContactMappingRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class RemoveContactMappingResponse(_message.Message):
    __slots__ = ("contact_mapping",)
    CONTACT_MAPPING_FIELD_NUMBER: _ClassVar[int]
    contact_mapping: ContactMapping
    def __init__(self, contact_mapping: _Optional[_Union[ContactMapping, _Mapping]] = ...) -> None: ...

class GetItemMappingRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetItemMappingResponse(_message.Message):
    __slots__ = ("item_mapping",)
    ITEM_MAPPING_FIELD_NUMBER: _ClassVar[int]
    item_mapping: ItemMapping
    def __init__(self, item_mapping: _Optional[_Union[ItemMapping, _Mapping]] = ...) -> None: ...

class ListItemMappingsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "states", "query")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    STATES_FIELD_NUMBER: _ClassVar[int]
    QUERY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    states: _containers.RepeatedScalarFieldContainer[RecordMappingState]
    query: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., states: _Optional[_Iterable[_Union[RecordMappingState, str]]] = ..., query: _Optional[str] = ...) -> None: ...

class ListItemMappingsResponse(_message.Message):
    __slots__ = ("item_mappings", "next_page_token")
    ITEM_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    item_mappings: _containers.RepeatedCompositeFieldContainer[ItemMapping]
    next_page_token: str
    def __init__(self, item_mappings: _Optional[_Iterable[_Union[ItemMapping, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AssignItemMappingRequest(_message.Message):
    __slots__ = ("name", "product", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    product: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., product: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class AssignItemMappingResponse(_message.Message):
    __slots__ = ("item_mapping",)
    ITEM_MAPPING_FIELD_NUMBER: _ClassVar[int]
    item_mapping: ItemMapping
    def __init__(self, item_mapping: _Optional[_Union[ItemMapping, _Mapping]] = ...) -> None: ...

class RemoveItemMappingRequest(_message.Message):
    __slots__ = ("name", "etag")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    etag: str
    def __init__(self, name: _Optional[str] = ..., etag: _Optional[str] = ...) -> None: ...

class RemoveItemMappingResponse(_message.Message):
    __slots__ = ("item_mapping",)
    ITEM_MAPPING_FIELD_NUMBER: _ClassVar[int]
    item_mapping: ItemMapping
    def __init__(self, item_mapping: _Optional[_Union[ItemMapping, _Mapping]] = ...) -> None: ...

class TaxMapping(_message.Message):
    __slots__ = ("name", "tax_type", "title", "rate", "active", "applies_to_sales", "state", "tax_code", "not_used", "suggestion", "review_reason", "update_time", "etag")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[TaxMapping.State]
        STATE_UNMAPPED: _ClassVar[TaxMapping.State]
        STATE_MAPPED: _ClassVar[TaxMapping.State]
        STATE_NEEDS_REVIEW: _ClassVar[TaxMapping.State]
        STATE_NOT_USED: _ClassVar[TaxMapping.State]
    STATE_UNSPECIFIED: TaxMapping.State
    STATE_UNMAPPED: TaxMapping.State
    STATE_MAPPED: TaxMapping.State
    STATE_NEEDS_REVIEW: TaxMapping.State
    STATE_NOT_USED: TaxMapping.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    TAX_TYPE_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    RATE_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    APPLIES_TO_SALES_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    NOT_USED_FIELD_NUMBER: _ClassVar[int]
    SUGGESTION_FIELD_NUMBER: _ClassVar[int]
    REVIEW_REASON_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    tax_type: str
    title: str
    rate: str
    active: bool
    applies_to_sales: bool
    state: TaxMapping.State
    tax_code: str
    not_used: bool
    suggestion: str
    review_reason: str
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., tax_type: _Optional[str] = ..., title: _Optional[str] = ..., rate: _Optional[str] = ..., active: _Optional[bool] = ..., applies_to_sales: _Optional[bool] = ..., state: _Optional[_Union[TaxMapping.State, str]] = ..., tax_code: _Optional[str] = ..., not_used: _Optional[bool] = ..., suggestion: _Optional[str] = ..., review_reason: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class MappingCandidate(_message.Message):
    __slots__ = ("record", "display_name", "code")
    RECORD_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    record: str
    display_name: str
    code: str
    def __init__(self, record: _Optional[str] = ..., display_name: _Optional[str] = ..., code: _Optional[str] = ...) -> None: ...

class ContactMapping(_message.Message):
    __slots__ = ("name", "contact_id", "contact_name", "contact_code", "contact_email", "contact_active", "state", "customer", "candidates", "update_time", "etag", "customer_display_name", "detached", "review_reason", "customer_code", "candidate_records")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ID_FIELD_NUMBER: _ClassVar[int]
    CONTACT_NAME_FIELD_NUMBER: _ClassVar[int]
    CONTACT_CODE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_EMAIL_FIELD_NUMBER: _ClassVar[int]
    CONTACT_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DETACHED_FIELD_NUMBER: _ClassVar[int]
    REVIEW_REASON_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_CODE_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_RECORDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    contact_id: str
    contact_name: str
    contact_code: str
    contact_email: str
    contact_active: bool
    state: RecordMappingState
    customer: str
    candidates: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    etag: str
    customer_display_name: str
    detached: bool
    review_reason: str
    customer_code: str
    candidate_records: _containers.RepeatedCompositeFieldContainer[MappingCandidate]
    def __init__(self, name: _Optional[str] = ..., contact_id: _Optional[str] = ..., contact_name: _Optional[str] = ..., contact_code: _Optional[str] = ..., contact_email: _Optional[str] = ..., contact_active: _Optional[bool] = ..., state: _Optional[_Union[RecordMappingState, str]] = ..., customer: _Optional[str] = ..., candidates: _Optional[_Iterable[str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., customer_display_name: _Optional[str] = ..., detached: _Optional[bool] = ..., review_reason: _Optional[str] = ..., customer_code: _Optional[str] = ..., candidate_records: _Optional[_Iterable[_Union[MappingCandidate, _Mapping]]] = ...) -> None: ...

class ItemMapping(_message.Message):
    __slots__ = ("name", "item_id", "item_name", "item_code", "item_active", "state", "product", "candidates", "update_time", "etag", "product_display_name", "detached", "review_reason", "product_sku", "candidate_records")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ITEM_ID_FIELD_NUMBER: _ClassVar[int]
    ITEM_NAME_FIELD_NUMBER: _ClassVar[int]
    ITEM_CODE_FIELD_NUMBER: _ClassVar[int]
    ITEM_ACTIVE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    DETACHED_FIELD_NUMBER: _ClassVar[int]
    REVIEW_REASON_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_SKU_FIELD_NUMBER: _ClassVar[int]
    CANDIDATE_RECORDS_FIELD_NUMBER: _ClassVar[int]
    name: str
    item_id: str
    item_name: str
    item_code: str
    item_active: bool
    state: RecordMappingState
    product: str
    candidates: _containers.RepeatedScalarFieldContainer[str]
    update_time: _timestamp_pb2.Timestamp
    etag: str
    product_display_name: str
    detached: bool
    review_reason: str
    product_sku: str
    candidate_records: _containers.RepeatedCompositeFieldContainer[MappingCandidate]
    def __init__(self, name: _Optional[str] = ..., item_id: _Optional[str] = ..., item_name: _Optional[str] = ..., item_code: _Optional[str] = ..., item_active: _Optional[bool] = ..., state: _Optional[_Union[RecordMappingState, str]] = ..., product: _Optional[str] = ..., candidates: _Optional[_Iterable[str]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., product_display_name: _Optional[str] = ..., detached: _Optional[bool] = ..., review_reason: _Optional[str] = ..., product_sku: _Optional[str] = ..., candidate_records: _Optional[_Iterable[_Union[MappingCandidate, _Mapping]]] = ...) -> None: ...
