"""Ports that a test has to itself, whatever listens on them, dies and comes back.

A port that is only found free may be somebody else's by the time it is listened on: the kernel
gives it to whoever asks for any, and to every connection that leaves. Linux gives nobody a port
that a socket holds, and lets a listener have it beside one that does not listen, where both are
marked with ``SO_REUSEADDR`` (socket(7)), as all our programs mark theirs.
"""

import socket
from collections import deque
from typing import Final

_MOST: Final = 150
"""How many are held at once: those of the last fifty stacks, of which few run side by side."""
_held: deque[socket.socket] = deque()


def own_ports(count: int) -> list[int]:
    """Return different ports that nobody else is given."""
    new = [_holder() for _ in range(count)]
    _held.extend(new)
    while len(_held) > _MOST:
        _held.popleft().close()
    return [int(each.getsockname()[1]) for each in new]


def _holder() -> socket.socket:
    holder = socket.socket()
    holder.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    holder.bind(("127.0.0.1", 0))
    return holder
