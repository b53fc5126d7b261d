"""What reflection tells: the API as it was written, with the limits of its fields.

Stubs hold the limits and not the import of what they are written in
(``buf/validate/validate.proto``); here it is put back, so that tools such as grpcurl show them.
"""

from typing import Final

import protovalidate
from google.protobuf import descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2
from google.protobuf.descriptor import FileDescriptor
from google.protobuf.descriptor_pool import DescriptorPool
from google.rpc import error_details_pb2
from grpc_health.v1 import health_pb2
from grpc_reflection.v1alpha import reflection_pb2

_RULES: Final = protovalidate.ViolationPb.desc().file.proto
_OURS: Final = "syncline."
_BESIDE: Final = (
    *(descriptor_pb2, duration_pb2, field_mask_pb2, timestamp_pb2),  # what the rules import
    *(error_details_pb2, health_pb2, reflection_pb2),
)


def described(files: list[FileDescriptor]) -> DescriptorPool:
    """Return what these files declare, everything they import, and what goes with every server."""
    pool = DescriptorPool()
    known: set[str] = set()
    for module in _BESIDE:
        _add(pool, module.DESCRIPTOR, known)
    pool.AddSerializedFile(_RULES.to_binary())
    for file in files:
        _add(pool, file, known)
    return pool


def _add(pool: DescriptorPool, file: FileDescriptor, known: set[str]) -> None:
    if file.name in known:
        return
    known.add(file.name)
    for imported in file.dependencies:
        _add(pool, imported, known)
    declared = descriptor_pb2.FileDescriptorProto.FromString(file.serialized_pb)
    if file.package.startswith(_OURS):
        declared.dependency.append(_RULES.name)
    pool.AddSerializedFile(declared.SerializeToString())
