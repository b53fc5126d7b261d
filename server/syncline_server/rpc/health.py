"""Health by component (grpc.health.v1): the server is healthy while all of them are."""

import threading
from collections.abc import Iterable

from grpc_health.v1 import health, health_pb2

_SERVING = health_pb2.HealthCheckResponse.SERVING
_NOT_SERVING = health_pb2.HealthCheckResponse.NOT_SERVING


class Health:
    """Keeps what callers of the health service are told.

    Each component is a service name of its own there; the empty name is the whole server. A
    component is NOT_SERVING until something has proven it. It is asked with ``Check``. There is no
    ``Watch``: needing no credentials, it is a stream for anybody to hold, and grpc_health holds its
    lock while it sends, so that one who does not read stops every check.

    :param components: for example ``database``.
    """

    def __init__(self, components: Iterable[str]) -> None:
        self.servicer = health.HealthServicer()
        self._well = dict.fromkeys(components, False)
        self._lock = threading.Lock()
        for component in ("", *self._well):
            self.servicer.set(component, _NOT_SERVING)

    def set(self, component: str, *, well: bool) -> None:
        """Note how a component is.

        :raises KeyError: there is no such component.
        """
        with self._lock:
            if self._well[component] is not well:
                self._well[component] = well
                self._tell(component, well=well)
                self._tell("", well=all(self._well.values()))

    def stop(self) -> None:
        """Say NOT_SERVING from now on, whatever anybody notes; the first step of stopping."""
        self.servicer.enter_graceful_shutdown()

    def _tell(self, service: str, *, well: bool) -> None:
        self.servicer.set(service, _SERVING if well else _NOT_SERVING)
