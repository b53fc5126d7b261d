import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from syncline.v1 import record_pb2 as _record_pb2
from syncline.v1 import run_pb2 as _run_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class SyncPlan(_message.Message):
    __slots__ = ("complete", "calls", "total", "full_read", "read_since_time", "counts", "samples", "preflight")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[SyncPlan.Outcome]
        OUTCOME_CREATE: _ClassVar[SyncPlan.Outcome]
        OUTCOME_MATCH: _ClassVar[SyncPlan.Outcome]
        OUTCOME_UPDATE: _ClassVar[SyncPlan.Outcome]
        OUTCOME_ARCHIVE: _ClassVar[SyncPlan.Outcome]
        OUTCOME_UNCHANGED: _ClassVar[SyncPlan.Outcome]
        OUTCOME_AMBIGUOUS: _ClassVar[SyncPlan.Outcome]
        OUTCOME_REVIEW: _ClassVar[SyncPlan.Outcome]
        OUTCOME_SKIP: _ClassVar[SyncPlan.Outcome]
        OUTCOME_FAIL: _ClassVar[SyncPlan.Outcome]
    OUTCOME_UNSPECIFIED: SyncPlan.Outcome
    OUTCOME_CREATE: SyncPlan.Outcome
    OUTCOME_MATCH: SyncPlan.Outcome
    OUTCOME_UPDATE: SyncPlan.Outcome
    OUTCOME_ARCHIVE: SyncPlan.Outcome
    OUTCOME_UNCHANGED: SyncPlan.Outcome
    OUTCOME_AMBIGUOUS: SyncPlan.Outcome
    OUTCOME_REVIEW: SyncPlan.Outcome
    OUTCOME_SKIP: SyncPlan.Outcome
    OUTCOME_FAIL: SyncPlan.Outcome
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    CALLS_FIELD_NUMBER: _ClassVar[int]
    TOTAL_FIELD_NUMBER: _ClassVar[int]
    FULL_READ_FIELD_NUMBER: _ClassVar[int]
    READ_SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    COUNTS_FIELD_NUMBER: _ClassVar[int]
    SAMPLES_FIELD_NUMBER: _ClassVar[int]
    PREFLIGHT_FIELD_NUMBER: _ClassVar[int]
    complete: bool
    calls: int
    total: int
    full_read: bool
    read_since_time: _timestamp_pb2.Timestamp
    counts: _containers.RepeatedCompositeFieldContainer[PlanCount]
    samples: _containers.RepeatedCompositeFieldContainer[PlanSample]
    preflight: _record_pb2.PreflightInvoicesResponse
    def __init__(self, complete: _Optional[bool] = ..., calls: _Optional[int] = ..., total: _Optional[int] = ..., full_read: _Optional[bool] = ..., read_since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., counts: _Optional[_Iterable[_Union[PlanCount, _Mapping]]] = ..., samples: _Optional[_Iterable[_Union[PlanSample, _Mapping]]] = ..., preflight: _Optional[_Union[_record_pb2.PreflightInvoicesResponse, _Mapping]] = ...) -> None: ...

class PlanCount(_message.Message):
    __slots__ = ("outcome", "count")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    COUNT_FIELD_NUMBER: _ClassVar[int]
    outcome: SyncPlan.Outcome
    count: int
    def __init__(self, outcome: _Optional[_Union[SyncPlan.Outcome, str]] = ..., count: _Optional[int] = ...) -> None: ...

class PlanSample(_message.Message):
    __slots__ = ("outcome", "record_kind", "record_id", "record_name", "local", "candidates", "changed_fields")
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RECORD_KIND_FIELD_NUMBER: _ClassVar[int]
    RECORD_ID_FIELD_NUMBER: _ClassVar[int]
    RECORD_NAME_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    CHANGED_FIELDS_FIELD_NUMBER: _ClassVar[int]
    outcome: SyncPlan.Outcome
    record_kind: _run_pb2.RecordKind
    record_id: str
    record_name: str
    local: str
    candidates: _containers.RepeatedScalarFieldContainer[str]
    changed_fields: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, outcome: _Optional[_Union[SyncPlan.Outcome, str]] = ..., record_kind: _Optional[_Union[_run_pb2.RecordKind, str]] = ..., record_id: _Optional[str] = ..., record_name: _Optional[str] = ..., local: _Optional[str] = ..., candidates: _Optional[_Iterable[str]] = ..., changed_fields: _Optional[_Iterable[str]] = ...) -> None: ...
