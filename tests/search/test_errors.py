"""The exception tree: closed, drawn, and each with a code, a sentence and a remedy."""

from __future__ import annotations

import ast
import builtins
import inspect
from pathlib import Path

import pytest

import search
from search import errors

TREE = [each for _, each in inspect.getmembers(errors, inspect.isclass) if each.__module__ == errors.__name__]


def test_the_tree_is_drawn_and_has_one_root():
    assert errors.__doc__ and all(error.__name__ in errors.__doc__ for error in TREE)
    assert [error.__name__ for error in TREE if error.__base__ is Exception] == ["SearchError"]
    assert all(issubclass(error, errors.SearchError) and error.__name__ in search.__all__ for error in TREE)


def test_codes_tell_errors_apart_and_every_error_has_a_remedy():
    assert len({error.code for error in TREE}) == len(TREE)
    assert all(error.remedy.endswith(".") and error.__doc__ for error in TREE)
    assert errors.IndexLockedError("Busy.", remedy="Wait.").remedy == "Wait."


@pytest.mark.parametrize("path", sorted(Path(search.__file__).parent.rglob("*.py")), ids=lambda path: path.stem)
def test_nothing_else_is_raised(path):
    names = {each.__name__ for each in TREE}
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Raise) and isinstance(node.exc, ast.Call) and isinstance(node.exc.func, ast.Name):
            assert node.exc.func.id in names, f"{path}:{node.lineno}"
            assert not hasattr(builtins, node.exc.func.id)
