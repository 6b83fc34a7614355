"""What commands write: nothing that a terminal obeys, no markup, and never an error because of a name."""

from __future__ import annotations

import ast
import io
import json
import os
from pathlib import Path

import pytest

from omniscript_mam import cli
from omniscript_mam.commands import common, output
from omniscript_mam.services.archive.assets import register_upload
from omniscript_mam.viewer import EVERYBODY
from tests.essences import essence

HOSTILE = "\x1b]0;owned\x07\x1b[2J\u202egnp.mp4\u2066 [bold red]x[/] [/nope] \x9b31m"
NOT_UTF8 = os.fsdecode(b"caf\xe9.mp4")
ACTIVE = ("\x1b", "\x07", "\x9b", "\u202e", "\u2066")


def run(*arguments: str) -> int:
    with pytest.raises(SystemExit) as ended:
        cli.main(list(arguments))
    return int(ended.value.code or 0)


@pytest.fixture
def strange_archive(transactional_db, no_broker):
    """Two films whose titles want something of the terminal."""
    from omniscript_mam.services.jobs import ingest

    for number, title in enumerate((HOSTILE, f"{NOT_UTF8} {HOSTILE}")):
        asset, _ = register_upload(EVERYBODY, io.BytesIO(essence(b"film %d" % number)), title, title=title)
        ingest.enqueue(EVERYBODY, asset)


@pytest.mark.parametrize("arguments", [("jobs",), ("jobs", "--json"), ("collections", "list"), ("script", HOSTILE), ("index", "verify")])
def test_titles_stay_text_in_every_command(strange_archive, capsys, arguments):
    assert run(*arguments) in (0, 1, 3)
    said = "".join(capsys.readouterr())
    assert said
    assert not any(char in said for char in ACTIVE)
    said.encode("utf-8")


def test_markup_is_shown_and_not_obeyed(strange_archive, capsys):
    run("jobs")
    assert "[bold red]x[/] [/nope]" in capsys.readouterr().out


def test_a_progress_bar_takes_a_title_as_it_is(monkeypatch):
    terminal = io.StringIO()
    monkeypatch.setattr(terminal, "isatty", lambda: True, raising=False)
    monkeypatch.setattr("sys.stderr", terminal)
    with common.progress_bar(f"[/nope] {HOSTILE}") as show:
        show(0.5, f"[/also] {HOSTILE}")
        show(1.0, "")
    assert "[/nope]" in terminal.getvalue()
    assert "\x1b]0;" not in terminal.getvalue()


def test_json_loses_nothing(capsys):
    output.print_json({"title": HOSTILE, "path": NOT_UTF8})
    said = capsys.readouterr().out
    assert not any(char in said for char in ACTIVE)
    assert json.loads(said) == {"title": HOSTILE, "path": NOT_UTF8}


def test_letters_of_the_world_are_left_alone():
    for text in ("می‌خواهم", "क्‍ष", "👩‍🚀", "שלום", "naïve"):
        assert output.plain(text) == text


def test_write_takes_a_name_that_is_no_utf8(tmp_path, film, monkeypatch, capfd):
    named = tmp_path / NOT_UTF8
    named.write_bytes(film.read_bytes())
    monkeypatch.chdir(tmp_path)
    from inference.writers import WRITERS

    monkeypatch.setitem(WRITERS, "tiny", ("tests.integration.tiny_writer", "TinyWriter"))
    assert run("write", str(named), "--output-json", "-", "--writer", "tiny") == 0
    written = capfd.readouterr().out
    assert json.loads(written)["schema_version"] == 2
    assert not (tmp_path / "-").exists()
    assert run("write", str(named), "--output-json", "script.json", "--writer", "tiny") == 0
    assert json.loads((tmp_path / "script.json").read_text(encoding="utf-8")) == json.loads(written)


def test_ingest_takes_a_name_that_is_no_utf8(tmp_path, film, transactional_db, no_broker, capfd):
    named = tmp_path / NOT_UTF8
    named.write_bytes(film.read_bytes())
    assert run("ingest", str(named), "--title", NOT_UTF8, "--detach", "--json") == 0
    rows = json.loads(capfd.readouterr().out)
    assert rows[0]["path"] == str(named)
    assert rows[0]["title"] == "caf?.mp4"
    assert run("ingest", str(tmp_path / ("missing" + NOT_UTF8)), "--detach") == 1


def test_only_the_output_module_writes():
    """Whoever writes past it writes raw."""
    root = Path(cli.__file__).parent
    for path in [*(root / "commands").glob("*.py"), root / "cli.py", root / "demo.py"]:
        if path.name == "output.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call):
                name = ast.unparse(node.func)
                assert name not in {"print", "click.echo", "click.secho", "click.style", "sys.stdout.write", "sys.stderr.write"}, path


@pytest.mark.parametrize("url", ["foo://x", "nonsense", "postgres://user:secret@host:port/x", "mysql://user:secret@host/x"])
def test_a_bad_database_url_is_said_in_words(url):
    from omniscript_mam.config.settings import database
    from omniscript_mam.errors import SettingError

    with pytest.raises(SettingError, match="OMNISCRIPT_DATABASE_URL") as error:
        database(url)
    assert "secret" not in str(error.value)


def test_the_doctor_knows_a_writer_that_is_not_there(settings):
    from omniscript_mam.commands.checks import _guarded_writers

    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "WRITER": "ghost"}
    missing = [check for check in _guarded_writers() if check.state == "missing"]
    assert ["ghost" in check.detail for check in missing] == [True]
    settings.OMNISCRIPT = {**settings.OMNISCRIPT, "WRITER": "tiny"}
    assert not [check for check in _guarded_writers() if check.state == "missing"]
