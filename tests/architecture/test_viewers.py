"""Who asks is the first argument of everything that reads or changes the archive, so that rights have one place to be decided."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2] / "omniscript_mam"

PURE = ("selectors/addresses", "selectors/identifiers", "selectors/pages", "selectors/reading", "services/archive/names")
"""Modules that read nothing and change nothing."""

SYSTEM = (
    "services/archive/arrivals", "services/archive/claims", "services/archive/quota", "services/archive/receiving",
    "services/archive/renditions",
    "services/archive/sidecar_files", "services/jobs/holds", "services/jobs/leases", "services/jobs/reaping", "services/jobs/renditions",
    "services/jobs/running", "services/jobs/segments", "services/jobs/steps/index", "services/jobs/steps/merge",
    "services/jobs/steps/pictures", "services/jobs/steps/plan", "services/jobs/steps/probe", "services/jobs/steps/proxy",
    "services/jobs/steps/survey", "services/jobs/steps/write", "services/jobs/work", "services/jobs/workers", "services/publishing",
    "services/search/pending", "services/search/projecting", "services/writers",
)  # fmt: skip
"""Modules that work as the system: the inside of a running job, messages, and what a process can write with."""

MODULES = sorted(
    str(path.relative_to(ROOT).with_suffix(""))
    for room in ("selectors", "services")
    for path in (ROOT / room).rglob("*.py")
    if path.name != "__init__.py"
)


def public_functions(module: str) -> list[ast.FunctionDef]:
    tree = ast.parse((ROOT / f"{module}.py").read_text(encoding="utf-8"))
    return [node for node in tree.body if isinstance(node, ast.FunctionDef) and not node.name.startswith("_")]


def takes_viewer(function: ast.FunctionDef) -> bool:
    first = (function.args.posonlyargs + function.args.args)[:1]
    return [(each.arg, ast.unparse(each.annotation) if each.annotation else "") for each in first] == [("viewer", "Viewer")]


@pytest.mark.parametrize("module", [module for module in MODULES if module not in PURE + SYSTEM])
def test_the_viewer_comes_first(module: str) -> None:
    functions = public_functions(module)
    assert functions
    assert [function.name for function in functions if not takes_viewer(function)] == []


def test_what_works_as_the_system_is_there_and_takes_no_viewer() -> None:
    assert set(PURE + SYSTEM) <= set(MODULES)
    assert [f"{module}.{each.name}" for module in PURE + SYSTEM for each in public_functions(module) if takes_viewer(each)] == []


def test_selectors_start_from_visible_rows() -> None:
    """A site's own rows, and the ties to them, belong to no collection; :mod:`.links` narrows them by the visible asset."""
    started = {
        (path.stem, model)
        for path in (ROOT / "selectors").glob("*.py")
        for model in re.findall(r"\b(\w+)\.objects\b", path.read_text(encoding="utf-8"))
        if path.stem != "visible"
    }
    assert started == {("links", "ContentType"), ("links", "Link")}


@pytest.mark.parametrize("door", ["api", "web", "templatetags", "wire"])
def test_doors_read_no_rows_themselves(door: str) -> None:
    files = list((ROOT / door).rglob("*.py"))
    assert files
    assert [path.name for path in files if ".objects" in path.read_text(encoding="utf-8")] == []
