"""No import circle anywhere: not between modules, not hidden inside functions, and not for the sake of types alone.

Every import statement counts, wherever it stands: a circle that an import inside a function only puts off, or that only a type checker
follows, ties modules to each other all the same. A package's ``__init__`` is a module like any other, and counts where it is
imported by name.
"""

from __future__ import annotations

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("omniscript_mam", "inference", "search", "eval", "training")


def modules(root: Path) -> dict[str, Path]:
    """Dotted name → file, of every module of our packages under ``root``."""
    named = {}
    for path in (path for package in PACKAGES for path in (root / package).rglob("*.py")):
        parts = list(path.relative_to(root).with_suffix("").parts)
        named[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    return named


class Imports(ast.NodeVisitor):
    """The dotted names that a module imports; ``from a import b`` is ``a.b`` where that is a module, else ``a``."""

    def __init__(self, name: str, path: Path, known: dict[str, Path]) -> None:
        self.package = name if path.name == "__init__.py" else name.rpartition(".")[0]
        self.known = known
        self.targets: set[str] = set()

    def visit_Import(self, node: ast.Import) -> None:
        self.targets.update(alias.name for alias in node.names if alias.name in self.known)

    def visit_ImportFrom(self, node: ast.ImportFrom) -> None:
        base = node.module or ""
        if node.level:
            above = self.package.split(".")[: len(self.package.split(".")) - node.level + 1]
            base = ".".join([*above, *([node.module] if node.module else [])])
        for alias in node.names:
            inner = f"{base}.{alias.name}"
            if inner in self.known:
                self.targets.add(inner)
            elif base in self.known:
                self.targets.add(base)


def import_graph(root: Path) -> dict[str, set[str]]:
    """Module → the modules of ours that it imports."""
    known = modules(root)
    graph = {}
    for name, path in known.items():
        imports = Imports(name, path, known)
        imports.visit(ast.parse(path.read_text(encoding="utf-8")))
        graph[name] = imports.targets - {name}
    return graph


def circles(graph: dict[str, set[str]]) -> list[list[str]]:
    """Groups of modules that reach each other (strongly connected components of more than one; Tarjan, without recursion)."""
    index: dict[str, int] = {}
    low: dict[str, int] = {}
    stack: list[str] = []
    on_stack: set[str] = set()
    groups = []
    for start in sorted(graph):
        if start in index:
            continue
        work = [(start, iter(sorted(graph[start])))]
        index[start] = low[start] = len(index)
        stack.append(start)
        on_stack.add(start)
        while work:
            name, targets = work[-1]
            for target in targets:
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(sorted(graph[target]))))
                    break
                if target in on_stack:
                    low[name] = min(low[name], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[name])
                if low[name] == index[name]:
                    group = []
                    while not group or group[-1] != name:
                        group.append(stack.pop())
                        on_stack.discard(group[-1])
                    if len(group) > 1:
                        groups.append(sorted(group))
    return groups


def test_no_module_imports_itself_by_way_of_others():
    assert circles(import_graph(ROOT)) == []


@pytest.mark.parametrize(
    ("first", "second", "is_circle"),
    [
        ("import search.b", "import search.a", True),
        ("from . import b", "def late():\n    from search.a import thing", True),
        ("from .b import thing", "from typing import TYPE_CHECKING\nif TYPE_CHECKING:\n    from .a import thing", True),
        ("from search import b", "import ast\n\nfrom . import missing", False),
        ("from .b import thing", "import ast", False),
    ],
)
def test_a_circle_is_seen(tmp_path, first, second, is_circle):
    (tmp_path / "search").mkdir()
    for name, text in (("__init__", ""), ("a", first), ("b", second)):
        (tmp_path / "search" / f"{name}.py").write_text(text)
    assert bool(circles(import_graph(tmp_path))) is is_circle
