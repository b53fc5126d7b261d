from google.rpc import status_pb2 as _status_pb2
from syncline.v1 import invoice_pb2 as _invoice_pb2
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class InvoiceToImport(_message.Message):
    __slots__ = ("invoice", "confirm")
    INVOICE_FIELD_NUMBER: _ClassVar[int]
    CONFIRM_FIELD_NUMBER: _ClassVar[int]
    invoice: _invoice_pb2.Invoice
    confirm: bool
    def __init__(self, invoice: _Optional[_Union[_invoice_pb2.Invoice, _Mapping]] = ..., confirm: _Optional[bool] = ...) -> None: ...

class ImportResult(_message.Message):
    __slots__ = ("external_id", "outcome", "record", "refusal")
    class Outcome(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        OUTCOME_UNSPECIFIED: _ClassVar[ImportResult.Outcome]
        OUTCOME_CREATED: _ClassVar[ImportResult.Outcome]
        OUTCOME_UPDATED: _ClassVar[ImportResult.Outcome]
        OUTCOME_UNCHANGED: _ClassVar[ImportResult.Outcome]
        OUTCOME_REFUSED: _ClassVar[ImportResult.Outcome]
    OUTCOME_UNSPECIFIED: ImportResult.Outcome
    OUTCOME_CREATED: ImportResult.Outcome
    OUTCOME_UPDATED: ImportResult.Outcome
    OUTCOME_UNCHANGED: ImportResult.Outcome
    OUTCOME_REFUSED: ImportResult.Outcome
    EXTERNAL_ID_FIELD_NUMBER: _ClassVar[int]
    OUTCOME_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    REFUSAL_FIELD_NUMBER: _ClassVar[int]
    external_id: str
    outcome: ImportResult.Outcome
    record: str
    refusal: _status_pb2.Status
    def __init__(self, external_id: _Optional[str] = ..., outcome: _Optional[_Union[ImportResult.Outcome, str]] = ..., record: _Optional[str] = ..., refusal: _Optional[_Union[_status_pb2.Status, _Mapping]] = ...) -> None: ...

class ImportCounts(_message.Message):
    __slots__ = ("created", "updated", "unchanged", "refused")
    CREATED_FIELD_NUMBER: _ClassVar[int]
    UPDATED_FIELD_NUMBER: _ClassVar[int]
    UNCHANGED_FIELD_NUMBER: _ClassVar[int]
    REFUSED_FIELD_NUMBER: _ClassVar[int]
    created: int
    updated: int
    unchanged: int
    refused: int
    def __init__(self, created: _Optional[int] = ..., updated: _Optional[int] = ..., unchanged: _Optional[int] = ..., refused: _Optional[int] = ...) -> None: ...
