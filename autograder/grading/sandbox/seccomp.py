"""seccomp, through libseccomp: no new process, no socket, and no other process can be touched."""

from __future__ import annotations

import ctypes
import errno
import fcntl
import os
from functools import cache

from autograder.grading.sandbox.libc import libc

ALLOW, ERROR = 0x7FFF0000, 0x00050000
NOT_EQUAL, MASKED_EQUAL = 1, 7
#: The kernel reads an `int` and forgets the rest of the register, which a student may fill.
INT = 0xFFFFFFFF
CLONE_THREAD = 0x00010000
DEATH_SIGNAL = 1
#: A prctl, its mode, and the bytes of one of the filter's instructions.
SET_SECCOMP, FILTER, INSTRUCTION = 22, 2, 8
#: Who gets a signal when something can be read from a file.
F_SETOWN_EX, FIOSETOWN, SIOCSPGRP = 15, 0x8901, 0x8902

#: New programs and processes; the network; other processes, their processors and their disks' turn; owners
#: and modes, truncation by name and watching (Landlock leaves them open, or did so before Linux 6.2); the
#: kernel's own services, its log, and whatever is shared between processes.
FORBIDDEN = """
    execve execveat fork vfork
    socket socketpair connect bind listen accept accept4
    ptrace process_vm_readv process_vm_writev process_madvise kcmp pidfd_open pidfd_getfd pidfd_send_signal
    rt_sigqueueinfo rt_tgsigqueueinfo setpriority sched_setscheduler sched_setattr sched_setparam
    sched_setaffinity ioprio_set migrate_pages move_pages process_mrelease
    mount umount2 pivot_root chroot unshare setns fsopen fsmount move_mount open_tree name_to_handle_at
    open_by_handle_at bpf perf_event_open userfaultfd io_uring_setup io_uring_enter io_uring_register
    keyctl add_key request_key fanotify_init inotify_add_watch quotactl quotactl_fd acct swapon swapoff reboot
    personality syslog truncate truncate64
    init_module finit_module delete_module kexec_load kexec_file_load
    chmod fchmod fchmodat fchmodat2 chown fchown lchown fchownat utime utimes futimesat utimensat
    setxattr lsetxattr fsetxattr removexattr lremovexattr fremovexattr
    memfd_create memfd_secret shmget shmat shmctl msgget msgsnd msgrcv msgctl semget semop semtimedop semctl
    mq_open mq_unlink setsid setpgid
""".split()  # noqa: SIM905  a page of quotes reads worse


class Compare(ctypes.Structure):
    _fields_ = (
        ("argument", ctypes.c_uint),
        ("operation", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


@cache
def library() -> ctypes.CDLL | None:
    """libseccomp, or None where it is not installed."""
    try:
        found = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return None
    found.seccomp_init.restype = ctypes.c_void_p
    return found


class Program(ctypes.Structure):
    """A filter as the kernel takes it: how many instructions, and where they are."""

    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def program(seccomp: ctypes.CDLL) -> bytes:
    """The filter that is the same for all students, as the kernel's instructions. Raises OSError."""
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ALLOW)))
    _forbid_for_all(seccomp, context)
    reading, writing = os.pipe()  # which holds 64 kB, twenty times as much as there is to write
    with os.fdopen(reading, "rb") as pipe:
        with os.fdopen(writing, "wb"):
            failed = seccomp.seccomp_export_bpf(context, writing)
        made = pipe.read()
    seccomp.seccomp_release(context)
    if failed:
        raise OSError(-failed, f"seccomp: {os.strerror(-failed)}")
    return made


def restrict(seccomp: ctypes.CDLL, filter_of_all: bytes) -> None:
    """Put the filter of all, and one on signals to others than itself, on this thread and all that it starts.

    Of two filters the stricter one decides. Raises OSError where the kernel refuses.
    """
    context = ctypes.c_void_p(seccomp.seccomp_init(ctypes.c_uint32(ALLOW)))
    for name in ("kill", "tgkill"):
        _forbid(seccomp, context, name, errno.EPERM, Compare(0, NOT_EQUAL, os.getpid(), 0))
    failed = seccomp.seccomp_load(context)  # which forbids new privileges, too
    seccomp.seccomp_release(context)
    if failed:
        raise OSError(-failed, f"seccomp: {os.strerror(-failed)}")
    whole = Program(len(filter_of_all) // INSTRUCTION, filter_of_all)
    if libc.prctl(SET_SECCOMP, FILTER, ctypes.byref(whole), 0, 0):
        raise OSError(ctypes.get_errno(), "seccomp")


def _forbid_for_all(seccomp: ctypes.CDLL, context: ctypes.c_void_p) -> None:
    for name in FORBIDDEN:
        _forbid(seccomp, context, name, errno.EPERM)
    # glibc falls back from clone3, whose flags a filter cannot see, to clone: threads yes, processes no.
    _forbid(seccomp, context, "clone3", errno.ENOSYS)
    _forbid(seccomp, context, "clone", errno.EPERM, Compare(0, MASKED_EQUAL, CLONE_THREAD, 0))
    _forbid(seccomp, context, "tkill", errno.EPERM)  # it names a thread, and no process to compare with
    # Its third argument is the new limit: without one it only reads, as getrlimit does.
    _forbid(seccomp, context, "prlimit64", errno.EPERM, Compare(2, NOT_EQUAL, 0, 0))
    _forbid(seccomp, context, "setrlimit", errno.EPERM)
    _forbid(seccomp, context, "prctl", errno.EPERM, Compare(0, MASKED_EQUAL, INT, DEATH_SIGNAL))
    for command in (fcntl.F_SETOWN, F_SETOWN_EX, fcntl.F_SETSIG):  # a file may send signals, too
        for name in ("fcntl", "fcntl64"):
            _forbid(seccomp, context, name, errno.EPERM, Compare(1, MASKED_EQUAL, INT, command))
    for request in (FIOSETOWN, SIOCSPGRP):
        _forbid(seccomp, context, "ioctl", errno.EPERM, Compare(1, MASKED_EQUAL, INT, request))
    # A file that is opened for reading, or for nothing, is emptied all the same: Landlock before Linux 6.2.
    for name, place in (("open", 1), ("openat", 2)):
        for mode in (os.O_RDONLY, os.O_ACCMODE):
            emptied = Compare(place, MASKED_EQUAL, os.O_TRUNC | os.O_ACCMODE, os.O_TRUNC | mode)
            _forbid(seccomp, context, name, errno.EPERM, emptied)
    _forbid(seccomp, context, "openat2", errno.ENOSYS)  # its flags lie in memory, which a filter cannot see


def _forbid(seccomp: ctypes.CDLL, context: ctypes.c_void_p, name: str, error: int, *when: Compare) -> None:
    number = seccomp.seccomp_syscall_resolve_name(name.encode())
    if number == -1:  # unknown to this version of the library, hence to the kernels of its time
        return
    rules = (Compare * len(when))(*when)
    failed = seccomp.seccomp_rule_add_array(
        context, ctypes.c_uint32(ERROR | error), number, len(when), ctypes.byref(rules)
    )
    if failed and failed != -errno.EDOM:  # EDOM: a system call that this architecture does not have
        raise OSError(-failed, f"seccomp {name}: {os.strerror(-failed)}")
