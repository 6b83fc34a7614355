"""docs/architecture.md is true: every path is there, every name stands at the top of its file, and every question has its answer."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PAGE = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
ADDITIONS = (
    "An evidence model", "A feeling", "A writer", "An engine", "A job step", "A search store", "An exporter",
    "A field that people correct", "A training recipe", "An API resource",
)  # fmt: skip
PACKAGES = ("omniscript_mam", "inference", "search", "eval", "training")
SPANS = sorted({span for span in re.findall(r"`([^`\n]+)`", PAGE) if re.fullmatch(r"[a-z_]+(/[A-Za-z_.]+)*/?(\.[a-z]+)?(:\w+)?", span)})
PATHS = [span for span in SPANS if "/" in span or span.endswith((".py", ".toml"))]
DRAWN = [
    (picture, path)
    for picture in re.findall(r"^```\n(.*?)^```", PAGE, re.M | re.S)
    for path in re.findall(r"(?<![\w/])(?:\w+/)*\w+\.py", picture)
]


def names_at_the_top(path: Path) -> set[str]:
    """What a module defines, assigns or imports at its top level."""
    names: set[str] = set()
    for node in ast.parse(path.read_text(encoding="utf-8")).body:
        if isinstance(node, ast.FunctionDef | ast.ClassDef):
            names.add(node.name)
        elif isinstance(node, ast.Assign):
            names |= {target.id for target in node.targets if isinstance(target, ast.Name)}
        elif isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name):
            names.add(node.target.id)
        elif isinstance(node, ast.ImportFrom):
            names |= {alias.asname or alias.name for alias in node.names}
    return names


@pytest.mark.parametrize("span", [span for span in PATHS if span != "file.py:NAME"])
def test_every_path_and_name_is_there(span):
    path, _, name = span.partition(":")
    assert (ROOT / path).is_dir() if path.endswith("/") else (ROOT / path).is_file(), f"there is no {path}"
    if name:
        assert name in names_at_the_top(ROOT / path), f"{path} has no {name}"


@pytest.mark.parametrize("path", sorted({path for _, path in DRAWN}))
def test_every_drawn_file_is_in_one_of_the_packages(path):
    places = [ROOT / path, *(ROOT / package / path for package in PACKAGES), ROOT / "omniscript_mam" / "services" / path]
    assert any(place.is_file() for place in places), f"no package has {path}"


def test_the_page_says_where_to_add_each_thing():
    told = re.findall(r"^### (.+)$", PAGE.partition("## Where one would add")[2], re.M)
    assert tuple(told) == ADDITIONS
    for section in PAGE.partition("## Where one would add")[2].split("\n### ")[1:]:
        assert re.search(r"`[\w/]+\.py:\w+`", section), f"{section.splitlines()[0]}: names no registry"


def test_every_room_of_the_house_is_in_the_table():
    inits = [init for package in ("inference", "omniscript_mam") for init in (ROOT / package).glob("*/__init__.py")]
    rooms = {f"{init.parent.relative_to(ROOT)}/" for init in inits}
    without_rules = {f"omniscript_mam/{name}/" for name in ("config", "migrations", "management", "templatetags")}
    assert not {room for room in rooms - without_rules if f"`{room}`" not in PAGE}
