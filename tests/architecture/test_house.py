"""The house rules that a machine can check: who imports whom, the reading tour, how files open, and what must not be in the tree."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("omniscript_mam", "inference", "search", "eval", "training", "benchmarks")
MODULES = sorted(
    path
    for package in PACKAGES
    for path in (ROOT / package).rglob("*.py")
    if "migrations" not in path.parts and path.read_text(encoding="utf-8").strip()
)


def test_import_contracts_hold():
    script = Path(sys.executable).with_name("lint-imports")
    result = subprocess.run([str(script)], cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_the_reading_tour_of_the_readme_exists():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    tour = readme.partition("## Reading tour")[2].partition("\n## ")[0]
    files = re.findall(r"^\d\. \[`?([^`\]]+)`?\]\(([^)]+)\)", tour, re.M)
    assert len(files) == 6
    for shown, target in files:
        assert shown == target
        assert (ROOT / target).is_file(), target


@pytest.mark.parametrize("path", MODULES, ids=lambda path: str(path.relative_to(ROOT)))
def test_every_module_says_what_it_is_for(path):
    tree = ast.parse(path.read_text(encoding="utf-8"))
    assert ast.get_docstring(tree), "opens without a docstring"
    for node in ast.walk(tree):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert node.end_lineno - node.lineno <= 75, f"{node.name} does not fit in one look"


def test_files_can_be_read_in_one_sitting():
    long = {str(path.relative_to(ROOT)): n for path in MODULES if (n := path.read_text(encoding="utf-8").count("\n")) > 450}
    assert not long


def test_what_readme_and_docs_link_to_exists():
    for document in [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]:
        text = document.read_text(encoding="utf-8")
        for target in re.findall(r"\]\(([^)#:]+)(?:#[^)]*)?\)", text):
            assert (document.parent / target).exists(), f"{document.name} links to {target}"


def test_nothing_names_a_registry_host_or_a_machine():
    # Written in pieces, so that this file does not match itself.
    forbidden = re.compile(
        "|".join(["pypi" + r"\.org", "files\\.python" + "hosted", "registry\\." + "npmjs", "/wo" + "rk/", "deb\\." + "debian"])
    )
    tracked = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=True).stdout.split("\0")
    for name in filter(None, tracked):
        path = ROOT / name
        if path.suffix in {".png", ".jpg", ".ttf", ".otf", ".woff2", ".mp4"} or not path.is_file():
            continue
        found = forbidden.search(path.read_text(encoding="utf-8", errors="replace"))
        assert not found, f"{name} names {found.group()}"
