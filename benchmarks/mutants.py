"""Do the tests see it when the judge or the grading is changed? Thirty small changes, drawn with a seed.

    .venv/bin/python benchmarks/mutants.py [SEED]

Each is made in a copy of the course, which bubblewrap lays over the course's folder, for sandboxes to see it
as well; then the fast tests of the changed file run. What none of them notices survived: should it have been
noticed? Run `make test` first: where a test fails anyway, every change seems noticed.
"""

import ast
import os
import random
import shlex
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PACKAGE, VENV = ROOT / "autograder", ROOT / ".venv"
MUTANTS, SECONDS, JOBS = 30, 90, 2
CI = {**os.environ, "CI": "true", "OMP_NUM_THREADS": "1"}

#: Which fast tests see a file's changes, below tests/; files that only slow tests see are left out.
ATTACKS = "grading/sandbox -k 'closed or landlock and (limits_are or fills or network or is_started)'"
OWN, ONE = ("notebooks", "export", "dress", "judge_client"), "grading/test_grader.py"
GRADER = f"{ONE} -k '(every_answer and not magic) or printed or fails'"
CLASS = "grading/test_classroom.py -k 'waits or no_response or end_of_a_run or removed or timestamp'"
FAST = {
    "judging": "judging",
    **{f"grading/{name}": f"grading/test_{name}.py" for name in OWN},
    **{f"grading/{name}": GRADER for name in ("grader", "judge_answers", "sandbox/child")},
    **{f"grading/{name}": CLASS for name in ("classroom", "gradebook", "overview", "strays")},
    **{"grading/course": "grading/test_notebooks.py", "grading/wire": "grading/sandbox/test_wire.py"},
    **{"grading/reading": f"{ONE} -k uses", "grading/results": f"{ONE} -k is_kept"},
    **{"grading/limits": ATTACKS, "grading/sandbox": ATTACKS},
    "grading/sandbox/isolation": "grading/sandbox/test_isolation.py",
}
SWAPS: dict[type[ast.AST], type[ast.AST]] = {
    **{ast.Eq: ast.NotEq, ast.NotEq: ast.Eq, ast.Is: ast.IsNot, ast.IsNot: ast.Is, ast.And: ast.Or},
    **{ast.In: ast.NotIn, ast.NotIn: ast.In, ast.Or: ast.And, ast.Lt: ast.LtE, ast.LtE: ast.Lt},
    **{ast.Gt: ast.GtE, ast.GtE: ast.Gt, ast.Add: ast.Sub, ast.Sub: ast.Add, ast.Div: ast.Mult},
    **{ast.Mult: ast.Add, ast.Pow: ast.Mult, ast.BitOr: ast.BitAnd, ast.BitAnd: ast.BitOr},
}


@dataclass
class Mutant:
    """One change: the file, the place of the node among its nodes, and what stands there instead."""

    path: Path
    place: int
    old: ast.expr | ast.stmt
    new: ast.AST

    def __str__(self) -> str:
        was, now = (ast.unparse(node).splitlines()[0] for node in (self.old, self.new))
        return f"{self.path.relative_to(ROOT)}:{self.old.lineno}: `{was}` -> `{now}`"

    def text(self) -> str:
        """The whole file with the change."""
        tree = ast.parse(self.path.read_text())
        made = Replace(list(ast.walk(tree))[self.place], self.new).visit(tree)
        return ast.unparse(ast.fix_missing_locations(made))


class Replace(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, old: ast.AST, new: ast.AST) -> None:
        self.old, self.new = old, new

    def visit(self, node: ast.AST) -> ast.AST:
        return self.new if node is self.old else self.generic_visit(node)


def replacement(node: ast.AST) -> ast.AST | None:
    """What could stand in a node's place, if it is one that is changed here."""
    parts = {name: getattr(node, name) for name in node._fields}
    match node:
        case ast.Compare() if type(node.ops[0]) in SWAPS:
            return ast.Compare(**{**parts, "ops": [SWAPS[type(node.ops[0])](), *node.ops[1:]]})
        case ast.BinOp() | ast.BoolOp() if type(node.op) in SWAPS:
            return type(node)(**{**parts, "op": SWAPS[type(node.op)]()})
        case ast.UnaryOp(op=ast.Not()):
            return node.operand
        case ast.If() | ast.IfExp() | ast.While():
            return type(node)(**{**parts, "test": ast.UnaryOp(ast.Not(), node.test)})
        case ast.Constant(value=bool() | int() | float() as value):
            return ast.Constant(not value if isinstance(value, bool) else value + 1)
        case ast.AugAssign() | ast.Raise() | ast.Expr(value=ast.Call()):
            return ast.Pass()
        case _:
            return None


def mutants_of(path: Path) -> Iterator[Mutant]:
    """All changes of a file. Annotations are never evaluated, so they are left alone."""
    nodes = list(ast.walk(ast.parse(path.read_text())))
    notes = [getattr(node, name, None) for node in nodes for name in ("annotation", "returns")]
    skipped = {inner for note in filter(None, notes) for inner in ast.walk(note)}
    for place, node in enumerate(nodes):
        new = None if node in skipped else replacement(node)
        if new is not None and isinstance(node, ast.expr | ast.stmt):
            yield Mutant(path, place, node, new)


def tests_for(path: Path) -> list[str]:
    """The arguments for pytest; none where no fast test looks at the file."""
    name = str(path.relative_to(PACKAGE).with_suffix(""))
    known = max((key for key in FAST if f"{name}/".startswith(f"{key}/")), key=len, default="")
    return shlex.split(f"tests/{FAST[known]}") if known else []


def run(mutant: Mutant, copies: list[Path]) -> str:
    """Run the tests on a free copy with the change -> was it noticed?"""
    changed = (copy := copies.pop()) / mutant.path.relative_to(ROOT)
    over: list[str | Path] = ["--dev-bind", "/", "/", "--bind", copy, ROOT, "--bind", VENV, VENV]
    pytest = [*over, "--chdir", ROOT, VENV / "bin" / "pytest", "-x", *tests_for(mutant.path)]
    command: list[str | Path] = ["bwrap", "--die-with-parent", *pytest]
    try:
        changed.write_text(mutant.text())
        done = subprocess.run(command, capture_output=True, check=False, env=CI, timeout=SECONDS)
    except subprocess.TimeoutExpired:
        return "too slow"
    finally:
        changed.write_text(mutant.path.read_text())
        copies.append(copy)
    return "survived" if done.returncode == 0 else "noticed"


def main(seed: int = 0) -> int:
    files = [*(PACKAGE / "judging").glob("*.py"), *(PACKAGE / "grading").rglob("*.py")]
    every = [mutant for path in sorted(files) if tests_for(path) for mutant in mutants_of(path)]
    chosen = random.Random(seed).sample(every, MUTANTS)
    with tempfile.TemporaryDirectory() as folder, ThreadPoolExecutor(JOBS) as pool:
        left_out = shutil.ignore_patterns(".venv", ".git", "_build", "demo-class")
        copies = [Path(shutil.copytree(ROOT, f"{folder}/{i}", ignore=left_out)) for i in range(JOBS)]
        ends = list(pool.map(lambda mutant: run(mutant, copies), chosen))
    for mutant, end in zip(chosen, ends, strict=True):
        if end != "noticed":
            print(f"{end}: {mutant}")
    print(f"{ends.count('noticed')} of {MUTANTS} changes noticed ({len(every)} are possible; seed {seed})")
    return 0


if __name__ == "__main__":
    sys.exit(main(*map(int, sys.argv[1:2])))
