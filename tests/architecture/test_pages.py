"""Every page of ours tells of what is there: a path in backticks and a link lead to a file, and a dotted name to a module."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("omniscript_mam", "inference", "search", "eval", "training", "benchmarks", "docker", "docs", "examples", "tests", "tools")
PAGES = sorted([ROOT / "README.md", *(page for folder in FOLDERS for page in (ROOT / folder).rglob("*.md"))])
PATH = re.compile(rf"`((?:{'|'.join(FOLDERS)})/[\w./-]*)(?::\w+)?`")
LINK = re.compile(r"\]\((?!\w+:|#)([^)#\s]+)(?:#[^)]*)?\)")
MODULE = re.compile(r"(?<![\w./-])((?:inference|search|eval|training)(?:\.[a-z_]+)+)(?![\w/(])")


def wrong(page: Path, text: str) -> list[str]:
    """The paths, links and modules of a page's text that lead nowhere."""
    paths = [path for path in PATH.findall(text) if not (ROOT / path).exists()]
    links = [link for link in LINK.findall(text) if not (page.parent / link).exists()]
    modules = [name for name in MODULE.findall(text) if not name.endswith(".py") and not _is_module(name)]
    return [*paths, *links, *modules]


def _is_module(name: str) -> bool:
    """Whether it is a module or package, or one name (a function) inside of one."""
    places = [ROOT / name.replace(".", "/"), ROOT / name.rpartition(".")[0].replace(".", "/")]
    return places[0].is_dir() or any(place.with_suffix(".py").is_file() for place in places)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_a_page_tells_of_what_is_there(page):
    assert wrong(page, page.read_text(encoding="utf-8")) == []


def test_what_is_not_there_is_told():
    paths, links = "`inference/nowhere.py`, `inference/pipeline.py`", "[a](gone.md), [b](https://example.org)"
    text = f"{paths}, {links}, inference.nowhere.at_all, inference.pipeline"
    assert wrong(ROOT / "README.md", text) == ["inference/nowhere.py", "gone.md", "inference.nowhere.at_all"]
