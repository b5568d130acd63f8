"""The exercises: a folder per lesson, a file per exercise. Importing this package fills `EXERCISES`.

Other modules in a lesson's folder (`draws`, `parts`) hold what several of its exercises share.
"""

import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules

from autograder.exercise import EXERCISES, ExerciseError

_REFERENCES = Path(__file__).resolve().parent.parent / "references"


def _references(lesson: str) -> list[str]:
    """The functions in a lesson's references, in their order: that of the lesson. Read, not imported."""
    path = _REFERENCES / f"{lesson}.py"
    text = path.read_text(encoding="utf-8") if path.exists() else ""
    return re.findall(r"^def ([a-z]\w*)\(", text, re.MULTILINE)


def _complete(name: str, lesson: str, references: list[str]) -> None:
    """Raise ExerciseError unless the module of this name declares nothing, or one exercise in full."""
    module = f"{__name__}.{lesson}.{name}"
    declared = [e for e in EXERCISES.values() if e.module == module]
    for exercise in declared:
        if exercise.name != name:
            raise ExerciseError(f"{module} declares {exercise.name}: give the file the exercise's name")
        if exercise.make_cases is None:
            raise ExerciseError(f"exercise {name} has no cases: add @{name}.cases in {module}")
        if name not in references:
            raise ExerciseError(
                f"exercise {name} has no reference: define {name} in autograder/references/{lesson}.py"
            )
    if name in references and not declared:
        raise ExerciseError(f"{module} declares no exercise: decorate its function with @exercise")


def _load(lesson: str) -> None:
    references = _references(lesson)
    folder = import_module(f"{__name__}.{lesson}")
    found = sorted(module.name for module in iter_modules(folder.__path__))
    known = [name for name in references if name in found]
    for name in [*known, *(name for name in found if name not in known)]:
        import_module(f"{__name__}.{lesson}.{name}")
        _complete(name, lesson, references)


for _lesson in sorted(module.name for module in iter_modules(__path__) if module.ispkg):
    _load(_lesson)
