import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from syncline.v1 import ownership_pb2 as _ownership_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Product(_message.Message):
    __slots__ = ("name", "sku", "display_name", "tax_code", "stock_quantity", "default_price", "category", "active", "out_of_stock", "zero_price_allowed", "unit_of_measure", "owned_fields", "mapped_to", "create_time", "update_time", "etag", "field_sources", "external_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    SKU_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    TAX_CODE_FIELD_NUMBER: _ClassVar[int]
    STOCK_QUANTITY_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_PRICE_FIELD_NUMBER: _ClassVar[int]
    CATEGORY_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    OUT_OF_STOCK_FIELD_NUMBER: _ClassVar[int]
    ZERO_PRICE_ALLOWED_FIELD_NUMBER: _ClassVar[int]
    UNIT_OF_MEASURE_FIELD_NUMBER: _ClassVar[int]
    OWNED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    MAPPED_TO_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    FIELD_SOURCES_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    sku: str
    display_name: str
    tax_code: str
    stock_quantity: str
    default_price: str
    category: str
    active: bool
    out_of_stock: bool
    zero_price_allowed: bool
    unit_of_measure: str
    owned_fields: _containers.RepeatedCompositeFieldContainer[_ownership_pb2.OwnedField]
    mapped_to: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    field_sources: _containers.RepeatedCompositeFieldContainer[_ownership_pb2.FieldSource]
    external_id: str
    def __init__(self, name: _Optional[str] = ..., sku: _Optional[str] = ..., display_name: _Optional[str] = ..., tax_code: _Optional[str] = ..., stock_quantity: _Optional[str] = ..., default_price: _Optional[str] = ..., category: _Optional[str] = ..., active: _Optional[bool] = ..., out_of_stock: _Optional[bool] = ..., zero_price_allowed: _Optional[bool] = ..., unit_of_measure: _Optional[str] = ..., owned_fields: _Optional[_Iterable[_Union[_ownership_pb2.OwnedField, _Mapping]]] = ..., mapped_to: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., field_sources: _Optional[_Iterable[_Union[_ownership_pb2.FieldSource, _Mapping]]] = ..., external_id: _Optional[str] = ...) -> None: ...
