"""Pyodide's files are taken from where PYODIDE says, and only if they are those of the lock."""

import hashlib
import importlib
import zipfile

import pytest

from website.lite.bytecode import compile_wheel
from website.lite.distribution import _package, _thinned, closure

NUMPY = b"the wheel of numpy"
SHA256 = hashlib.sha256(NUMPY).hexdigest()


@pytest.fixture
def source(tmp_path, monkeypatch):
    folder = tmp_path / "source"
    folder.mkdir()
    monkeypatch.setenv("PYODIDE", str(folder))
    (tmp_path / "cache").mkdir()
    return folder


def test_what_a_package_needs_comes_with_it():
    needs = {"a": ["b"], "b": ["a", "c_d"], "c-d": [], "e": []}
    lock = {"packages": {name: {"depends": names} for name, names in needs.items()}}
    assert closure(["a"], lock) == ["a", "b", "c-d"]


def test_what_the_course_never_uses_stays_away():
    needs = {"matplotlib": ["pytz", "six"], "six": [], "pytz": []}
    lock = {"packages": {name: {"depends": names} for name, names in needs.items()}}
    assert closure(["matplotlib"], lock) == ["matplotlib", "six"]


def test_a_wheel_is_thinned_and_its_hash_is_that_of_what_is_left(tmp_path):
    (tmp_path / "made").mkdir()
    wheel = tmp_path / "matplotlib-3-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("matplotlib/axis.py", "x = 1")
        archive.writestr("matplotlib/mpl-data/sample_data/cat.png", "a cat")
    made = tmp_path / "made" / wheel.name
    assert _thinned(wheel, made.parent, "matplotlib") == hashlib.sha256(made.read_bytes()).hexdigest()
    with zipfile.ZipFile(made) as archive:
        assert archive.namelist() == ["matplotlib/axis.py"]


def test_a_compiled_wheel_imports_and_what_is_no_python_stays(tmp_path, monkeypatch):
    wheel = tmp_path / "numbers-1-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("whole_numbers.py", "seven = 7")
        archive.writestr("template.py", "{{ not Python }} = ")
        archive.writestr("notes.txt", "seven")
    compile_wheel(wheel)
    with zipfile.ZipFile(wheel) as archive:
        assert archive.namelist() == ["whole_numbers.pyc", "template.py", "notes.txt"]
        assert archive.read("notes.txt") == b"seven"
    monkeypatch.syspath_prepend(wheel)
    assert importlib.import_module("whole_numbers").seven == 7


def test_a_file_with_the_right_hash_is_kept(source, tmp_path):
    (source / "numpy.whl").write_bytes(NUMPY)
    kept = _package("numpy.whl", SHA256, tmp_path / "cache")
    (source / "numpy.whl").unlink()
    assert _package("numpy.whl", SHA256, tmp_path / "cache") == kept
    assert kept.read_bytes() == NUMPY


def test_another_file_of_that_name_is_refused_and_not_kept(source, tmp_path):
    (source / "numpy.whl").write_bytes(b"something else")
    with pytest.raises(
        SystemExit, match=r"numpy\.whl from .* is not the file of Pyodide .*: its sha256 differs"
    ):
        _package("numpy.whl", SHA256, tmp_path / "cache")
    assert not (tmp_path / "cache" / "numpy.whl").exists()


def test_a_file_that_is_not_there_is_asked_for_in_a_sentence(source, tmp_path):
    with pytest.raises(
        SystemExit, match=r"numpy\.whl cannot be had from .* Set PYODIDE to a folder or an address"
    ):
        _package("numpy.whl", SHA256, tmp_path / "cache")
