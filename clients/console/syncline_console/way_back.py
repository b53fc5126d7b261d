"""What is in the address by which somebody comes back, from a consent or from a sign-in."""

from typing import Final

from starlette.requests import Request

_DECIDES: Final = ("state", "code", "error", "iss")
"""Given twice (RFC 6749 3.1 forbids it), two readers may each take another one."""
_LONGEST: Final = 4096
"""Characters of a parameter that are still believed; codes and states are far shorter."""


def sent_back(request: Request) -> dict[str, str]:
    """Return what decides of a way back, by name; nothing where it cannot be one answer."""
    given = {name: request.query_params.getlist(name) for name in _DECIDES}
    is_odd = any(len(values) > 1 or len("".join(values)) > _LONGEST for values in given.values())
    return {} if is_odd else {name: values[0] for name, values in given.items() if values}
