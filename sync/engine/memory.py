"""How a process that reads large pages stays small."""

import ctypes
from functools import cache

LARGE = 1 << 20  # bytes
_M_MMAP_THRESHOLD = -3  # <malloc.h>


@cache
def give_large_blocks_back() -> None:
    """Answers go back to the system when they are done with.

    Otherwise glibc learns their size and keeps room for one in each thread. Other C libraries know no such setting
    and need none.
    """
    setting = getattr(ctypes.CDLL(None), "mallopt", None)
    if setting is not None:
        setting(_M_MMAP_THRESHOLD, LARGE)
