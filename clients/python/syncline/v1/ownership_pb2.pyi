import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class OwnedField(_message.Message):
    __slots__ = ("field", "owner", "module", "reason")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    field: str
    owner: str
    module: str
    reason: str
    def __init__(self, field: _Optional[str] = ..., owner: _Optional[str] = ..., module: _Optional[str] = ..., reason: _Optional[str] = ...) -> None: ...

class FieldSource(_message.Message):
    __slots__ = ("field", "source", "organisation", "update_time")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    SOURCE_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    field: str
    source: str
    organisation: str
    update_time: _timestamp_pb2.Timestamp
    def __init__(self, field: _Optional[str] = ..., source: _Optional[str] = ..., organisation: _Optional[str] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class FieldOwnership(_message.Message):
    __slots__ = ("provider_fields", "local_fields")
    PROVIDER_FIELDS_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELDS_FIELD_NUMBER: _ClassVar[int]
    provider_fields: _containers.RepeatedCompositeFieldContainer[RecordField]
    local_fields: _containers.RepeatedCompositeFieldContainer[RecordField]
    def __init__(self, provider_fields: _Optional[_Iterable[_Union[RecordField, _Mapping]]] = ..., local_fields: _Optional[_Iterable[_Union[RecordField, _Mapping]]] = ...) -> None: ...

class RecordField(_message.Message):
    __slots__ = ("field", "title", "setting")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    SETTING_FIELD_NUMBER: _ClassVar[int]
    field: str
    title: str
    setting: str
    def __init__(self, field: _Optional[str] = ..., title: _Optional[str] = ..., setting: _Optional[str] = ...) -> None: ...
