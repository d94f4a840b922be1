"""A flag that says "this worker is shutting down" to the pool's child processes.

One shared byte, mapped before the children are forked. An Event would need a lock, which a killed child
could hold for ever.
"""

import mmap

_flag = mmap.mmap(-1, 1)


def begin() -> None:
    _flag[0] = 1


def clear() -> None:
    _flag[0] = 0


def is_set() -> bool:
    return _flag[0] == 1
