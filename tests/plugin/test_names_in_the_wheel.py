"""Our package names in the wheel: out of the way of a site's own, and whole."""

from __future__ import annotations

import ast
import sys
import zipfile
from pathlib import Path

import pytest

from .conftest import ROOT
from .site import Environment

sys.path.append(str(ROOT / "tools"))
import build_backend


@pytest.mark.parametrize(
    ("source", "moved"),
    [
        ("from search import Hit\n", "from omniscript_mam.packages.search import Hit\n"),
        (
            "def f():\n    from inference.media import (\n        probe,\n    )\n",
            "def f():\n    from omniscript_mam.packages.inference.media import (\n        probe,\n    )\n",
        ),
        ("import eval.world as world\n", "import omniscript_mam.packages.eval.world as world\n"),
        ("import search\n", "from omniscript_mam.packages import search\n"),
        (
            "from .search import x\nfrom searching import y\nimport re  # search\n",
            "from .search import x\nfrom searching import y\nimport re  # search\n",
        ),
        ('text = "from search import x"\n', 'text = "from search import x"\n'),
    ],
)
def test_imports_are_moved_and_nothing_else(source, moved):
    assert build_backend.moved_imports(source) == moved


def test_a_bare_import_of_a_submodule_is_refused():
    with pytest.raises(ValueError, match="line 1"):
        build_backend.moved_imports("import search.query\n")


def test_a_module_named_in_a_string_is_found():
    modules = {"search.embeddings.child"}
    assert build_backend.named_in_strings('run("-m", "search.embeddings.child")', modules) == ["search.embeddings.child"]
    assert build_backend.named_in_strings('code = "search.embedding"', modules) == []


def test_the_wheel_has_one_name_at_the_top_and_no_import_of_the_others(wheel: Path):
    with zipfile.ZipFile(wheel) as archive:
        names = archive.namelist()
        assert {name.partition("/")[0] for name in names if ".dist-info" not in name} == {"omniscript_mam"}
        for name in names:
            if not name.endswith(".py"):
                continue
            for node in ast.walk(ast.parse(archive.read(name))):
                tops = [node.module or ""] if isinstance(node, ast.ImportFrom) and not node.level else []
                tops += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
                assert not {top.partition(".")[0] for top in tops} & set(build_backend.MOVED), name
        for needed in (
            "templates/omniscript/page.html",
            "static/omniscript/js/omniscript-element.js",
            "packages/inference/writers/lite/writer.py",
        ):
            assert f"omniscript_mam/{needed}" in names
        points = archive.read(next(name for name in names if name.endswith("entry_points.txt"))).decode()
        assert "omniscript_mam.packages.inference." in points


def test_children_start_where_the_working_folder_has_our_names(environment: Environment, tmp_path: Path, film: Path):
    """Children are started by module name; a working folder full of packages called like ours must not matter."""
    for name in build_backend.MOVED:
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text('raise ImportError("this is the site\'s")\n')
    code = """
import sys
from pathlib import Path
from omniscript_mam.packages.inference.media import probe
print(round(probe(Path(sys.argv[1])).duration_s))
"""
    assert environment.run("-c", code, str(film), folder=tmp_path).stdout.strip() == "12"
    child = "omniscript_mam.packages.search.embeddings.child"
    done = environment.run("-m", child, str(tmp_path), str(tmp_path), folder=tmp_path, code=None)
    assert '"error"' in done.stdout  # it started, looked for the model and said that there is none
