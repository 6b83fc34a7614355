"""Settings from the environment, the secret key, and the way SQLite is opened."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

from omniscript_mam.config import environment
from omniscript_mam.config.settings import database
from omniscript_mam.errors import SettingError, describe


@pytest.mark.parametrize(
    ("value", "found"), [("1500", 1500), ("200M", 200 << 20), ("50 GB", 50 << 30), ("1.5GiB", 3 << 29), ("2k", 2048), ("0", 0)]
)
def test_sizes(monkeypatch, value, found):
    monkeypatch.setenv("OMNISCRIPT_X", value)
    assert environment.num_bytes("X", 7) == found


@pytest.mark.parametrize(
    ("read", "value"),
    [
        (lambda: environment.num_bytes("X", 1), "many"),
        (lambda: environment.num_bytes("X", 1), "-5"),
        (lambda: environment.flag("X"), "perhaps"),
        (lambda: environment.number("X", 1.0), "ten"),
        (lambda: environment.number("X", 1.0), "nan"),
        (lambda: environment.number("X", 1.0, least=1.0), "0.5"),
    ],
)
def test_what_cannot_be_understood_names_the_variable(monkeypatch, read, value):
    monkeypatch.setenv("OMNISCRIPT_X", value)
    with pytest.raises(SettingError, match="OMNISCRIPT_X"):
        read()


def test_defaults_where_a_variable_is_empty(monkeypatch):
    monkeypatch.setenv("OMNISCRIPT_X", " ")
    assert environment.text("X", "default") == "default"
    assert environment.flag("X", True) is True
    assert environment.words("X", ("a",)) == ["a"]


def test_the_data_folder(monkeypatch, tmp_path):
    monkeypatch.delenv("OMNISCRIPT_DATA_DIR", raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert environment.data_dir() == tmp_path / "omniscript"
    folder = environment.make_data_dir(tmp_path / "a" / "b")
    assert folder.stat().st_mode & 0o777 == 0o700
    (tmp_path / "file").touch()
    with pytest.raises(SettingError):
        environment.make_data_dir(tmp_path / "file" / "sub")


def test_the_secret_key_is_made_once_and_private(monkeypatch, tmp_path):
    monkeypatch.delenv("OMNISCRIPT_SECRET_KEY", raising=False)
    key = environment.secret_key(tmp_path)
    assert (environment.secret_key(tmp_path), len(key) >= 64) == (key, True)
    assert (tmp_path / "secret_key").stat().st_mode & 0o777 == 0o600
    assert [path.name for path in tmp_path.iterdir()] == ["secret_key"]
    monkeypatch.setenv("OMNISCRIPT_SECRET_KEY", "given")
    assert environment.secret_key(tmp_path) == "given"
    monkeypatch.delenv("OMNISCRIPT_SECRET_KEY")
    (tmp_path / "secret_key").write_text("short")
    with pytest.raises(SettingError):
        environment.secret_key(tmp_path)


def test_processes_that_start_at_once_agree_on_the_key(tmp_path):
    code = "import sys, pathlib, omniscript_mam.config.environment as e; print(e.secret_key(pathlib.Path(sys.argv[1])))"
    clean = {name: value for name, value in os.environ.items() if name != "OMNISCRIPT_SECRET_KEY"}
    started = [subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stdout=subprocess.PIPE, env=clean) for _ in range(4)]
    assert len({process.communicate()[0] for process in started}) == 1


@pytest.mark.django_db
def test_sqlite_is_opened_safely():
    from django.db import connection

    if connection.vendor != "sqlite":
        pytest.skip("the tests run on another database")
    with connection.cursor() as cursor:
        found = {
            name: cursor.execute(f"PRAGMA {name}").fetchone()[0] for name in ("journal_mode", "synchronous", "busy_timeout", "foreign_keys")
        }
    assert found == {"journal_mode": "wal", "synchronous": 2, "busy_timeout": 30000, "foreign_keys": 1}
    assert connection.transaction_mode == "IMMEDIATE"


def test_a_database_url():
    found = database("postgres://someone:word@db.example:5433/films")
    assert (found["ENGINE"], found["HOST"], found["PORT"], found["NAME"]) == ("django.db.backends.postgresql", "db.example", 5433, "films")


def test_every_error_is_described():
    assert describe(OSError(28, "No space left on device")).code == "upload.storage_full"
    assert describe(MemoryError()).code == "memory"
    found = describe(ZeroDivisionError("division by zero\nmore"))
    assert (found.code, found.message) == ("unexpected", "ZeroDivisionError: division by zero")


@pytest.mark.django_db
def test_models_and_migrations_agree():
    from django.core.management import call_command

    call_command("makemigrations", check=True, dry_run=True, verbosity=0)
