import datetime

from google.protobuf import duration_pb2 as _duration_pb2
from google.protobuf import field_mask_pb2 as _field_mask_pb2
from google.protobuf import struct_pb2 as _struct_pb2
from google.protobuf import timestamp_pb2 as _timestamp_pb2
from syncline.v1 import error_reason_pb2 as _error_reason_pb2
from syncline.v1 import ownership_pb2 as _ownership_pb2
from syncline.v1 import parity_pb2 as _parity_pb2
from syncline.v1 import plan_pb2 as _plan_pb2
from syncline.v1 import run_pb2 as _run_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class StartConnectionRequest(_message.Message):
    __slots__ = ("parent", "provider", "redirect_uri", "browser_binding")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    REDIRECT_URI_FIELD_NUMBER: _ClassVar[int]
    BROWSER_BINDING_FIELD_NUMBER: _ClassVar[int]
    parent: str
    provider: str
    redirect_uri: str
    browser_binding: str
    def __init__(self, parent: _Optional[str] = ..., provider: _Optional[str] = ..., redirect_uri: _Optional[str] = ..., browser_binding: _Optional[str] = ...) -> None: ...

class StartConnectionResponse(_message.Message):
    __slots__ = ("authorization_url", "state", "expire_time")
    AUTHORIZATION_URL_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    authorization_url: str
    state: str
    expire_time: _timestamp_pb2.Timestamp
    def __init__(self, authorization_url: _Optional[str] = ..., state: _Optional[str] = ..., expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ...) -> None: ...

class CompleteConnectionRequest(_message.Message):
    __slots__ = ("state", "code", "error", "error_description", "browser_binding", "issuer")
    STATE_FIELD_NUMBER: _ClassVar[int]
    CODE_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    ERROR_DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    BROWSER_BINDING_FIELD_NUMBER: _ClassVar[int]
    ISSUER_FIELD_NUMBER: _ClassVar[int]
    state: str
    code: str
    error: str
    error_description: str
    browser_binding: str
    issuer: str
    def __init__(self, state: _Optional[str] = ..., code: _Optional[str] = ..., error: _Optional[str] = ..., error_description: _Optional[str] = ..., browser_binding: _Optional[str] = ..., issuer: _Optional[str] = ...) -> None: ...

class CompleteConnectionResponse(_message.Message):
    __slots__ = ("connection",)
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    connection: Connection
    def __init__(self, connection: _Optional[_Union[Connection, _Mapping]] = ...) -> None: ...

class SelectOrganisationRequest(_message.Message):
    __slots__ = ("name", "organisation")
    NAME_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    name: str
    organisation: str
    def __init__(self, name: _Optional[str] = ..., organisation: _Optional[str] = ...) -> None: ...

class SelectOrganisationResponse(_message.Message):
    __slots__ = ("connection",)
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    connection: Connection
    def __init__(self, connection: _Optional[_Union[Connection, _Mapping]] = ...) -> None: ...

class GetConnectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetConnectionResponse(_message.Message):
    __slots__ = ("connection",)
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    connection: Connection
    def __init__(self, connection: _Optional[_Union[Connection, _Mapping]] = ...) -> None: ...

class ListConnectionsRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListConnectionsResponse(_message.Message):
    __slots__ = ("connections", "next_page_token")
    CONNECTIONS_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    connections: _containers.RepeatedCompositeFieldContainer[Connection]
    next_page_token: str
    def __init__(self, connections: _Optional[_Iterable[_Union[Connection, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class DisconnectRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class DisconnectResponse(_message.Message):
    __slots__ = ("connection",)
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    connection: Connection
    def __init__(self, connection: _Optional[_Union[Connection, _Mapping]] = ...) -> None: ...

class GetSettingsRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class GetSettingsResponse(_message.Message):
    __slots__ = ("settings",)
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    settings: Settings
    def __init__(self, settings: _Optional[_Union[Settings, _Mapping]] = ...) -> None: ...

class UpdateSettingsRequest(_message.Message):
    __slots__ = ("settings", "update_mask")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_MASK_FIELD_NUMBER: _ClassVar[int]
    settings: Settings
    update_mask: _field_mask_pb2.FieldMask
    def __init__(self, settings: _Optional[_Union[Settings, _Mapping]] = ..., update_mask: _Optional[_Union[_field_mask_pb2.FieldMask, _Mapping]] = ...) -> None: ...

class UpdateSettingsResponse(_message.Message):
    __slots__ = ("settings", "also_enabled", "full_read_modules")
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    ALSO_ENABLED_FIELD_NUMBER: _ClassVar[int]
    FULL_READ_MODULES_FIELD_NUMBER: _ClassVar[int]
    settings: Settings
    also_enabled: _containers.RepeatedScalarFieldContainer[str]
    full_read_modules: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, settings: _Optional[_Union[Settings, _Mapping]] = ..., also_enabled: _Optional[_Iterable[str]] = ..., full_read_modules: _Optional[_Iterable[str]] = ...) -> None: ...

class ListModulesRequest(_message.Message):
    __slots__ = ("parent", "page_size", "page_token")
    PARENT_FIELD_NUMBER: _ClassVar[int]
    PAGE_SIZE_FIELD_NUMBER: _ClassVar[int]
    PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    parent: str
    page_size: int
    page_token: str
    def __init__(self, parent: _Optional[str] = ..., page_size: _Optional[int] = ..., page_token: _Optional[str] = ...) -> None: ...

class ListModulesResponse(_message.Message):
    __slots__ = ("modules", "toggles", "next_page_token")
    MODULES_FIELD_NUMBER: _ClassVar[int]
    TOGGLES_FIELD_NUMBER: _ClassVar[int]
    NEXT_PAGE_TOKEN_FIELD_NUMBER: _ClassVar[int]
    modules: _containers.RepeatedCompositeFieldContainer[Node]
    toggles: _containers.RepeatedCompositeFieldContainer[Toggle]
    next_page_token: str
    def __init__(self, modules: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., toggles: _Optional[_Iterable[_Union[Toggle, _Mapping]]] = ..., next_page_token: _Optional[str] = ...) -> None: ...

class TriggerSyncRequest(_message.Message):
    __slots__ = ("connection", "module", "request_id", "validate_only", "invoice_push", "invoice_pull", "custom", "full_read", "accept_collapse")
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    REQUEST_ID_FIELD_NUMBER: _ClassVar[int]
    VALIDATE_ONLY_FIELD_NUMBER: _ClassVar[int]
    INVOICE_PUSH_FIELD_NUMBER: _ClassVar[int]
    INVOICE_PULL_FIELD_NUMBER: _ClassVar[int]
    CUSTOM_FIELD_NUMBER: _ClassVar[int]
    FULL_READ_FIELD_NUMBER: _ClassVar[int]
    ACCEPT_COLLAPSE_FIELD_NUMBER: _ClassVar[int]
    connection: str
    module: str
    request_id: str
    validate_only: bool
    invoice_push: InvoicePushOptions
    invoice_pull: InvoicePullOptions
    custom: _struct_pb2.Struct
    full_read: bool
    accept_collapse: bool
    def __init__(self, connection: _Optional[str] = ..., module: _Optional[str] = ..., request_id: _Optional[str] = ..., validate_only: _Optional[bool] = ..., invoice_push: _Optional[_Union[InvoicePushOptions, _Mapping]] = ..., invoice_pull: _Optional[_Union[InvoicePullOptions, _Mapping]] = ..., custom: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., full_read: _Optional[bool] = ..., accept_collapse: _Optional[bool] = ...) -> None: ...

class InvoicePushOptions(_message.Message):
    __slots__ = ("invoices",)
    INVOICES_FIELD_NUMBER: _ClassVar[int]
    invoices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, invoices: _Optional[_Iterable[str]] = ...) -> None: ...

class InvoicePullOptions(_message.Message):
    __slots__ = ("since_time", "all_linked", "invoices")
    SINCE_TIME_FIELD_NUMBER: _ClassVar[int]
    ALL_LINKED_FIELD_NUMBER: _ClassVar[int]
    INVOICES_FIELD_NUMBER: _ClassVar[int]
    since_time: _timestamp_pb2.Timestamp
    all_linked: bool
    invoices: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, since_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., all_linked: _Optional[bool] = ..., invoices: _Optional[_Iterable[str]] = ...) -> None: ...

class TriggerSyncResponse(_message.Message):
    __slots__ = ("run", "plan")
    RUN_FIELD_NUMBER: _ClassVar[int]
    PLAN_FIELD_NUMBER: _ClassVar[int]
    run: _run_pb2.Run
    plan: _plan_pb2.SyncPlan
    def __init__(self, run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ..., plan: _Optional[_Union[_plan_pb2.SyncPlan, _Mapping]] = ...) -> None: ...

class CheckParityRequest(_message.Message):
    __slots__ = ("connection", "module")
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    MODULE_FIELD_NUMBER: _ClassVar[int]
    connection: str
    module: str
    def __init__(self, connection: _Optional[str] = ..., module: _Optional[str] = ...) -> None: ...

class CheckParityResponse(_message.Message):
    __slots__ = ("parity",)
    PARITY_FIELD_NUMBER: _ClassVar[int]
    parity: _parity_pb2.Parity
    def __init__(self, parity: _Optional[_Union[_parity_pb2.Parity, _Mapping]] = ...) -> None: ...

class WatchConnectionRequest(_message.Message):
    __slots__ = ("name",)
    NAME_FIELD_NUMBER: _ClassVar[int]
    name: str
    def __init__(self, name: _Optional[str] = ...) -> None: ...

class WatchConnectionResponse(_message.Message):
    __slots__ = ("connection", "modules", "toggles")
    CONNECTION_FIELD_NUMBER: _ClassVar[int]
    MODULES_FIELD_NUMBER: _ClassVar[int]
    TOGGLES_FIELD_NUMBER: _ClassVar[int]
    connection: Connection
    modules: _containers.RepeatedCompositeFieldContainer[Node]
    toggles: _containers.RepeatedCompositeFieldContainer[Toggle]
    def __init__(self, connection: _Optional[_Union[Connection, _Mapping]] = ..., modules: _Optional[_Iterable[_Union[Node, _Mapping]]] = ..., toggles: _Optional[_Iterable[_Union[Toggle, _Mapping]]] = ...) -> None: ...

class Connection(_message.Message):
    __slots__ = ("name", "provider", "provider_title", "state", "state_reason", "organisation", "candidates", "candidates_expire_time", "connect_time", "update_time", "etag", "allowance")
    class State(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        STATE_UNSPECIFIED: _ClassVar[Connection.State]
        STATE_NOT_CONNECTED: _ClassVar[Connection.State]
        STATE_CONNECTED: _ClassVar[Connection.State]
        STATE_RECONNECT_REQUIRED: _ClassVar[Connection.State]
    STATE_UNSPECIFIED: Connection.State
    STATE_NOT_CONNECTED: Connection.State
    STATE_CONNECTED: Connection.State
    STATE_RECONNECT_REQUIRED: Connection.State
    NAME_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_FIELD_NUMBER: _ClassVar[int]
    PROVIDER_TITLE_FIELD_NUMBER: _ClassVar[int]
    STATE_FIELD_NUMBER: _ClassVar[int]
    STATE_REASON_FIELD_NUMBER: _ClassVar[int]
    ORGANISATION_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_FIELD_NUMBER: _ClassVar[int]
    CANDIDATES_EXPIRE_TIME_FIELD_NUMBER: _ClassVar[int]
    CONNECT_TIME_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    ALLOWANCE_FIELD_NUMBER: _ClassVar[int]
    name: str
    provider: str
    provider_title: str
    state: Connection.State
    state_reason: str
    organisation: Organisation
    candidates: _containers.RepeatedCompositeFieldContainer[Organisation]
    candidates_expire_time: _timestamp_pb2.Timestamp
    connect_time: _timestamp_pb2.Timestamp
    update_time: _timestamp_pb2.Timestamp
    etag: str
    allowance: Allowance
    def __init__(self, name: _Optional[str] = ..., provider: _Optional[str] = ..., provider_title: _Optional[str] = ..., state: _Optional[_Union[Connection.State, str]] = ..., state_reason: _Optional[str] = ..., organisation: _Optional[_Union[Organisation, _Mapping]] = ..., candidates: _Optional[_Iterable[_Union[Organisation, _Mapping]]] = ..., candidates_expire_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., connect_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ..., allowance: _Optional[_Union[Allowance, _Mapping]] = ...) -> None: ...

class Allowance(_message.Message):
    __slots__ = ("minute_remaining", "day_remaining", "day_told_time", "closed_until_time", "closed_by", "month_bytes_read")
    class Limit(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        LIMIT_UNSPECIFIED: _ClassVar[Allowance.Limit]
        LIMIT_CONCURRENT: _ClassVar[Allowance.Limit]
        LIMIT_MINUTE: _ClassVar[Allowance.Limit]
        LIMIT_DAY: _ClassVar[Allowance.Limit]
        LIMIT_APP_MINUTE: _ClassVar[Allowance.Limit]
    LIMIT_UNSPECIFIED: Allowance.Limit
    LIMIT_CONCURRENT: Allowance.Limit
    LIMIT_MINUTE: Allowance.Limit
    LIMIT_DAY: Allowance.Limit
    LIMIT_APP_MINUTE: Allowance.Limit
    MINUTE_REMAINING_FIELD_NUMBER: _ClassVar[int]
    DAY_REMAINING_FIELD_NUMBER: _ClassVar[int]
    DAY_TOLD_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_UNTIL_TIME_FIELD_NUMBER: _ClassVar[int]
    CLOSED_BY_FIELD_NUMBER: _ClassVar[int]
    MONTH_BYTES_READ_FIELD_NUMBER: _ClassVar[int]
    minute_remaining: int
    day_remaining: int
    day_told_time: _timestamp_pb2.Timestamp
    closed_until_time: _timestamp_pb2.Timestamp
    closed_by: Allowance.Limit
    month_bytes_read: int
    def __init__(self, minute_remaining: _Optional[int] = ..., day_remaining: _Optional[int] = ..., day_told_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_until_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., closed_by: _Optional[_Union[Allowance.Limit, str]] = ..., month_bytes_read: _Optional[int] = ...) -> None: ...

class Organisation(_message.Message):
    __slots__ = ("id", "display_name")
    ID_FIELD_NUMBER: _ClassVar[int]
    DISPLAY_NAME_FIELD_NUMBER: _ClassVar[int]
    id: str
    display_name: str
    def __init__(self, id: _Optional[str] = ..., display_name: _Optional[str] = ...) -> None: ...

class Settings(_message.Message):
    __slots__ = ("name", "toggles", "options", "automatic_intervals", "update_time", "etag")
    class TogglesEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: bool
        def __init__(self, key: _Optional[str] = ..., value: _Optional[bool] = ...) -> None: ...
    class AutomaticIntervalsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: _duration_pb2.Duration
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ...) -> None: ...
    NAME_FIELD_NUMBER: _ClassVar[int]
    TOGGLES_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_INTERVALS_FIELD_NUMBER: _ClassVar[int]
    UPDATE_TIME_FIELD_NUMBER: _ClassVar[int]
    ETAG_FIELD_NUMBER: _ClassVar[int]
    name: str
    toggles: _containers.ScalarMap[str, bool]
    options: _struct_pb2.Struct
    automatic_intervals: _containers.MessageMap[str, _duration_pb2.Duration]
    update_time: _timestamp_pb2.Timestamp
    etag: str
    def __init__(self, name: _Optional[str] = ..., toggles: _Optional[_Mapping[str, bool]] = ..., options: _Optional[_Union[_struct_pb2.Struct, _Mapping]] = ..., automatic_intervals: _Optional[_Mapping[str, _duration_pb2.Duration]] = ..., update_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., etag: _Optional[str] = ...) -> None: ...

class AutomaticSync(_message.Message):
    __slots__ = ("interval", "next_time", "failed_runs", "held_by")
    INTERVAL_FIELD_NUMBER: _ClassVar[int]
    NEXT_TIME_FIELD_NUMBER: _ClassVar[int]
    FAILED_RUNS_FIELD_NUMBER: _ClassVar[int]
    HELD_BY_FIELD_NUMBER: _ClassVar[int]
    interval: _duration_pb2.Duration
    next_time: _timestamp_pb2.Timestamp
    failed_runs: int
    held_by: _containers.RepeatedCompositeFieldContainer[Blocker]
    def __init__(self, interval: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., next_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., failed_runs: _Optional[int] = ..., held_by: _Optional[_Iterable[_Union[Blocker, _Mapping]]] = ...) -> None: ...

class Node(_message.Message):
    __slots__ = ("name", "id", "title", "kind", "direction", "record_kind", "toggle", "enabled", "requires", "after", "locked_by", "complete", "complete_time", "ready", "blockers", "cooldown", "cooldown_end_time", "cooldown_remaining", "active_run", "last_run", "settings", "options", "open_mappings", "next_full_read", "watermark_time", "last_full_read_time", "parity", "automatic", "ownership")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[Node.Kind]
        KIND_MODULE: _ClassVar[Node.Kind]
        KIND_MANUAL_STEP: _ClassVar[Node.Kind]
    KIND_UNSPECIFIED: Node.Kind
    KIND_MODULE: Node.Kind
    KIND_MANUAL_STEP: Node.Kind
    class Direction(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        DIRECTION_UNSPECIFIED: _ClassVar[Node.Direction]
        DIRECTION_PULL: _ClassVar[Node.Direction]
        DIRECTION_PUSH: _ClassVar[Node.Direction]
    DIRECTION_UNSPECIFIED: Node.Direction
    DIRECTION_PULL: Node.Direction
    DIRECTION_PUSH: Node.Direction
    NAME_FIELD_NUMBER: _ClassVar[int]
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DIRECTION_FIELD_NUMBER: _ClassVar[int]
    RECORD_KIND_FIELD_NUMBER: _ClassVar[int]
    TOGGLE_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    REQUIRES_FIELD_NUMBER: _ClassVar[int]
    AFTER_FIELD_NUMBER: _ClassVar[int]
    LOCKED_BY_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_FIELD_NUMBER: _ClassVar[int]
    COMPLETE_TIME_FIELD_NUMBER: _ClassVar[int]
    READY_FIELD_NUMBER: _ClassVar[int]
    BLOCKERS_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_END_TIME_FIELD_NUMBER: _ClassVar[int]
    COOLDOWN_REMAINING_FIELD_NUMBER: _ClassVar[int]
    ACTIVE_RUN_FIELD_NUMBER: _ClassVar[int]
    LAST_RUN_FIELD_NUMBER: _ClassVar[int]
    SETTINGS_FIELD_NUMBER: _ClassVar[int]
    OPTIONS_FIELD_NUMBER: _ClassVar[int]
    OPEN_MAPPINGS_FIELD_NUMBER: _ClassVar[int]
    NEXT_FULL_READ_FIELD_NUMBER: _ClassVar[int]
    WATERMARK_TIME_FIELD_NUMBER: _ClassVar[int]
    LAST_FULL_READ_TIME_FIELD_NUMBER: _ClassVar[int]
    PARITY_FIELD_NUMBER: _ClassVar[int]
    AUTOMATIC_FIELD_NUMBER: _ClassVar[int]
    OWNERSHIP_FIELD_NUMBER: _ClassVar[int]
    name: str
    id: str
    title: str
    kind: Node.Kind
    direction: Node.Direction
    record_kind: _run_pb2.RecordKind
    toggle: str
    enabled: bool
    requires: _containers.RepeatedScalarFieldContainer[str]
    after: _containers.RepeatedScalarFieldContainer[str]
    locked_by: _containers.RepeatedScalarFieldContainer[str]
    complete: bool
    complete_time: _timestamp_pb2.Timestamp
    ready: bool
    blockers: _containers.RepeatedCompositeFieldContainer[Blocker]
    cooldown: _duration_pb2.Duration
    cooldown_end_time: _timestamp_pb2.Timestamp
    cooldown_remaining: _duration_pb2.Duration
    active_run: _run_pb2.Run
    last_run: _run_pb2.Run
    settings: _containers.RepeatedCompositeFieldContainer[OptionSpec]
    options: _containers.RepeatedCompositeFieldContainer[OptionSpec]
    open_mappings: int
    next_full_read: bool
    watermark_time: _timestamp_pb2.Timestamp
    last_full_read_time: _timestamp_pb2.Timestamp
    parity: _parity_pb2.Parity
    automatic: AutomaticSync
    ownership: _ownership_pb2.FieldOwnership
    def __init__(self, name: _Optional[str] = ..., id: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[_Union[Node.Kind, str]] = ..., direction: _Optional[_Union[Node.Direction, str]] = ..., record_kind: _Optional[_Union[_run_pb2.RecordKind, str]] = ..., toggle: _Optional[str] = ..., enabled: _Optional[bool] = ..., requires: _Optional[_Iterable[str]] = ..., after: _Optional[_Iterable[str]] = ..., locked_by: _Optional[_Iterable[str]] = ..., complete: _Optional[bool] = ..., complete_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., ready: _Optional[bool] = ..., blockers: _Optional[_Iterable[_Union[Blocker, _Mapping]]] = ..., cooldown: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., cooldown_end_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., cooldown_remaining: _Optional[_Union[datetime.timedelta, _duration_pb2.Duration, _Mapping]] = ..., active_run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ..., last_run: _Optional[_Union[_run_pb2.Run, _Mapping]] = ..., settings: _Optional[_Iterable[_Union[OptionSpec, _Mapping]]] = ..., options: _Optional[_Iterable[_Union[OptionSpec, _Mapping]]] = ..., open_mappings: _Optional[int] = ..., next_full_read: _Optional[bool] = ..., watermark_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., last_full_read_time: _Optional[_Union[datetime.datetime, _timestamp_pb2.Timestamp, _Mapping]] = ..., parity: _Optional[_Union[_parity_pb2.Parity, _Mapping]] = ..., automatic: _Optional[_Union[AutomaticSync, _Mapping]] = ..., ownership: _Optional[_Union[_ownership_pb2.FieldOwnership, _Mapping]] = ...) -> None: ...

class Blocker(_message.Message):
    __slots__ = ("reason", "subject", "title", "description")
    REASON_FIELD_NUMBER: _ClassVar[int]
    SUBJECT_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    reason: _error_reason_pb2.ErrorReason
    subject: str
    title: str
    description: str
    def __init__(self, reason: _Optional[_Union[_error_reason_pb2.ErrorReason, str]] = ..., subject: _Optional[str] = ..., title: _Optional[str] = ..., description: _Optional[str] = ...) -> None: ...

class Toggle(_message.Message):
    __slots__ = ("id", "title", "enabled", "modules", "locked_by", "also_enables")
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    ENABLED_FIELD_NUMBER: _ClassVar[int]
    MODULES_FIELD_NUMBER: _ClassVar[int]
    LOCKED_BY_FIELD_NUMBER: _ClassVar[int]
    ALSO_ENABLES_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    enabled: bool
    modules: _containers.RepeatedScalarFieldContainer[str]
    locked_by: _containers.RepeatedScalarFieldContainer[str]
    also_enables: _containers.RepeatedScalarFieldContainer[str]
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., enabled: _Optional[bool] = ..., modules: _Optional[_Iterable[str]] = ..., locked_by: _Optional[_Iterable[str]] = ..., also_enables: _Optional[_Iterable[str]] = ...) -> None: ...

class OptionSpec(_message.Message):
    __slots__ = ("id", "title", "kind", "default_value", "choices", "max_length", "full_read_on_change", "choice_titles", "description")
    class Kind(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
        __slots__ = ()
        KIND_UNSPECIFIED: _ClassVar[OptionSpec.Kind]
        KIND_TEXT: _ClassVar[OptionSpec.Kind]
        KIND_BOOLEAN: _ClassVar[OptionSpec.Kind]
        KIND_INTEGER: _ClassVar[OptionSpec.Kind]
        KIND_CHOICE: _ClassVar[OptionSpec.Kind]
        KIND_TIMESTAMP: _ClassVar[OptionSpec.Kind]
        KIND_TEXT_LIST: _ClassVar[OptionSpec.Kind]
    KIND_UNSPECIFIED: OptionSpec.Kind
    KIND_TEXT: OptionSpec.Kind
    KIND_BOOLEAN: OptionSpec.Kind
    KIND_INTEGER: OptionSpec.Kind
    KIND_CHOICE: OptionSpec.Kind
    KIND_TIMESTAMP: OptionSpec.Kind
    KIND_TEXT_LIST: OptionSpec.Kind
    ID_FIELD_NUMBER: _ClassVar[int]
    TITLE_FIELD_NUMBER: _ClassVar[int]
    KIND_FIELD_NUMBER: _ClassVar[int]
    DEFAULT_VALUE_FIELD_NUMBER: _ClassVar[int]
    CHOICES_FIELD_NUMBER: _ClassVar[int]
    MAX_LENGTH_FIELD_NUMBER: _ClassVar[int]
    FULL_READ_ON_CHANGE_FIELD_NUMBER: _ClassVar[int]
    CHOICE_TITLES_FIELD_NUMBER: _ClassVar[int]
    DESCRIPTION_FIELD_NUMBER: _ClassVar[int]
    id: str
    title: str
    kind: OptionSpec.Kind
    default_value: _struct_pb2.Value
    choices: _containers.RepeatedScalarFieldContainer[str]
    max_length: int
    full_read_on_change: bool
    choice_titles: _containers.RepeatedScalarFieldContainer[str]
    description: str
    def __init__(self, id: _Optional[str] = ..., title: _Optional[str] = ..., kind: _Optional[_Union[OptionSpec.Kind, str]] = ..., default_value: _Optional[_Union[_struct_pb2.Value, _Mapping]] = ..., choices: _Optional[_Iterable[str]] = ..., max_length: _Optional[int] = ..., full_read_on_change: _Optional[bool] = ..., choice_titles: _Optional[_Iterable[str]] = ..., description: _Optional[str] = ...) -> None: ...
