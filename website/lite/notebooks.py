"""The notebooks for where there is no PyTorch: cells that need it show what they showed at the build.

`python -m website.lite.notebooks` rewrites this clone's course/ so; Binder does it in its own copy.
"""

from __future__ import annotations

from html import escape
from typing import Any

import nbformat
from nbformat import NotebookNode

from autograder.lessons import Lesson, all_lessons
from website.lite.torch_code import split

KERNEL = {"name": "python", "display_name": "Python (in the browser)", "language": "python"}
RECORDED = (
    "*This cell needs PyTorch, which is not here. It is not run: what follows is recorded, as it was where "
    "the course was built.*"
)
SILENT = "*This cell needs PyTorch, which is not here. It is not run, and it would show nothing.*"
WELCOME = """\
**You are in the browser edition.** Python runs inside this page: nothing is installed, and nothing you write
leaves your computer. The first cell that you run takes some seconds, while Python starts.

- Your work and your progress are kept in *this browser*: close the page and come back.
- **File → Download**, or the arrow beside the disk, saves the notebook as a file: to keep it, to hand it in,
  or to go on elsewhere.
- The judge's answers are those that PyTorch gave, recorded. A few cells that train with PyTorch show their
  recorded pictures."""
#: What lesson 00 says of JupyterLab, and what is true here.
TRUE_HERE = {
    "Stop it with the ■ button above.": "**Kernel → Restart Kernel** ends it, and your text stays.",
    "is in one small file in your own user folder, outside the\n  course.": "is kept in this browser, too.",
}


def without_torch(lesson: Lesson, kind: str) -> NotebookNode:
    """A built notebook ('course' or 'solutions') of a lesson, in which nothing asks for PyTorch.

    Raises ValueError if an exercise needs PyTorch: that would be a fault of the lesson.
    """
    made: NotebookNode = nbformat.read(lesson.notebook(kind), as_version=4)
    outputs = {c.id: c.get("outputs", []) for c in nbformat.read(lesson.notebook("solutions"), 4).cells}
    made.cells = _cells(made.cells, outputs)
    return made


def for_browser(lesson: Lesson, kind: str) -> NotebookNode:
    """The same for JupyterLite: its kernel's name, and in lesson 00 what is different in a browser."""
    made = without_torch(lesson, kind)
    made.metadata["kernelspec"] = dict(KERNEL)
    if lesson.number == "00":
        for cell in made.cells:
            for said, true in TRUE_HERE.items():
                cell.source = cell.source.replace(said, true)
        welcome = nbformat.v4.new_markdown_cell(WELCOME)
        welcome.id = "browser-edition"
        made.cells.insert(1, welcome)
    return made


def _cells(cells: list[NotebookNode], outputs: dict[str, list[NotebookNode]]) -> list[NotebookNode]:
    missing: set[str] = set()
    made = []
    for cell in cells:
        if cell.cell_type != "code":
            made.append(cell)
            continue
        left = split(cell.source, missing)
        missing = (missing - left.made) | left.lost
        if left.source is not None:
            cell.source = left.source
            made.append(cell)
            continue
        if "nbgrader" in cell.metadata:
            raise ValueError(
                f"the cell {cell.id}, which is graded or locked, needs PyTorch: {cell.source[:60]!r}"
            )
        made.append(recorded(cell, outputs[cell.id]))
    return made


def recorded(cell: NotebookNode, outputs: list[NotebookNode]) -> NotebookNode:
    """A code cell as a text cell that shows what it showed, with its code folded."""
    made: NotebookNode = nbformat.v4.new_markdown_cell()
    attachments: dict[str, Any] = {}
    parts = [RECORDED if outputs else SILENT]
    for number, output in enumerate(outputs):
        data = output.get("data", {})
        if "image/png" in data:
            name = f"{cell.id}-{number}.png"
            attachments[name] = {"image/png": data["image/png"].replace("\n", "")}
            parts.append(f"![{output.metadata['image/png']['alt']}](attachment:{name})")
        elif "text/html" in data:
            parts.append(data["text/html"])
        else:
            parts.append(f"<pre>{escape(output['text'].rstrip())}</pre>")
    parts.append(f"<details><summary>The cell</summary>\n\n```python\n{cell.source}\n```\n\n</details>")
    made.source, made.id = "\n\n".join(parts), cell.id
    if attachments:
        made["attachments"] = attachments
    return made


if __name__ == "__main__":
    for each in all_lessons():
        nbformat.write(without_torch(each, "course"), each.notebook("course"))
