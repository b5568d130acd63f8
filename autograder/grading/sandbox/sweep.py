"""Empty a folder, however deep, and whatever its permissions."""

from __future__ import annotations

import os
import secrets
import stat
from pathlib import Path


def sweep(folder: str | Path) -> None:
    """Remove all that lies in `folder`. What lies deeper is moved up first, so that no path gets long."""
    base = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        while names := os.listdir(base):
            for name in names:
                if stat.S_ISDIR(os.stat(name, dir_fd=base, follow_symlinks=False).st_mode):
                    _open_up(name, base)
                else:
                    os.unlink(name, dir_fd=base)
    finally:
        os.close(base)


def _open_up(name: str, base: int) -> None:
    """Move what lies in the folder `name` into `base`, and remove the folder."""
    os.chmod(name, 0o700, dir_fd=base)
    folder = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=base)
    try:
        for inner in os.listdir(folder):
            if stat.S_ISDIR(os.stat(inner, dir_fd=folder, follow_symlinks=False).st_mode):
                os.chmod(inner, 0o700, dir_fd=folder)  # a folder that moves writes down its new parent
                os.rename(inner, secrets.token_hex(16), src_dir_fd=folder, dst_dir_fd=base)
            else:
                os.unlink(inner, dir_fd=folder)
    finally:
        os.close(folder)
    os.rmdir(name, dir_fd=base)
