import datetime

from google.protobuf import timestamp_pb2 as _timestamp_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class Parity(_message.Message):
    __slots__ = ("state", "check_time", "compared_count", "differences", "repair")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Parity.State]
        STATE_IN_STEP: _ClassVar[Parity.State]
        STATE_DRIFT: _ClassVar[Parity.State]
    STATE_UNSPECIFIED: Parity.State
    STATE_IN_STEP: Parity.State
    STATE_DRIFT: Parity.State
    STATE_FIELD_NUMBER: _ClassVar[int]
    CHECK_TIME_FIELD_NUMBER: _ClassVar[int]
    COMPARED_COUNT_FIELD_NUMBER: _ClassVar[int]
    DIFFERENCES_FIELD_NUMBER: _ClassVar[int]
    REPAIR_FIELD_NUMBER: _ClassVar[int]
    state: Parity.State
    check_time: _timestamp_pb2.Timestamp
    compared_count: int
    differences: _containers.RepeatedCompositeFieldContainer[ParityDifference]
    repair: str
    def __init__(self, state: _Optional[_Union[Parity.State, str]] = ..., check_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., compared_count: _Optional[int] = ..., differences: _Optional[_Iterable[_Union[ParityDifference, _Mapping]]] = ..., repair: _Optional[str] = ...) -> None: ...

class ParityDifference(_message.Message):
    __slots__ = ("subject", "local_figure", "provider_figure", "records")
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    LOCAL_FIGURE_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIGURE_FIELD_NUMBER: _ClassVar[int]
    RECORDS_FIELD_NUMBER: _ClassVar[int]
    subject: str
    local_figure: str
    provider_figure: str
    records: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, subject: _Optional[str] = ..., local_figure: _Optional[str] = ..., provider_figure: _Optional[str] = ..., records: _Optional[_Iterable[str]] = ...) -> None: ...
