"""Every error of every package: a code of its own, a place in the tree that its module draws, and a line in the table of statuses."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from pathlib import Path

import pytest

from omniscript_mam.http_status import STATUS, UNEXPECTED, status_of

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("omniscript_mam", "inference", "search", "eval", "training")
PYTHONS_OWN = {"Exception", "ValueError", "RuntimeError"}
NEVER_LEAVES = {
    "BrokenAnswerError": "inference: a server's stream, caught where it is read",
    "FfmpegError": "eval: turned into EncodingError",
    "Interrupted": "jobs: the worker is told to stop; nothing is wrong",
    "SourceMissing": "the demonstration's own",
    "SyntaxFault": "inference: caught by the reader of loose JSON",
    "Trouble": "remote_text: what went wrong with an attempt; the asker's own error is made of it",
}
"""Exceptions that say something to their own package only."""


@dataclass(frozen=True)
class Declared:
    """An exception class as its source declares it."""

    name: str
    base: str
    code: str
    path: Path


def declared() -> dict[str, Declared]:
    """Every public exception class, found in the sources, so that no model library is loaded."""
    classes = [
        Declared(node.name, ast.unparse(node.bases[0]).rpartition(".")[2], own_code(node), path)
        for package in PACKAGES
        for path in sorted((ROOT / package).rglob("*.py"))
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if isinstance(node, ast.ClassDef) and node.bases and not node.name.startswith("_")
    ]
    errors: dict[str, Declared] = {}
    while more := [each for each in classes if each.name not in errors and (each.base in PYTHONS_OWN or each.base in errors)]:
        errors |= {each.name: each for each in more}
    return errors


def own_code(node: ast.ClassDef) -> str:
    for line in node.body:
        if isinstance(line, ast.Assign) and ast.unparse(line.targets[0]) == "code":
            return str(ast.literal_eval(line.value))
    return ""


ERRORS = declared()
SPOKEN = sorted(name for name in ERRORS if name not in NEVER_LEAVES)
CLOSED = ("omniscript_mam", "inference", "search", "eval")
"""Packages with one tree, drawn in one module."""


def test_what_never_leaves_its_package_is_still_there() -> None:
    assert set(NEVER_LEAVES) <= set(ERRORS)


@pytest.mark.parametrize("name", SPOKEN)
def test_every_error_has_a_code_of_its_own(name: str) -> None:
    code = ERRORS[name].code
    assert re.fullmatch(r"[a-z_]+(\.[a-z_]+)*", code), f"{name} has no code"
    assert [each.name for each in ERRORS.values() if each.code == code] == [name]


@pytest.mark.parametrize("name", SPOKEN)
def test_every_error_has_a_line_in_the_table_of_statuses(name: str) -> None:
    """Its own, or the one of a base below the root of its tree: a root means that nobody thought about it."""
    error, codes = ERRORS[name], []
    while error.base in ERRORS:
        codes.append(error.code)
        error = ERRORS[error.base]
    assert any(code in STATUS for code in codes) or ERRORS[name] is error, f"{name} ({codes}) has no line"


def test_the_table_names_nothing_that_is_not_there() -> None:
    assert set(STATUS) <= {error.code for error in ERRORS.values()}
    assert all(400 <= status <= 599 for status in STATUS.values())


@pytest.mark.parametrize("name", [name for name in SPOKEN if ERRORS[name].path.relative_to(ROOT).parts[0] in CLOSED])
def test_every_error_is_drawn_in_its_packages_tree(name: str) -> None:
    root = ERRORS[name]
    while root.base in ERRORS:
        root = ERRORS[root.base]
    drawn = ast.get_docstring(ast.parse(root.path.read_text(encoding="utf-8"))) or ""
    assert re.search(rf"^[ │]*(├── |└── )?{name}\b", drawn, re.M), f"{name} is not drawn in {root.path.name}"


def test_whose_fault_it_is() -> None:
    from inference.errors import BrokenMediaError, InferenceError, MissingWeightsError
    from omniscript_mam.errors import AppError, NotFoundError, PoisonError, StorageFullError
    from omniscript_mam.script import TimingError
    from search.errors import IndexDamagedError, IndexLockedError

    assert [status_of(kind("x")) for kind in (NotFoundError, BrokenMediaError, TimingError)] == [404, 422, 400]
    assert [status_of(kind("x")) for kind in (IndexDamagedError, IndexLockedError, MissingWeightsError)] == [503, 503, 503]
    assert status_of(PoisonError("x")) == 500, "it has no line, its base has"
    assert status_of(StorageFullError("x")) == status_of(OSError(28, "No space left on device")) == 507
    assert {status_of(error) for error in (AppError("x"), InferenceError("x"), ValueError("x"), OSError(2, "x"))} == {UNEXPECTED}
