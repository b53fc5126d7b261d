import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class ListAuditEntriesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token", "start_time", "end_time", "subject", "person", "method", "refused_only")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    START_TIME_FIELD_NUMBER: _ClassVar[int]
    END_TIME_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    REFUSED_ONLY_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    start_time: _timestamp_pb2.Timestamp
    end_time: _timestamp_pb2.Timestamp
    subject: str
    person: str
    method: str
    refused_only: bool
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ..., start_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., subject: _Optional[str] = ..., person: _Optional[str] = ..., method: _Optional[str] = ..., refused_only: _Optional[bool] = ...) -> None: ...

class ListAuditEntriesResponse(_message.Message):
    __slots__ = ("entries", "next_page_token")
    ENTRIES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    entries: _containers.RepeatedCompositeFieldContainer[AuditEntry]
    next_page_token: str
    def __init__(self, entries: _Optional[_Iterable[_Union[AuditEntry, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class AuditEntry(_message.Message):
    __slots__ = ("name", "number", "create_time", "stage", "method", "subject", "title", "credentials", "person", "person_title", "address", "code", "reason", "request_id", "resources", "more_resources_count", "edits", "begun", "omitted_count", "hash")
    class Stage(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STAGE_UNSPECIFIED: _ClassVar[AuditEntry.Stage]
        STAGE_DONE: _ClassVar[AuditEntry.Stage]
        STAGE_BEGUN: _ClassVar[AuditEntry.Stage]
        STAGE_ENDED: _ClassVar[AuditEntry.Stage]
    STAGE_UNSPECIFIED: AuditEntry.Stage
    STAGE_DONE: AuditEntry.Stage
    STAGE_BEGUN: AuditEntry.Stage
    STAGE_ENDED: AuditEntry.Stage
    class Credentials(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        CREDENTIALS_UNSPECIFIED: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_ACCESS_TOKEN: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_LOCAL: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_COMMAND: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_SYSTEM: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_SIGNED_TOKEN: _ClassVar[AuditEntry.Credentials]
        CREDENTIALS_CERTIFICATE: _ClassVar[AuditEntry.Credentials]
    CREDENTIALS_UNSPECIFIED: AuditEntry.Credentials
    CREDENTIALS_ACCESS_TOKEN: AuditEntry.Credentials
    CREDENTIALS_LOCAL: AuditEntry.Credentials
    CREDENTIALS_COMMAND: AuditEntry.Credentials
    CREDENTIALS_SYSTEM: AuditEntry.Credentials
    CREDENTIALS_SIGNED_TOKEN: AuditEntry.Credentials
    CREDENTIALS_CERTIFICATE: AuditEntry.Credentials
    NAME_FIELD_NUMBER: _ClassVar[int]
    NUMBER_FIELD_NUMBER: _ClassVar[int]
    CREATE_TIME_FIELD_NUMBER: _ClassVar[int]
    STAGE_FIELD_NUMBER: _ClassVar[int]
    METHOD_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    CREDENTIALS_FIELD_NUMBER: _ClassVar[int]
    PERSON_FIELD_NUMBER: _ClassVar[int]
    PERSON_TITLE_FIELD_NUMBER: _ClassVar[int]
    ADDRESS_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    REASON_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    RESOURCES_FIELD_NUMBER: _ClassVar[int]
    MORE_RESOURCES_COUNT_FIELD_NUMBER: _ClassVar[int]
    EDITS_FIELD_NUMBER: _ClassVar[int]
    BEGUN_FIELD_NUMBER: _ClassVar[int]
    OMITTED_COUNT_FIELD_NUMBER: _ClassVar[int]
    HASH_FIELD_NUMBER: _ClassVar[int]
    name: str
    number: int
    create_time: _timestamp_pb2.Timestamp
    stage: AuditEntry.Stage
    method: str
    subject: str
    title: str
    credentials: AuditEntry.Credentials
    person: str
    person_title: str
    address: str
    code: str
    reason: str
    request_id: str
    resources: _containers.RepeatedScalarFieldContainer[str]
    more_resources_count: int
    edits: _containers.RepeatedCompositeFieldContainer[AuditEdit]
    begun: int
    omitted_count: int
    hash: str
    def __init__(self, name: _Optional[str] = ..., number: _Optional[int] = ..., create_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., stage: _Optional[_Union[AuditEntry.Stage, str]] = ..., method: _Optional[str] = ..., subject: _Optional[str] = ..., title: _Optional[str] = ..., credentials: _Optional[_Union[AuditEntry.Credentials, str]] = ..., person: _Optional[str] = ..., person_title: _Optional[str] = ..., address: _Optional[str] = ..., code: _Optional[str] = ..., reason: _Optional[str] = ..., request_id: _Optional[str] = ..., resources: _Optional[_Iterable[str]] = ..., more_resources_count: _Optional[int] = ..., edits: _Optional[_Iterable[_Union[AuditEdit, _Mapping]]] = ..., begun: _Optional[int] = ..., omitted_count: _Optional[int] = ..., hash: _Optional[str] = ...) -> None: ...

class AuditEdit(_message.Message):
    __slots__ = ("field", "old_value", "new_value")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OLD_VALUE_FIELD_NUMBER: _ClassVar[int]
    NEW_VALUE_FIELD_NUMBER: _ClassVar[int]
    field: str
    old_value: str
    new_value: str
    def __init__(self, field: _Optional[str] = ..., old_value: _Optional[str] = ..., new_value: _Optional[str] = ...) -> None: ...
