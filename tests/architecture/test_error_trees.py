"""One closed tree of errors per package: one base, everything under it, all of it defined and drawn in the package's ``errors`` module.

Classes are found by import, not by reading text, so an exception that a class statement hides (a dataclass, a nested class) is found too.
What is not in the tree must be named there as never seen by a caller.
"""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from types import ModuleType

import pytest

PACKAGES = {"inference": "InferenceError"}
"""Package → the base of its tree."""

NOT_IMPORTABLE = {"inference.omniscript.vllm_model"}
"""Modules that run only inside another program, which is not installed here."""


def _modules(package: str) -> list[ModuleType]:
    found = pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}.")
    return [importlib.import_module(each.name) for each in found if each.name not in NOT_IMPORTABLE and not each.name.endswith("__main__")]


def _exceptions(package: str) -> dict[str, type[BaseException]]:
    """Name → exception class that a module of the package defines, nested ones included."""
    classes: dict[str, type[BaseException]] = {}
    for module in _modules(package):
        waiting = [value for value in vars(module).values() if inspect.isclass(value) and value.__module__ == module.__name__]
        while waiting:
            each = waiting.pop()
            waiting += [value for value in vars(each).values() if inspect.isclass(value) and value.__module__ == module.__name__]
            if issubclass(each, BaseException):
                classes[f"{module.__name__}.{each.__qualname__}"] = each
    return classes


def _drawing(package: str) -> tuple[list[tuple[int, str]], str]:
    """The tree as (depth, name), and the text after it."""
    doc = inspect.getdoc(importlib.import_module(f"{package}.errors")) or ""
    lines = doc.splitlines()
    rows = [(match[1], match[2]) for line in lines if (match := re.match(r"^    ((?:[│ ]   )*(?:[├└]── )?)(\w+)\b", line))]
    return [(len(indent) // 4, name) for indent, name in rows], doc


@pytest.mark.parametrize("package", PACKAGES)
def test_every_exception_is_in_the_one_tree_or_never_leaves_its_room(package):
    base = getattr(importlib.import_module(f"{package}.errors"), PACKAGES[package])
    _, doc = _drawing(package)
    _, _, inner = doc.partition("Never seen by a caller")
    for place, each in _exceptions(package).items():
        if issubclass(each, base):
            assert each.__module__ == f"{package}.errors", f"{place} stands outside of {package}.errors"
        else:
            assert f"``{each.__name__}``" in inner, f"{place} is neither in the tree nor named as inner"
            assert issubclass(each, Exception), f"{place} is no Exception"


@pytest.mark.parametrize("package", PACKAGES)
def test_the_drawing_is_the_tree(package):
    base = getattr(importlib.import_module(f"{package}.errors"), PACKAGES[package])
    rows, _ = _drawing(package)
    parents: list[str] = []
    drawn = {}
    for depth, name in rows:
        del parents[depth:]
        assert name not in drawn, f"{name} is drawn twice"
        drawn[name] = parents[-1] if parents else None
        parents.append(name)
    defined = {each.__name__: each for each in _exceptions(package).values() if issubclass(each, base)}
    assert drawn == {name: None if each is base else each.__mro__[1].__name__ for name, each in defined.items()}
