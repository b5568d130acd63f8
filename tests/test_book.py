"""The reading copy builds without a warning."""

import subprocess
import sys

from autograder.lessons import ROOT, all_lessons


def test_book_builds_without_a_warning(tmp_path):
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-d", str(tmp_path / "doctrees")]
    command += [str(ROOT / "book"), str(tmp_path / "html")]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    pages = {path.stem for path in (tmp_path / "html" / "lessons").glob("*.html")}
    assert pages == {lesson.name for lesson in all_lessons()} | {"notation"}
