"""What a process uses, as Linux tells it, and work done in a process of its own."""

import multiprocessing
import os
import re
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")

_USER_TIME = 11
"""Index of ``utime`` behind the name in /proc/PID/stat; ``stime`` follows (proc_pid_stat(5))."""


def apart(work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """Do work in a new process and return what it returns."""
    context = multiprocessing.get_context("spawn")  # no fork after gRPC has started
    with ProcessPoolExecutor(1, mp_context=context) as pool:
        return pool.submit(work, *args, **kwargs).result()


def cpu_seconds(process_id: int) -> float:
    """Return the processor time a process has used, in all its threads."""
    behind_name = Path(f"/proc/{process_id}/stat").read_text().rpartition(")")[2].split()
    ticks = int(behind_name[_USER_TIME]) + int(behind_name[_USER_TIME + 1])
    return ticks / os.sysconf("SC_CLK_TCK")


def resident_bytes(process_id: int) -> int:
    """Return the memory a process holds."""
    return _status(process_id, "VmRSS")


def peak_bytes(process_id: int) -> int:
    """Return the most memory a process ever held."""
    return _status(process_id, "VmHWM")


def _status(process_id: int, name: str) -> int:
    text = Path(f"/proc/{process_id}/status").read_text()
    found = re.search(rf"^{name}:\s+(\d+) kB$", text, re.MULTILINE)
    if found is None:
        raise LookupError(name)
    return int(found[1]) * 1024


def keep_to_core(number: int) -> None:
    """Keep this process to one core, where there are several."""
    cores = sorted(os.sched_getaffinity(0))
    if len(cores) > 1:
        os.sched_setaffinity(0, {cores[number]})
