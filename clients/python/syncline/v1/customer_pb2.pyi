import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from syncline.v1 import ownership_pb2 as _ownership_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Customer(_message.Message):
    __slots__ = ("name", "code", "display_name", "email", "phone", "address", "active", "contact_person", "web_access", "notes", "owned_fields", "mapped_to", "create_time", "update_time", "etag", "field_sources", "external_id")
    NAME_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    EMAIL_FIELD_NUMBER: _ClassVar[int]
    PHONE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_FIELD_NUMBER: _ClassVar[int]
    CONTACT_PERSON_FIELD_NUMBER: _ClassVar[int]
    WEB_ACCESS_FIELD_NUMBER: _ClassVar[int]
    NOTES_FIELD_NUMBER: _ClassVar[int]
    OWNED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    MAPPED_TO_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    FIELD_SOURCES_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    name: str
    code: str
    display_name: str
    email: str
    phone: str
    address: Address
    active: bool
    contact_person: str
    web_access: bool
    notes: str
    owned_fields: _containers.RepeatedCompositeFieldContainer[_ownership_pb2.OwnedField]
    mapped_to: str
    create_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    field_sources: _containers.RepeatedCompositeFieldContainer[_ownership_pb2.FieldSource]
    external_id: str
    def __init__(self, name: _Optional[str] = ..., code: _Optional[str] = ..., display_name: _Optional[str] = ..., email: _Optional[str] = ..., phone: _Optional[str] = ..., address: _Optional[_Union[Address, _Mapping]] = ..., active: _Optional[bool] = ..., contact_person: _Optional[str] = ..., web_access: _Optional[bool] = ..., notes: _Optional[str] = ..., owned_fields: _Optional[_Iterable[_Union[_ownership_pb2.OwnedField, _Mapping]]] = ..., mapped_to: _Optional[str] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., field_sources: _Optional[_Iterable[_Union[_ownership_pb2.FieldSource, _Mapping]]] = ..., external_id: _Optional[str] = ...) -> None: ...

class Address(_message.Message):
    __slots__ = ("lines", "city", "region", "postal_code", "country", "attention_to")
    LINES_FIELD_NUMBER: _ClassVar[int]
    CITY_FIELD_NUMBER: _ClassVar[int]
    REGION_FIELD_NUMBER: _ClassVar[int]
    POSTAL_CODE_FIELD_NUMBER: _ClassVar[int]
    COUNTRY_FIELD_NUMBER: _ClassVar[int]
    ATTENTION_TO_FIELD_NUMBER: _ClassVar[int]
    lines: _containers.RepeatedScalarFieldContainer[str]
    city: str
    region: str
    postal_code: str
    country: str
    attention_to: str
    def __init__(self, lines: _Optional[_Iterable[str]] = ..., city: _Optional[str] = ..., region: _Optional[str] = ..., postal_code: _Optional[str] = ..., country: _Optional[str] = ..., attention_to: _Optional[str] = ...) -> None: ...
