"""The HTTP server, which lets go of open pages when it stops."""

import socket

import uvicorn

from syncline_client import Watches
from syncline_console.hub import Hub


class HttpServer(uvicorn.Server):
    """Ends event streams before it waits for answers under way; a stream would never end."""

    def __init__(self, config: uvicorn.Config, hub: Hub, watches: Watches) -> None:
        super().__init__(config)
        self._hub = hub
        self._watches = watches

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop in order."""
        self._hub.close()
        await super().shutdown(sockets)
        await self._watches.close()
