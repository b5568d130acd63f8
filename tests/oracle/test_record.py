"""The record: it is what PyTorch answers, it is used where it fits, and what does not fit is said."""

import subprocess
import sys
import zlib

import pytest

import autograder.exercises  # noqa: F401  fills the registry
from autograder import check, oracle, replay
from autograder.authoring.recording import disagreements, record, stale
from autograder.exercise import CONFIRM_SEED, EXERCISES, OPEN_SEED
from autograder.learner import words
from autograder.lessons import ROOT, all_lessons
from autograder.oracle import OracleError, solve, sources
from autograder.oracle import record as kept
from autograder.oracle.record import LessonRecord, NotRecordedError, recorded
from autograder.packing import pack
from autograder.plain import same_plain

LESSON = "start_here"
EXERCISE = EXERCISES["time_average"]


@pytest.fixture(autouse=True)
def clean(monkeypatch):
    """Nothing is remembered from one test to the next."""
    monkeypatch.delenv("AUTOGRADER_ORACLE", raising=False)
    monkeypatch.setattr(words, "_told", set())
    for cached in (kept.read, oracle._kept, oracle._live):
        cached.cache_clear()


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """A folder of records of one's own, with this lesson's in it."""
    (tmp_path / f"{LESSON}.record").write_bytes(kept.path_of(LESSON).read_bytes())
    monkeypatch.setattr(kept, "FOLDER", tmp_path)
    return tmp_path


def time_average(x):
    return x.mean(axis=1)


@pytest.mark.parametrize("name", EXERCISES)
def test_the_record_is_what_pytorch_answers(name):
    assert disagreements(EXERCISES[name]) == []


@pytest.mark.parametrize("lesson", all_lessons(), ids=lambda lesson: lesson.name)
def test_the_record_is_fresh(lesson):
    exercises = [e for e in EXERCISES.values() if e.lesson == lesson.stem]
    assert not stale(lesson.stem, exercises), f"run `autograder build {lesson.number}`"


def test_there_is_no_record_of_a_lesson_that_is_gone():
    lessons = {lesson.stem for lesson in all_lessons()}
    assert {path.stem for path in kept.FOLDER.iterdir()} == lessons


def test_open_cases_come_from_the_record_and_fresh_ones_from_pytorch():
    assert solve("time_average", OPEN_SEED).by.endswith(", recorded")
    assert solve("time_average", CONFIRM_SEED).by.endswith(", recorded")
    assert " on " in solve("time_average", 2).by


def test_pytorch_can_be_forced(monkeypatch):
    monkeypatch.setenv("AUTOGRADER_ORACLE", "live")
    made = solve("time_average", OPEN_SEED)
    assert " on " in made.by
    assert made.note == ""
    monkeypatch.setenv("AUTOGRADER_ORACLE", "dead")
    with pytest.raises(ValueError, match="AUTOGRADER_ORACLE is 'dead': set it to live"):
        solve("time_average", OPEN_SEED)


def recorded_differently(**changes):
    """This lesson's record, with other entries."""
    before = kept.read(LESSON)
    kept.write(LESSON, LessonRecord(before.by, {**before.exercises, **changes}))


def damage(path):
    path.write_bytes(path.read_bytes()[:-40])


def misunderstand(path):
    path.write_bytes(zlib.compress(pack({"by": "me", "exercises": [1]})))


def forget(path):
    others = {n: e for n, e in kept.read(LESSON).exercises.items() if n != "time_average"}
    kept.write(LESSON, LessonRecord("PyTorch", others))


UNFIT = {
    "gone": (lambda path: path.unlink(), "No results are recorded for lesson start_here."),
    "damaged": (damage, "The recorded results of lesson start_here are damaged."),
    "another's": (misunderstand, "The recorded results of lesson start_here are damaged."),
    "without the exercise": (forget, "No results are recorded for time_average."),
    "older": (
        lambda path: recorded_differently(time_average=("other", {OPEN_SEED: [], CONFIRM_SEED: []})),
        "time_average was changed since its results were recorded.",
    ),
}


@pytest.mark.parametrize("how", UNFIT)
def test_a_record_that_does_not_fit_is_not_used_and_said_once(folder, how, capsys):
    change, sentence = UNFIT[how]
    change(folder / f"{LESSON}.record")
    kept.read.cache_clear()
    with pytest.raises(NotRecordedError, match=sentence):
        recorded(EXERCISE, OPEN_SEED)
    for times in (1, 0):
        check(time_average)
        assert capsys.readouterr().out.count(f"{sentence} PyTorch answered anew.") == times
    assert stale(LESSON, [e for e in EXERCISES.values() if e.lesson == LESSON])


def test_recording_twice_writes_the_same_bytes(folder):
    lesson = next(lesson for lesson in all_lessons() if lesson.stem == LESSON)
    path = kept.path_of(LESSON)
    before = path.read_bytes()
    assert record(lesson) == "unchanged"
    path.unlink()
    kept.read.cache_clear()
    assert record(lesson) == "recorded"
    assert path.read_bytes() == before


def test_arguments_survive_the_record_bit_by_bit():
    for name in ("time_average", "layer_at_every_step"):
        cases = [case for case, _ in recorded(EXERCISES[name], OPEN_SEED).cases]
        assert all(map(same_plain, cases, EXERCISES[name].draw_cases(OPEN_SEED)))


def fingerprint_with(monkeypatch, tmp_path, old: str, new: str, where: str) -> str:
    """The fingerprint of time_average when a file of its lesson is written differently."""
    for room in ("exercises", "references"):
        source = sources.PACKAGE / room
        for path in [*source.glob(f"{LESSON}/*.py"), *source.glob(f"{LESSON}.py")]:
            target = tmp_path / path.relative_to(sources.PACKAGE)
            target.parent.mkdir(parents=True, exist_ok=True)
            text = path.read_text()
            target.write_text(text.replace(old, new) if str(path).endswith(where) else text)
    with monkeypatch.context() as patched:
        patched.setattr(sources, "PACKAGE", tmp_path)
        return sources.fingerprint(EXERCISE)


@pytest.mark.parametrize(
    ("old", "new", "where", "changes"),
    [
        ("x.mean(dim=1)", "x.sum(dim=1)", "references/start_here.py", True),
        ("rng.normal", "rng.uniform", "start_here/time_average.py", True),
        ("You averaged over the batch", "You took the mean", "start_here/time_average.py", False),
        ("points=1", "points=2", "start_here/time_average.py", False),
        ("rng.normal", "rng.uniform", "start_here/layer_at_every_step.py", False),
    ],
)
def test_the_fingerprint_sees_cases_and_references_and_nothing_else(
    monkeypatch, tmp_path, old, new, where, changes
):
    assert (
        old
        in (sources.PACKAGE / ("exercises" if "/time" in where or "/layer" in where else ""))
        .joinpath(where)
        .read_text()
    )
    made = fingerprint_with(monkeypatch, tmp_path, old, new, where)
    assert (made != sources.fingerprint(EXERCISE)) == changes


def test_shared_files_count_too():
    files = sources.closure([sources.exercise_file(EXERCISES["gru_backward"])])
    names = {str(path.relative_to(sources.PACKAGE / "exercises")) for path in files}
    assert {"gru/gru_backward.py", "gru/draws.py", "lstm/draws.py"} <= names


def test_families_of_mistakes_do_not_count():
    files = sources.case_files(EXERCISES["gru_backward"])
    assert {path.parent.name for path in files} == {"gru", "lstm"}
    text = "from autograder.exercises.families import averaged\nimport numpy as np\naveraged(gru, right)\n"
    assert sources._without_mistakes(f"{text}gru.cases(drawn)\n") == "import numpy as np\ngru.cases(drawn)"


def test_replay_needs_no_pytorch(monkeypatch):
    monkeypatch.setattr(oracle, "find_spec", lambda name: None)
    assert replay("time_average").inputs["x"].shape == (3, 5)


def test_without_pytorch_fresh_inputs_are_refused_with_a_sentence(monkeypatch):
    monkeypatch.setattr(oracle, "find_spec", lambda name: None)
    with pytest.raises(OracleError, match=r"the inputs are fresh ones\. Install it with"):
        solve("time_average", 3)


WITHOUT = """
import sys
sys.modules["torch"] = None
from functools import partial
import autograder.exercises
from autograder.exercise import EXERCISES
from autograder.judging.judge import judge
from autograder.judging.outcome import call
from autograder.judging.source import solution_functions
from autograder.learner import make_report
for name, exercise in EXERCISES.items():
    verdict = judge(exercise, partial(call, solution_functions()[name]))
    assert verdict.passed, (name, str(make_report(verdict)))
    for mistake in exercise.mistakes:
        named = [f.name for f in judge(exercise, partial(call, mistake.function)).findings]
        assert named == [mistake.name], (name, mistake.name, named)
"""


def test_without_pytorch_every_solution_is_right_and_every_mistake_is_named():
    done = subprocess.run(
        [sys.executable, "-c", WITHOUT], cwd=ROOT, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
