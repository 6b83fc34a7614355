"""The environment of inference: read in one module, in types, and told to the user as it is."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from inference.environment import handed_on, read_environment, secret, variables, with_changes

ROOT = Path(__file__).resolve().parents[2]
ONLY_READER = ROOT / "inference" / "environment.py"


def test_no_other_module_looks_at_the_environment() -> None:
    readers = {
        path
        for path in (ROOT / "inference").rglob("*.py")
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8")))
        if (isinstance(node, ast.Attribute) and node.attr in {"environ", "environb", "getenv"})
        or (isinstance(node, ast.ImportFrom) and node.module == "os" and {each.name for each in node.names} & {"environ", "getenv"})
    }
    assert readers == {ONLY_READER}


def test_every_variable_of_ours_that_a_module_names_is_declared() -> None:
    named = {
        match
        for path in (ROOT / "inference").rglob("*.py")
        for match in re.findall(r"OMNISCRIPT_[A-Z]+(?:_[A-Z]+)*", path.read_text(encoding="utf-8"))
    }
    assert named - {"OMNISCRIPT_MODEL"} <= {each.name for each in variables()}, "OMNISCRIPT_MODEL_* stands for all of them"


def test_nothing_set_gives_what_the_table_says(monkeypatch: pytest.MonkeyPatch) -> None:
    for each in variables():
        assert each.name and each.default and each.meaning
        monkeypatch.delenv(each.name, raising=False)
    said = read_environment()
    assert said.models_dir is said.endpoints_file is said.torch_threads is None
    assert said.cache_dir == Path.home() / ".cache" / "omniscript"
    assert said.num_threads >= 1 and said.num_vision_threads == 1
    assert said.model_path == said.model_dtype == said.model_attention == said.model_batch_size == ""


def test_values_come_in_types(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMP_NUM_THREADS", raising=False)
    monkeypatch.setenv("OMNISCRIPT_MODELS_DIR", "~/models")
    monkeypatch.setenv("XDG_CACHE_HOME", "/cache")
    monkeypatch.setenv("OMNISCRIPT_THREADS", " 3 ")
    monkeypatch.setenv("OMNISCRIPT_VISION_THREADS", "2")
    monkeypatch.setenv("OMNISCRIPT_ENDPOINTS", "/etc/endpoints.toml")
    said = read_environment()
    assert said.models_dir == Path.home() / "models"
    assert said.cache_dir == Path("/cache/omniscript")
    assert (said.num_threads, said.num_vision_threads, said.torch_threads) == (3, 2, 3)
    assert said.endpoints_file == Path("/etc/endpoints.toml")
    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    assert read_environment().torch_threads is None, "whoever sets the libraries' own variable has decided"


@pytest.mark.parametrize("value", ["", "0", "-2", "many", "1.5"])
def test_a_number_of_threads_that_makes_no_sense_counts_as_unset(value: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OMNISCRIPT_THREADS", raising=False)
    unset = read_environment().num_threads
    monkeypatch.setenv("OMNISCRIPT_THREADS", value)
    assert read_environment().num_threads == unset


def test_children_get_what_is_handed_on_and_no_secret_is_printed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SERVICE_KEY", " hidden ")
    monkeypatch.delenv("ABSENT", raising=False)
    assert secret("SERVICE_KEY") == "hidden" and secret("ABSENT") == ""
    assert handed_on("SERVICE_KEY", "ABSENT") == {"SERVICE_KEY": " hidden "}
    assert with_changes(TMPDIR="/elsewhere")["TMPDIR"] == "/elsewhere"
    assert "hidden" not in repr(read_environment())


def test_the_readme_says_the_same() -> None:
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    told = {name: (default, meaning) for name, default, meaning in re.findall(r"^\| `(\w+)` \| (.+?) \| (.+?) \|$", readme, re.M)}
    ours = {each.name: each for each in variables()}
    assert {"OMNISCRIPT_MODELS_DIR", "OMNISCRIPT_MODEL_PATH", "OMNISCRIPT_THREADS", "OMNISCRIPT_ENDPOINTS"} <= told.keys()
    for name in told.keys() & ours.keys():
        default, meaning = told[name]
        assert default == ours[name].default
        assert meaning.partition(" ([")[0] == ours[name].meaning
