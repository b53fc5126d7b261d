"""Time as an argument."""

from collections.abc import Callable
from datetime import datetime

Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC. The composition root passes the real one."""
