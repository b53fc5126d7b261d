from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class OwnedField(_message.Message):
    __slots__ = ("field", "owner")
    FIELD_FIELD_NUMBER: _ClassVar[int]
    OWNER_FIELD_NUMBER: _ClassVar[int]
    field: str
    owner: str
    def __init__(self, field: _Optional[str] = ..., owner: _Optional[str] = ...) -> None: ...
