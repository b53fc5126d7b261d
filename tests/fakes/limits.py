"""What the .proto files state of their fields, read from descriptors."""

from functools import cache
from typing import Any

import protovalidate
from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor import FieldDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.protobuf.message_factory import GetMessageClass

_IMPORTED = (descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2)


@cache
def rules_of(field: FieldDescriptor) -> Any:
    """Return what is stated of a field, a ``buf.validate.FieldRules``; empty when nothing is."""
    options, extension = _reader()
    read = options.FromString(field.GetOptions().SerializeToString())
    return read.Extensions[extension]


@cache
def _reader() -> tuple[Any, Any]:
    """Return field options that know the rules, in a pool of their own."""
    pool = DescriptorPool()
    for module in _IMPORTED:
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    pool.AddSerializedFile(protovalidate.ViolationPb.desc().file.proto.to_binary())
    options = GetMessageClass(pool.FindMessageTypeByName("google.protobuf.FieldOptions"))
    return options, pool.FindExtensionByName("buf.validate.field")
