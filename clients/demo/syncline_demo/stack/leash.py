"""``python -m syncline_demo.stack.leash MODULE ARGUMENT...``: run a module on a leash.

Standard input is a pipe that whoever started this process holds. When that end closes, however the
holder died, the module is asked to stop; so nothing is ever left running alone.
"""

import os
import runpy
import signal
import sys
import threading
import time

_SECONDS_TO_STOP = 20.0


def _watch() -> None:
    while os.read(0, 1):  # not sys.stdin: its lock would be held while the interpreter ends
        pass
    os.kill(os.getpid(), signal.SIGTERM)
    time.sleep(_SECONDS_TO_STOP)
    os.kill(os.getpid(), signal.SIGKILL)


def main() -> None:
    """Run the module named first as ``__main__``, with the other arguments as its own."""
    threading.Thread(target=_watch, name="leash", daemon=True).start()
    module = sys.argv[1]
    sys.argv = sys.argv[1:]
    runpy.run_module(module, run_name="__main__", alter_sys=True)


if __name__ == "__main__":
    main()
