"""Reads ``OMNISCRIPT_*`` variables: one function per type, each naming the variable when its value cannot be understood.

:func:`given` reads a whole settings class by the types of its fields, so that a new field needs no line here. Also the data folder and
the secret key kept in it. Standard library only, so that the command line can use it before Django loads.
"""

from __future__ import annotations

import os
import re
import secrets
import tempfile
from dataclasses import fields
from pathlib import Path
from typing import Any, get_type_hints

from omniscript_mam.errors import SettingError

_UNITS = {"": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40}


def text(name: str, default: str = "") -> str:
    """The variable ``OMNISCRIPT_{name}``, stripped; the default where it is missing or empty."""
    return os.environ.get(f"OMNISCRIPT_{name}", "").strip() or default


def flag(name: str, default: bool = False) -> bool:
    """A yes or no: 1, true, yes, on / 0, false, no, off.

    Raises:
        SettingError: for anything else.
    """
    value = text(name).lower()
    if not value:
        return default
    if value in {"1", "true", "yes", "on"}:
        return True
    if value in {"0", "false", "no", "off"}:
        return False
    raise SettingError(f"OMNISCRIPT_{name} is {value!r}; it must be yes or no.")


def number(name: str, default: float, *, least: float = 0.0) -> float:
    """A number not under ``least``.

    Raises:
        SettingError: not a number, or too small.
    """
    value = text(name)
    if not value:
        return default
    try:
        found = float(value)
    except ValueError:
        raise SettingError(f"OMNISCRIPT_{name} is {value!r}; it must be a number.") from None
    if not least <= found < float("inf"):
        raise SettingError(f"OMNISCRIPT_{name} is {value}; it must be at least {least:g}.")
    return found


def num_bytes(name: str, default: int) -> int:
    """A size in bytes: ``1500``, ``200M``, ``50 GB``, ``1.5GiB`` (all units are powers of 1024).

    Raises:
        SettingError: not a size.
    """
    value = text(name)
    if not value:
        return default
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*([KMGT]?)(?:I?B)?", value.upper())
    if not found:
        raise SettingError(f"OMNISCRIPT_{name} is {value!r}; it must be a size such as 500M or 50G.")
    return int(float(found[1]) * _UNITS[found[2]])


def words(name: str, default: tuple[str, ...] = ()) -> list[str]:
    """A list separated by commas or spaces."""
    return [word for word in re.split(r"[,\s]+", text(name)) if word] or list(default)


def given(declared: type) -> dict[str, Any]:
    """What the variables say of the fields of a settings class: field → value; a field whose variable is not set is left out.

    Args:
        declared: a dataclass whose fields are made with :func:`omniscript_mam.conf.setting`.

    Raises:
        SettingError: a value cannot be understood.
    """
    types = get_type_hints(declared)
    return {
        field.name: _read(field.name.upper(), types[field.name], field.metadata) for field in fields(declared) if text(field.name.upper())
    }


def _read(name: str, wanted: Any, about: Any) -> Any:
    if about["is_size"]:
        return num_bytes(name, 0)
    if wanted is bool:
        return flag(name)
    if wanted in (int, float):
        return wanted(number(name, 0, least=about["least"] or 0))
    if wanted == tuple[str, ...]:
        return tuple(words(name))
    return Path(text(name)) if wanted is Path else text(name)


def data_dir() -> Path:
    """The data folder: ``OMNISCRIPT_DATA_DIR``, else ``$XDG_DATA_HOME/omniscript``, else ``~/.local/share/omniscript``."""
    named = text("DATA_DIR")
    if named:
        return Path(named).expanduser().resolve()
    base = os.environ.get("XDG_DATA_HOME", "").strip()
    return (Path(base).expanduser() if base else Path.home() / ".local" / "share").resolve() / "omniscript"


def make_data_dir(folder: Path) -> Path:
    """Make the data folder, readable by its owner only.

    Raises:
        SettingError: it cannot be made.
    """
    try:
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise SettingError(
            f"The data folder {folder} cannot be made: {error.strerror}.", remedy="Set OMNISCRIPT_DATA_DIR to a folder you may write to."
        ) from error
    return folder


def is_read_only(folder: Path) -> bool:
    """True for a data folder that is there and that nothing can be written into: a copy, a medium, a mount."""
    return folder.is_dir() and not os.access(folder, os.W_OK)


def secret_key(folder: Path) -> str:
    """``OMNISCRIPT_SECRET_KEY``, or the key kept in the data folder, made at first use with mode 0600.

    Two processes that start at once agree on one key: the file appears whole (hard link of a finished temporary file) and the
    later process reads the earlier one's.

    Raises:
        SettingError: the folder cannot be written, or the key kept there is too short to be safe.
    """
    given = text("SECRET_KEY")
    if given:
        return given
    path = make_data_dir(folder) / "secret_key"
    try:
        if not path.exists():
            _write_key(path)
        key = path.read_text(encoding="ascii").strip()
    except OSError as error:
        raise SettingError(f"The secret key {path} cannot be read or made: {error.strerror}.") from error
    if len(key) < 32:
        raise SettingError(f"The secret key in {path} is too short.", remedy="Delete the file; a new key is made at the next start.")
    return key


def _write_key(path: Path) -> None:
    descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=".secret_key")  # mkstemp gives mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="ascii") as file:
            file.write(secrets.token_urlsafe(64) + "\n")
        try:
            os.link(temporary, path)
        except FileExistsError:
            return
    finally:
        Path(temporary).unlink(missing_ok=True)
