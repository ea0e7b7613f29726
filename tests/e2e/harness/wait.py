"""Waiting is for a condition, with a deadline; never for a time."""

import os
import time

# An emulated machine is about ten times slower: every deadline is multiplied by this.
SLOW = float(os.environ.get("BOTTLENECK_E2E_SLOW", "1"))


class Timeout(AssertionError):
    pass


def until(what, seconds, condition, every=0.2):
    """Returns the first true value of condition(). Its exceptions of connection and lookup mean "not yet"."""
    deadline = time.monotonic() + seconds * SLOW
    last = None
    while True:
        try:
            value = condition()
            if value:
                return value
            last = value
        except (OSError, KeyError, LookupError) as error:
            last = error
        if time.monotonic() > deadline:
            raise Timeout(f"waited {seconds * SLOW:.0f} s in vain: {what} (last: {last!r})")
        time.sleep(every)
