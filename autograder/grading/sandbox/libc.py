"""The C library, loaded once: to load it again takes half a millisecond of every student's process."""

import ctypes

libc = ctypes.CDLL(None, use_errno=True)
