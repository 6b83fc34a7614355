"""What other people's code calls says what it does: every public class and function of the doors."""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
DOORS = ("omniscript_mam/api", "omniscript_mam/exporters", "omniscript_mam/web", "omniscript_mam/wire")


def public(tree: ast.AST):
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef) and not node.name.startswith("_"):
            yield node
            if isinstance(node, ast.ClassDef):
                yield from public(node)


@pytest.mark.parametrize("folder", DOORS)
def test_everything_public_is_documented(folder: str) -> None:
    nodes = [(path, node) for path in sorted((ROOT / folder).rglob("*.py")) for node in public(ast.parse(path.read_text(encoding="utf-8")))]
    assert nodes
    assert [f"{path.name}: {node.name}" for path, node in nodes if not ast.get_docstring(node)] == []
