import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from syncline.v1 import customer_pb2 as _customer_pb2
from syncline.v1 import invoice_pb2 as _invoice_pb2
from syncline.v1 import mapping_pb2 as _mapping_pb2
from syncline.v1 import product_pb2 as _product_pb2
from syncline.v1 import tax_code_pb2 as _tax_code_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Change(_message.Message):
    __slots__ = ("name", "kind", "change_time", "customer", "product", "tax_code", "invoice", "contact_mapping", "item_mapping", "tax_mapping", "invoice_link")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Change.Kind]
        KIND_CUSTOMER: _ClassVar[Change.Kind]
        KIND_PRODUCT: _ClassVar[Change.Kind]
        KIND_TAX_CODE: _ClassVar[Change.Kind]
        KIND_INVOICE: _ClassVar[Change.Kind]
        KIND_CONTACT_MAPPING: _ClassVar[Change.Kind]
        KIND_ITEM_MAPPING: _ClassVar[Change.Kind]
        KIND_TAX_MAPPING: _ClassVar[Change.Kind]
        KIND_INVOICE_LINK: _ClassVar[Change.Kind]
        KIND_CONNECTION: _ClassVar[Change.Kind]
    KIND_UNSPECIFIED: Change.Kind
    KIND_CUSTOMER: Change.Kind
    KIND_PRODUCT: Change.Kind
    KIND_TAX_CODE: Change.Kind
    KIND_INVOICE: Change.Kind
    KIND_CONTACT_MAPPING: Change.Kind
    KIND_ITEM_MAPPING: Change.Kind
    KIND_TAX_MAPPING: Change.Kind
    KIND_INVOICE_LINK: Change.Kind
    KIND_CONNECTION: Change.Kind
    NAME_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    CHANGE_TIME_FIELD_NUMBER: _ClassVar[int]
    CUSTOMER_FIELD_NUMBER: _ClassVar[int]
    PRODUCT_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_MAPPING_FIELD_NUMBER: _ClassVar[int]
    ITEM_MAPPING_FIELD_NUMBER: _ClassVar[int]
    TAX_MAPPING_FIELD_NUMBER: _ClassVar[int]
    INVOICE_LINK_FIELD_NUMBER: _ClassVar[int]
    name: str
    kind: Change.Kind
    change_time: _timestamp_pb2.Timestamp
    customer: _customer_pb2.Customer
    product: _product_pb2.Product
    tax_code: _tax_code_pb2.TaxCode
    invoice: _invoice_pb2.Invoice
    contact_mapping: _mapping_pb2.ContactMapping
    item_mapping: _mapping_pb2.ItemMapping
    tax_mapping: _mapping_pb2.TaxMapping
    invoice_link: _invoice_pb2.InvoiceLink
    def __init__(self, name: _Optional[str] = ..., kind: _Optional[_Union[Change.Kind, str]] = ..., change_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., customer: _Optional[_Union[_customer_pb2.Customer, _Mapping]] = ..., product: _Optional[_Union[_product_pb2.Product, _Mapping]] = ..., tax_code: _Optional[_Union[_tax_code_pb2.TaxCode, _Mapping]] = ..., invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ..., contact_mapping: _Optional[_Union[_mapping_pb2.ContactMapping, _Mapping]] = ..., item_mapping: _Optional[_Union[_mapping_pb2.ItemMapping, _Mapping]] = ..., tax_mapping: _Optional[_Union[_mapping_pb2.TaxMapping, _Mapping]] = ..., invoice_link: _Optional[_Union[_invoice_pb2.InvoiceLink, _Mapping]] = ...) -> None: ...
