"""The scratch folder is emptied whatever a student made of it, and a crowd of threads is counted."""

import os
import threading
from itertools import pairwise

from autograder.grading.sandbox.sweep import sweep
from autograder.grading.sandbox.threads import threads_below


def test_a_folder_is_emptied_however_deep_and_long_its_paths_are(tmp_path):
    place = os.open(tmp_path, os.O_RDONLY)
    name = "d" * 200
    for _ in range(1200):
        os.mkdir(name, dir_fd=place)
        inner = os.open(name, os.O_RDONLY, dir_fd=place)
        os.close(place)
        place = inner
    os.close(os.open("file", os.O_CREAT, dir_fd=place))
    os.close(place)
    (tmp_path / "locked").mkdir()
    (tmp_path / "locked" / "inner").mkdir(0)
    (tmp_path / "locked").chmod(0)
    sweep(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_links_are_removed_and_not_followed(tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "kept").touch(0o640)
    inside = tmp_path / "inside"
    (inside / "folder").mkdir(parents=True)
    (inside / "link").symlink_to(outside)
    (inside / "folder" / "link").symlink_to(outside)
    (inside / "broken").symlink_to("nowhere")
    os.mkfifo(inside / "pipe")
    sweep(inside)
    assert list(inside.iterdir()) == []
    assert (outside / "kept").stat().st_mode & 0o777 == 0o640


def test_threads_are_counted():
    counts = [threads_below(os.getpid())]
    over = threading.Event()
    for _ in range(3):
        threading.Thread(target=over.wait).start()
        counts.append(threads_below(os.getpid()))
    over.set()
    assert all(later - earlier == 1 for earlier, later in pairwise(counts))
    assert threads_below(2**22 + 1) == 0
