from google.protobuf.internal import containers as _containers
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional

DESCRIPTOR: _descriptor.FileDescriptor

class DeliverWebhookRequest(_message.Message):
    __slots__ = ("provider", "body", "headers")
    class HeadersEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    BODY_FIELD_NUMBER: _ClassVar[int]
    HEADERS_FIELD_NUMBER: _ClassVar[int]
    provider: str
    body: bytes
    headers: _containers.ScalarMap[str, str]
    def __init__(self, provider: _Optional[str] = ..., body: _Optional[bytes] = ..., headers: _Optional[_Mapping[str, str]] = ...) -> None: ...

class DeliverWebhookResponse(_message.Message):
    __slots__ = ("stored_count", "repeated_count", "ignored_count", "unreadable")
    STORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    REPEATED_COUNT_FIELD_NUMBER: _ClassVar[int]
    IGNORED_COUNT_FIELD_NUMBER: _ClassVar[int]
    UNREADABLE_FIELD_NUMBER: _ClassVar[int]
    stored_count: int
    repeated_count: int
    ignored_count: int
    unreadable: bool
    def __init__(self, stored_count: _Optional[int] = ..., repeated_count: _Optional[int] = ..., ignored_count: _Optional[int] = ..., unreadable: _Optional[bool] = ...) -> None: ...
