import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Invoice(_message.Message):
    __slots__ = ("name", "number", "customer", "state", "currency_code", "invoice_date", "due_date", "line_amounts", "reference", "lines", "freight", "subtotal", "total_tax", "total", "link", "create_time", "update_time", "etag", "external_id")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Invoice.State]
        STATE_DRAFT: _ClassVar[Invoice.State]
        STATE_CONFIRMED: _ClassVar[Invoice.State]
        STATE_VOID: _ClassVar[Invoice.State]
    STATE_UNSPECIFIED: Invoice.State
    STATE_DRAFT: Invoice.State
    STATE_CONFIRMED: Invoice.State
    STATE_VOID: Invoice.State
    class LineAmounts(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LINE_AMOUNTS_UNSPECIFIED: _ClassVar[Invoice.LineAmounts]
        LINE_AMOUNTS_EXCLUSIVE: _ClassVar[Invoice.LineAmounts]
        LINE_AMOUNTS_INCLUSIVE: _ClassVar[Invoice.LineAmounts]
        LINE_AMOUNTS_NO_TAX: _ClassVar[Invoice.LineAmounts]
    LINE_AMOUNTS_UNSPECIFIED: Invoice.LineAmounts
    LINE_AMOUNTS_EXCLUSIVE: Invoice.LineAmounts
    LINE_AMOUNTS_INCLUSIVE: Invoice.LineAmounts
    LINE_AMOUNTS_NO_TAX: Invoice.LineAmounts
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    CURRENCY_CODE_FIELD_NUMBER: _ClassVar[int]
    INVOICE_DATE_FIELD_NUMBER: _ClassVar[int]
    DUE_DATE_FIELD_NUMBER: _ClassVar[int]
    LINE_AMOUNTS_FIELD_NUMBER: _ClassVar[int]
    REFERENCE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    FREIGHT_FIELD_NUMBER: _ClassVar[int]
    SUBTOTAL_FIELD_NUMBER: _ClassVar[int]
    TOTAL_TAX_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    LINK_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: str
    customer: str
    state: Invoice.State
    currency_code: str
    invoice_date: str
    due_date: str
    line_amounts: Invoice.LineAmounts
    reference: str
    lines: _containers.RepeatedCompositeFieldContainer[InvoiceLine]
    freight: Freight
    subtotal: str
    total_tax: str
    total: str
    link: InvoiceLink
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    external_id: str
    def __init__(self, name: _Optional[str] = ..., number: _Optional[str] = ..., customer: _Optional[str] = ..., state: _Optional[_Union[Invoice.State, str]] = ..., currency_code: _Optional[str] = ..., invoice_date: _Optional[str] = ..., due_date: _Optional[str] = ..., line_amounts: _Optional[_Union[Invoice.LineAmounts, str]] = ..., reference: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[InvoiceLine, _Mapping]]] = ..., freight: _Optional[_Union[Freight, _Mapping]] = ..., subtotal: _Optional[str] = ..., total_tax: _Optional[str] = ..., total: _Optional[str] = ..., link: _Optional[_Union[InvoiceLink, _Mapping]] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., external_id: _Optional[str] = ...) -> None: ...

class InvoiceLine(_message.Message):
    __slots__ = ("product", "description", "quantity", "unit_price", "discount_percent", "tax_code", "line_amount", "tax_amount")
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    QUANTITY_FIELD_NUMBER: _ClassVar[int]
    UNIT_PRICE_FIELD_NUMBER: _ClassVar[int]
    DISCOUNT_PERCENT_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    LINE_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    TAX_AMOUNT_FIELD_NUMBER: _ClassVar[int]
    product: str
    description: str
    quantity: str
    unit_price: str
    discount_percent: str
    tax_code: str
    line_amount: str
    tax_amount: str
    def __init__(self, product: _Optional[str] = ..., description: _Optional[str] = ..., quantity: _Optional[str] = ..., unit_price: _Optional[str] = ..., discount_percent: _Optional[str] = ..., tax_code: _Optional[str] = ..., line_amount: _Optional[str] = ..., tax_amount: _Optional[str] = ...) -> None: ...

class Freight(_message.Message):
    __slots__ = ("state", "amount", "tax_code")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Freight.State]
        STATE_NONE: _ClassVar[Freight.State]
        STATE_TO_BE_CONFIRMED: _ClassVar[Freight.State]
        STATE_FIXED: _ClassVar[Freight.State]
    STATE_UNSPECIFIED: Freight.State
    STATE_NONE: Freight.State
    STATE_TO_BE_CONFIRMED: Freight.State
    STATE_FIXED: Freight.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    state: Freight.State
    amount: str
    tax_code: str
    def __init__(self, state: _Optional[_Union[Freight.State, str]] = ..., amount: _Optional[str] = ..., tax_code: _Optional[str] = ...) -> None: ...

class InvoiceLink(_message.Message):
    __slots__ = ("name", "invoice", "organisation", "push_state", "provider_invoice_id", "provider_number", "provider_status", "provider_subtotal", "provider_total_tax", "provider_total", "amount_due", "amount_paid", "amount_credited", "fully_paid_date", "variance", "link_time", "refresh_time", "refusal")
    class PushState(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        PUSH_STATE_UNSPECIFIED: _ClassVar[InvoiceLink.PushState]
        PUSH_STATE_PENDING: _ClassVar[InvoiceLink.PushState]
        PUSH_STATE_SENT: _ClassVar[InvoiceLink.PushState]
        PUSH_STATE_LINKED: _ClassVar[InvoiceLink.PushState]
        PUSH_STATE_REJECTED: _ClassVar[InvoiceLink.PushState]
        PUSH_STATE_UNCERTAIN: _ClassVar[InvoiceLink.PushState]
    PUSH_STATE_UNSPECIFIED: InvoiceLink.PushState
    PUSH_STATE_PENDING: InvoiceLink.PushState
    PUSH_STATE_SENT: InvoiceLink.PushState
    PUSH_STATE_LINKED: InvoiceLink.PushState
    PUSH_STATE_REJECTED: InvoiceLink.PushState
    PUSH_STATE_UNCERTAIN: InvoiceLink.PushState
    NAME_FIELD_NUMBER: _ClassVar[int]
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    PUSH_STATE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_INVOICE_ID_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_NUMBER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_STATUS_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_SUBTOTAL_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_TOTAL_TAX_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_TOTAL_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_DUE_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_PAID_FIELD_NUMBER: _ClassVar[int]
    AMOUNT_CREDITED_FIELD_NUMBER: _ClassVar[int]
    FULLY_PAID_DATE_FIELD_NUMBER: _ClassVar[int]
    VARIANCE_FIELD_NUMBER: _ClassVar[int]
    LINK_TIME_FIELD_NUMBER: _ClassVar[int]
    REFRESH_TIME_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    name: str
    invoice: str
    organisation: str
    push_state: InvoiceLink.PushState
    provider_invoice_id: str
    provider_number: str
    provider_status: str
    provider_subtotal: str
    provider_total_tax: str
    provider_total: str
    amount_due: str
    amount_paid: str
    amount_credited: str
    fully_paid_date: str
    variance: InvoiceVariance
    link_time: _timestamp_pb2.Timestamp
    refresh_time: _timestamp_pb2.Timestamp
    refusal: InvoiceRefusal
    def __init__(self, name: _Optional[str] = ..., invoice: _Optional[str] = ..., organisation: _Optional[str] = ..., push_state: _Optional[_Union[InvoiceLink.PushState, str]] = ..., provider_invoice_id: _Optional[str] = ..., provider_number: _Optional[str] = ..., provider_status: _Optional[str] = ..., provider_subtotal: _Optional[str] = ..., provider_total_tax: _Optional[str] = ..., provider_total: _Optional[str] = ..., amount_due: _Optional[str] = ..., amount_paid: _Optional[str] = ..., amount_credited: _Optional[str] = ..., fully_paid_date: _Optional[str] = ..., variance: _Optional[_Union[InvoiceVariance, _Mapping]] = ..., link_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., refresh_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., refusal: _Optional[_Union[InvoiceRefusal, _Mapping]] = ...) -> None: ...

class InvoiceRefusal(_message.Message):
    __slots__ = ("code", "message")
    CODE_FIELD_NUMBER: _ClassVar[int]
    MESSAGE_FIELD_NUMBER: _ClassVar[int]
    code: str
    message: str
    def __init__(self, code: _Optional[str] = ..., message: _Optional[str] = ...) -> None: ...

class InvoiceVariance(_message.Message):
    __slots__ = ("total_difference", "lines", "summary")
    TOTAL_DIFFERENCE_FIELD_NUMBER: _ClassVar[int]
    LINES_FIELD_NUMBER: _ClassVar[int]
    SUMMARY_FIELD_NUMBER: _ClassVar[int]
    total_difference: str
    lines: _containers.RepeatedCompositeFieldContainer[VarianceLine]
    summary: str
    def __init__(self, total_difference: _Optional[str] = ..., lines: _Optional[_Iterable[_Union[VarianceLine, _Mapping]]] = ..., summary: _Optional[str] = ...) -> None: ...

class VarianceLine(_message.Message):
    __slots__ = ("line_number", "field", "ours", "theirs")
    LINE_NUMBER_FIELD_NUMBER: _ClassVar[int]
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OURS_FIELD_NUMBER: _ClassVar[int]
    THEIRS_FIELD_NUMBER: _ClassVar[int]
    line_number: int
    field: str
    ours: str
    theirs: str
    def __init__(self, line_number: _Optional[int] = ..., field: _Optional[str] = ..., ours: _Optional[str] = ..., theirs: _Optional[str] = ...) -> None: ...
