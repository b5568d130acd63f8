"""Which isolation is chosen: the strongest that holds, and a warning where none does."""

import sys
from pathlib import Path

import pytest

from autograder.grading.sandbox import host, isolation, landlock, seccomp
from autograder.grading.sandbox.escapes import ESCAPES
from autograder.grading.sandbox.host import KINDS, Sandbox, SandboxError
from autograder.grading.sandbox.isolation import SHORTFALL, leaks, strongest
from autograder.grading.sandbox.student import CrashError, Request
from tests.grading.conftest import promised


@pytest.mark.parametrize(
    ("leaky", "kind"),
    [
        ((), "bubblewrap"),
        (("bubblewrap",), "landlock"),
        (("landlock",), "bubblewrap"),
        (("bubblewrap", "landlock"), "limits"),
    ],
)
def test_the_strongest_isolation_that_holds_is_chosen(monkeypatch, leaky, kind):
    monkeypatch.setattr(isolation, "leaks", lambda kind: ["open a socket"] if kind in leaky else [])
    found = strongest.__wrapped__()
    assert (found.kind, found.shortfall) == (kind, SHORTFALL[kind])


def test_only_the_weakest_isolation_is_warned_of():
    assert list(SHORTFALL) == list(KINDS) == ["bubblewrap", "landlock", "limits"]
    assert SHORTFALL["bubblewrap"] == ""
    assert [kind for kind, words in SHORTFALL.items() if words.startswith("WARNING")] == ["limits"]


def test_this_machine_has_the_strongest():
    if strongest().kind != "bubblewrap":
        promised(f"the strongest isolation is {strongest().kind}")


def test_limits_alone_leak(monkeypatch, tmp_path):
    """Every escape works without walls, so that each of them can tell a wall from none."""
    monkeypatch.setitem(ESCAPES, "write outside the scratch folder", f"open({str(tmp_path / 'e')!r}, 'w')")
    # Where a user other than root runs many processes, the kernel may refuse one more.
    assert {*leaks("limits"), "start a process"} == set(ESCAPES)
    assert (tmp_path / "e").exists()


@pytest.mark.parametrize("kind", ["bubblewrap", "limits"])
def test_a_sandbox_that_cannot_start_says_why(monkeypatch, tmp_path, kind):
    """As where the course is not installed in the Python that grades."""
    bare = tmp_path / "python"
    bare.write_text("#!/bin/sh\necho Traceback >&2\necho \"No module named 'autograder'\" >&2\nexit 1\n")
    bare.chmod(0o755)
    monkeypatch.setattr(sys, "executable", str(bare))
    monkeypatch.setattr(host, "bubblewrap", lambda: ["env"])
    with pytest.raises(SandboxError, match=rf"\({kind}\) does not answer: No module named 'autograder'$"):
        Sandbox(kind)


def test_where_nothing_is_said_nothing_is_added(monkeypatch):
    monkeypatch.setattr(sys, "executable", "/bin/false")
    with pytest.raises(SandboxError, match=r"does not answer$"):
        Sandbox("limits")


class Unstarted:
    """A sandbox that must not be tried, or that cannot be started."""

    def __init__(self, kind: str) -> None:
        raise SandboxError(f"the sandbox ({kind}) does not answer")


class Crashing:
    """A sandbox whose student's process ends at once."""

    def __init__(self, _kind: str) -> None:
        self.closed = False

    def student(self):
        raise CrashError("its process ended")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("sandbox", [Unstarted, Crashing])
def test_a_sandbox_that_does_not_work_leaks_everything(monkeypatch, kind, sandbox):
    monkeypatch.setattr(isolation, "Sandbox", sandbox)
    assert leaks(kind) == list(ESCAPES)


class Holding(Crashing):
    """A sandbox in which every escape fails, whatever this machine has."""

    def student(self):
        return self

    def __enter__(self):
        return self

    def __exit__(self, *_error: object) -> None:
        pass

    def begin(self, _requests: list[Request]) -> None:
        pass

    def ran(self) -> dict[str, str]:
        return {"printed": "", "error": "PermissionError"}


def test_a_sandbox_that_ends_once_is_tried_again(monkeypatch):
    """A kill in that second must not grade the class behind lower walls."""
    tried = iter([Crashing, Unstarted, Holding])
    monkeypatch.setattr(isolation, "Sandbox", lambda kind: next(tried)(kind))
    assert leaks("limits") == list(ESCAPES)
    tried = iter([Crashing, Holding])
    assert leaks("limits") == []


def test_a_closed_sandbox_leaves_neither_a_folder_nor_a_process():
    sandbox = Sandbox("limits")
    assert sandbox.base
    assert Path(sandbox.base).is_dir()
    sandbox.close()
    assert not Path(sandbox.base).exists()
    assert sandbox.process.poll() is not None


LACKS = {
    "nothing": {"bubblewrap": [], "landlock": [], "limits": []},
    "bwrap": {"bubblewrap": list(ESCAPES), "landlock": [], "limits": []},
    "Landlock": {"bubblewrap": list(ESCAPES), "landlock": list(ESCAPES), "limits": []},
    "libseccomp": {"bubblewrap": list(ESCAPES), "landlock": list(ESCAPES), "limits": []},
}


@pytest.mark.parametrize("lacks", LACKS)
def test_a_machine_that_lacks_something_is_trusted_with_what_is_left(monkeypatch, lacks):
    monkeypatch.setattr(isolation, "Sandbox", Holding)
    monkeypatch.setattr("shutil.which", lambda name: None if lacks == name else f"/usr/bin/{name}")
    monkeypatch.setattr(landlock, "version", lambda: 0 if lacks == "Landlock" else 4)
    monkeypatch.setattr(seccomp, "library", lambda: None if lacks == "libseccomp" else object())
    assert {kind: leaks(kind) for kind in KINDS} == LACKS[lacks]
