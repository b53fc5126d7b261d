"""Which calls are repeated by themselves, and how."""

import json
from collections.abc import Iterable

from google.protobuf.descriptor import FileDescriptor

SAFE_TO_REPEAT = ("Get", "List", "Watch", "Preflight")
"""How methods begin that change nothing."""

POLICY = {
    "maxAttempts": 4,
    "initialBackoff": "0.2s",
    "maxBackoff": "2s",
    "backoffMultiplier": 2,
    # The one code that says "nothing was done, come back"; everything else is for the caller.
    "retryableStatusCodes": ["UNAVAILABLE"],
}


def service_config(files: Iterable[FileDescriptor]) -> str:
    """Return gRPC's service config for the services of these files, as JSON.

    gRPC core carries it out: it backs off with jitter inside the call's deadline, and repeats a
    stream only while nothing of it has arrived.
    """
    repeated = [
        {"service": service.full_name, "method": method.name}
        for file in files
        for service in file.services_by_name.values()
        for method in service.methods
        if method.name.startswith(SAFE_TO_REPEAT)
    ]
    return json.dumps({"methodConfig": [{"name": repeated, "retryPolicy": POLICY}]})
