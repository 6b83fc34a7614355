"""One declaration of each setting: the dictionary, the variables and the README follow it."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest

from omniscript_mam.conf import KEYS, Settings, conf, current
from omniscript_mam.config import environment, reference
from omniscript_mam.config.project import Project

ROOT = Path(__file__).resolve().parents[2]
SAID = {"data_dir": "/srv/films", "max_upload_bytes": "2G", "quota_bytes": "1.5 TB", "min_free_bytes": "0", "writers": "a=b:C, d=e:F"}
SAID |= {
    "segment_s": "12.5",
    "segment_workers": "3",
    "search_reader_s": "2.5",
    "lease_s": "60",
    "index_verify_s": "3600",
    "max_attempts": "2",
}


@pytest.fixture(autouse=True)
def data_folder() -> None:
    """The settings are made by each test."""


@pytest.mark.parametrize("declared", [Settings, Project])
def test_every_field_can_be_a_variable(monkeypatch, declared):
    for field in fields(declared):
        usual = "yes" if isinstance(field.default, bool) else f"word_{field.name}"
        monkeypatch.setenv(f"OMNISCRIPT_{field.name.upper()}", SAID.get(field.name, usual))
    read = environment.given(declared)
    assert set(read) == {field.name for field in fields(declared)}
    for field in fields(declared):
        assert isinstance(read[field.name], type(field.default)), field.name
    if declared is Settings:
        assert (read["max_upload_bytes"], read["quota_bytes"], read["writers"]) == (2 << 30, 3 << 39, ("a=b:C", "d=e:F"))


def test_what_is_not_set_is_left_out(monkeypatch):
    for key in KEYS:
        monkeypatch.delenv(f"OMNISCRIPT_{key}", raising=False)
    assert environment.given(Settings) == {}


def test_values_come_in_the_type_of_their_field(settings):
    settings.OMNISCRIPT = {"DATA_DIR": "films", "WRITERS": ["a=b:C"], "LEASE_S": 60, "BROKER_URL": "embedded", "WRITER": " lite "}
    assert conf.data_dir == Path.cwd() / "films"
    assert (conf.writers, conf.lease_s, conf.writer) == (("a=b:C",), 60.0, "lite")
    assert isinstance(conf.lease_s, float)
    assert conf.broker_url == f"omniscript-db:///{Path.cwd()}/films/broker.sqlite3"


def test_the_variables_of_our_project_pass_the_checks_of_the_dictionary(monkeypatch, settings, tmp_path):
    for name, value in SAID.items():
        monkeypatch.setenv(f"OMNISCRIPT_{name.upper()}", value)
    settings.OMNISCRIPT = {name.upper(): value for name, value in environment.given(Settings).items()}
    assert current().max_upload_bytes == 2 << 30


def test_the_readme_says_what_is_declared():
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert f"{reference.START}\n{reference.tables()}\n{reference.END}" in readme, "run python -m omniscript_mam.config.reference"
