"""Archives as Moodle and Canvas make them, and as people deform them: everybody is collected."""

import stat
import zipfile

import pytest
from typer.testing import CliRunner

from autograder.cli import app
from autograder.grading import limits
from autograder.grading.classroom import Classroom
from autograder.grading.collecting import KEPT, collect
from autograder.grading.gradebook import open_gradebook
from autograder.grading.layouts import Upload, canvas, moodle
from autograder.grading.names import is_name
from autograder.grading.preprocessors import NamedCollector
from tests.grading.conftest import HALF, RIGHT, answered_text


@pytest.fixture
def archive(tmp_path):
    """Make a zip of paths and contents; a ZipInfo may stand for a path."""

    def made(files):
        path = tmp_path / "all.zip"
        with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as opened:
            for name, content in files.items():
                opened.writestr(name, content)
        return path

    return made


@pytest.fixture
def submitted(root, lesson):
    """What lies in submitted/, by student and file."""

    def there():
        found = sorted((root / "submitted").glob(f"*/{lesson.name}/*"))
        return {(path.parts[-3], path.name): path.read_text() for path in found}

    return there


FILE = "start_here.ipynb"
ODD = {"of markup": "<img src=x onerror=alert(1)>", "of a path": "..", "of quotes": 'x"+alert(1)+"'}


def test_moodle_with_folders(root, lesson, archive, submitted):
    done = collect(
        root,
        lesson,
        archive(
            {
                f"Ann Lee_12_assignsubmission_file/{FILE}": "ann",
                f"Bo O’Neil_13_assignsubmission_file_/{FILE}": "bo",  # before Moodle 4.2
                f"José Ñandú_14_assignsubmission_file/mine/{FILE}": "josé",
                f"José Ñandú_14_assignsubmission_file/{FILE}": "josé's own",
                "José Ñandú_14_assignsubmission_file/start_here-Copy1.ipynb": "copy",
                "李 明_15_assignsubmission_file/A.IPYNB": "li",
                "Cy_16_assignsubmission_onlinetext/onlinetext.html": "here it is",
                "Di_17_assignsubmission_file/work.zip": "PK",
                "notes.txt": "",
            }
        ),
        "moodle",
    )
    assert submitted() == {
        ("Ann Lee", FILE): "ann",
        ("Bo O’Neil", FILE): "bo",
        ("José Ñandú", FILE): "josé's own",
        ("José Ñandú", "start_here-Copy1.ipynb"): "copy",
        ("李 明", "A.ipynb"): "li",
    }
    assert sorted(done.odd) == [
        "Cy: no notebook, but onlinetext.html.",
        "Di: no notebook, but work.zip.",
        "notes.txt: not a name that Moodle gives.",
    ]


def test_moodle_without_folders(root, lesson, archive, submitted):
    names = [f"Ann Lee_12_assignsubmission_file_{FILE}", f"Bo_3_assignsubmission_file_x_9_{FILE}"]
    assert not collect(root, lesson, archive(dict.fromkeys(names, "x")), "moodle").odd
    assert list(submitted()) == [("Ann Lee", FILE), ("Bo", f"x_9_{FILE}")]


def test_canvas(root, lesson, archive, submitted):
    done = collect(
        root,
        lesson,
        archive(
            {
                "leeann_4711_90210_start_here.ipynb": "old",
                "leeann_4711_90310_start_here-1.ipynb": "new",
                "leeann_4711_90310_start_here-2.ipynb": "newest of one number, by its time",
                "ñandújosé_LATE_4712_90211_start_here.ipynb": "late",
                "anon_x1y2z_90212_start_here.ipynb": "anonymous",
                "LATE_anon_a1b2c_90213_my_1_2_work.ipynb": "anonymous, late",
                "oneilbo_4713_text.html": "typed",
                "oneilcy_4714_5_report.pdf": "%PDF",
            }
        ),
        "canvas",
    )
    found = submitted()
    assert found.pop(("leeann", FILE)).startswith("new")
    assert found == {
        ("ñandújosé", FILE): "late",
        ("anon_x1y2z", FILE): "anonymous",
        ("anon_a1b2c", "my_1_2_work.ipynb"): "anonymous, late",
    }
    assert done.late == ["anon_a1b2c", "ñandújosé"]
    assert sorted(done.odd) == [
        "oneilbo: no notebook, but a text typed into the platform.",
        "oneilcy: no notebook, but report.pdf.",
    ]


def test_names_are_read_from_their_beginning():
    inside = f"Bo_3_assignsubmission_file/Ann Lee_12_assignsubmission_file/{FILE}"
    assert moodle(inside, "start_here") == Upload("Bo", "3", FILE, (-1,))
    assert moodle(f"x/Ann Lee_12_assignsubmission_file/{FILE}", "start_here") is None
    assert canvas("bo_3_4_leeann_12_13_a.ipynb", "start_here") == Upload(
        "bo", "3", "leeann_12_13_a.ipynb", (4,)
    )
    assert canvas("x/leeann_12_13_a.ipynb", "start_here") is None


def test_an_archive_that_was_unpacked_and_packed_again_on_windows(root, lesson, tmp_path, submitted):
    path = tmp_path / "again.zip"
    with zipfile.ZipFile(path, "w") as opened:
        for name in ("José_14_assignsubmission_file", "Bo_3_assignsubmission_file"):
            info = zipfile.ZipInfo("x")
            info.filename = info.orig_filename = f"Week 1\\{name}\\{FILE}"
            opened.writestr(info, "x")
        opened.writestr("__MACOSX/Week 1/._x", "x")
    assert not collect(root, lesson, path, "moodle").odd
    assert list(submitted()) == [("Bo", FILE), ("José", FILE)]


def test_utf8_without_a_word_about_it(root, lesson, archive, submitted):
    path = archive({f"José_14_assignsubmission_file/{FILE}": "x"})
    content = bytearray(path.read_bytes())
    for start, at in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        content[content.index(start) + at + 1] &= ~0x08
    path.write_bytes(content)
    collect(root, lesson, path, "moodle")
    assert list(submitted()) == [("José", FILE)]


@pytest.mark.parametrize("name", ODD.values(), ids=ODD)
def test_names_that_no_student_can_have_are_refused_at_every_entrance(root, lesson, archive, submitted, name):
    files = {f"{name}_9_assignsubmission_file/{FILE}": "x", f"Ann_1_assignsubmission_file/{FILE}": "x"}
    done = collect(root, lesson, archive(files), "moodle")
    assert list(submitted()) == [("Ann", FILE)]
    assert len(done.odd) == 1
    assert "no student can be called that" in done.odd[0]
    collector = NamedCollector(named_regexp=r"(?P<student_id>.+)_\d+_(?P<file_id>[^/]+)")
    assert collector.collect(f"{name}_9_{FILE}") is None
    taken = collector.collect(f"Ann_9_{FILE}")
    assert taken is not None
    assert taken["student_id"] == "Ann"


def test_folders_that_are_no_students_are_not_graded_and_said(root, lesson, hand_in):
    for name in ("ann", "<b>bo", "=1+1"):
        hand_in(name, RIGHT)
    (root / "submitted" / "cy").symlink_to("ann")
    summary = Classroom(root, lesson).grade(1, lambda _one: None)
    assert summary.scores == {"ann": 1.0}


@pytest.mark.parametrize(
    "name",
    [
        "Ann Lee",
        "leeann",
        "o'neil, bo",
        "O’Neil (2)",
        "李明",
        "Zoë",
        "müller-lüdenscheidt",
        "x.y@z.org",
        "a" * 200,
    ],
)
def test_people_may_be_called_what_they_are_called(name):
    assert is_name(name)


@pytest.mark.parametrize(
    "name",
    [
        "",
        ".",
        "..",
        ".x",
        "x.",
        " x",
        "a/b",
        "a\\b",
        "a\nb",
        "<b>",
        'a"b',
        "a&b",
        "=1+1",
        "\u202ea",
        "-",
        "\ud800",
        "a" * 201,
    ],
)
def test_nobody_is_called(name):
    assert not is_name(name)


def test_two_people_of_one_name_are_said_and_all_others_collected(root, lesson, archive, submitted):
    files = ["leeann_1_5", "leeann_2_6", "bo_3_7", "Bo_4_8", "cy_5_9"]
    done = collect(root, lesson, archive({f"{f}_{FILE}": "x" for f in files}), "canvas")
    assert list(submitted()) == [("cy", FILE)]
    assert "leeann: 2 people have this name (1, 2)" in done.odd[0]
    assert len(done.odd) == 3


def test_bombs_links_locks_and_torn_files_cost_their_owner_alone(
    root, lesson, archive, submitted, monkeypatch
):
    monkeypatch.setattr(limits, "NOTEBOOK_BYTES", 1000)
    link = zipfile.ZipInfo(f"Di_4_assignsubmission_file/{FILE}")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = archive(
        {
            f"Ann_1_assignsubmission_file/{FILE}": "x",
            f"Bo_2_assignsubmission_file/{FILE}": "0" * 10_000_000,
            f"Cy_3_assignsubmission_file/{FILE}": "torn" * 9,
            link: "/etc/passwd",
            f"Ed_5_assignsubmission_file/{FILE}": "locked",
        }
    )
    content = bytearray(path.read_bytes())
    with zipfile.ZipFile(path) as opened:
        torn, locked = (opened.getinfo(f"{who}_assignsubmission_file/{FILE}") for who in ("Cy_3", "Ed_5"))
    content[torn.header_offset + 30 + len(torn.filename)] ^= 255
    content[locked.header_offset + 6] |= 1
    place = content.rindex(locked.filename.encode()) - 46 + 8
    content[place] |= 1
    path.write_bytes(content)
    done = collect(root, lesson, path, "moodle")
    assert list(submitted()) == [("Ann", FILE)]
    assert sorted(done.odd) == [
        f"Bo: {FILE} has more than 0 MB.",
        f"Cy: {FILE} is damaged or encrypted in the archive.",
        f"Di: {FILE} is a link.",
        f"Ed: {FILE} is damaged or encrypted in the archive.",
    ]


def test_collecting_again_keeps_what_it_replaces(root, lesson, archive, submitted):
    def again(content):
        return collect(root, lesson, archive({f"Ann_1_assignsubmission_file/{FILE}": content}), "moodle")

    assert again("one").new == ["Ann"]
    mine = root / "submitted" / "Ann" / lesson.name
    (mine / "timestamp.txt").write_text("2026-11-20 12:00:00 UTC")
    assert again("one").unchanged == ["Ann"]
    assert (mine / "timestamp.txt").exists()
    assert again("two").replaced == ["Ann"]
    assert again("three").replaced == ["Ann"]
    assert submitted() == {("Ann", FILE): "three"}
    kept = root / KEPT / lesson.name / "Ann"
    assert [(kept / number / FILE).read_text() for number in "12"] == ["one", "two"]


def test_a_folder_that_is_a_link_is_left_alone(root, lesson, archive, tmp_path):
    (root / "submitted").mkdir()
    (tmp_path / "elsewhere").mkdir()
    (root / "submitted" / "Ann").symlink_to(tmp_path / "elsewhere")
    done = collect(root, lesson, archive({f"Ann_1_assignsubmission_file/{FILE}": "x"}), "moodle")
    assert done.odd == ["Ann: submitted/Ann is no ordinary folder, and was left alone."]
    assert not list((tmp_path / "elsewhere").iterdir())


@pytest.mark.parametrize(
    ("platform", "name"),
    [("moodle", f"Ann_1_assignsubmission_file/{FILE}"), ("canvas", f"ann_LATE_1_2_{FILE}")],
)
def test_times_of_entries_are_not_taken_for_times_of_handing_in(root, lesson, archive, platform, name):
    """They say when a platform packed, or nothing: Moodle's are those of the download or of 1980."""
    entry = zipfile.ZipInfo(name, date_time=(2031, 5, 4, 3, 2, 2))
    done = collect(root, lesson, archive({entry: answered_text(lesson, RIGHT)}), platform)
    (student,) = done.new
    assert [p.name for p in (root / "submitted" / student / lesson.name).iterdir()] == [FILE]
    assert done.late == ([] if platform == "moodle" else [student])
    assert "nothing of it counts as late by itself" in str(done)
    again = collect(root, lesson, archive({entry: answered_text(lesson, RIGHT)}), platform)
    assert "nothing of it counts" not in str(again)
    summary = Classroom(root, lesson).grade(1, lambda _one: None)
    assert summary.late == {}
    with open_gradebook(root) as book:
        assert book.find_submission(lesson.name, student).timestamp is None


def test_the_command_collects_grades_and_says(root, archive, monkeypatch):
    monkeypatch.setattr("autograder.grading.commands.one_lesson", lambda _word, _root=None: lesson_of(root))
    path = archive({f"Ann_1_assignsubmission_file/{FILE}": answered_text(lesson_of(root), HALF), "x.txt": ""})
    done = CliRunner().invoke(app, ["collect", "00", str(path), "--from", "moodle"])
    assert done.exit_code == 1
    assert done.output.splitlines() == [
        "x.txt: not a name that Moodle gives.",
        "The archive does not hold when it was handed in, so that nothing of it counts as late by itself.",
        "1 new, 0 replaced, 0 as before; 1 things were not collected.",
    ]
    assert Classroom(root, lesson_of(root)).grade(1, lambda _one: None).scores == {"Ann": 0.5}


def lesson_of(root):
    from autograder.lessons import Lesson

    return Lesson(root / "lessons" / "00_start_here.py")


@pytest.mark.parametrize(
    ("content", "sentence"),
    [(None, "There is no file"), (b"", "is no zip file"), (b"PK\x03\x04" + b"x" * 99, "is no zip file")],
)
def test_what_is_no_archive_is_said(root, lesson, tmp_path, content, sentence):
    if content is not None:
        (tmp_path / "a.zip").write_bytes(content)
    with pytest.raises(ValueError, match=sentence):
        collect(root, lesson, tmp_path / "a.zip", "moodle")


def test_the_wrong_platform_is_said(root, lesson, archive):
    done = collect(root, lesson, archive({f"leeann_1_2_{FILE}": "x"}), "moodle")
    assert done.odd == [f"leeann_1_2_{FILE}: not a name that Moodle gives."]
    with pytest.raises(ValueError, match="holds no file that Moodle names"):
        collect(root, lesson, archive({}), "moodle")
