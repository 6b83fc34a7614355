"""Script <-> JSON, without loss.

:func:`dumps` writes the current schema version; :func:`loads` reads it and any older one (``UPGRADES`` holds one function per
step, applied in order). Limits: 64 MiB of text; a document beyond is refused before it is parsed.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from .errors import Fault, ScriptValidationError, ScriptVersionError
from .schema import SCHEMA_VERSION, Script
from .validation import validate

MAX_BYTES = 64 * 1024 * 1024

UPGRADES: dict[int, Callable[[dict[str, Any]], dict[str, Any]]] = {
    1: lambda data: data,  # version 2 only adds: evidence against a value, emotions of events, interactions of scenes
}
"""``UPGRADES[n]`` turns a plain document of version n into one of version n + 1."""


def dumps(script: Script, *, indent: int | None = None) -> str:
    """The document as JSON text. Defaults are left out, so that text compares well between revisions."""
    return json.dumps(to_data(script), ensure_ascii=False, indent=indent)


def to_data(script: Script) -> dict[str, Any]:
    """The document as plain data, schema version first."""
    return {"schema_version": SCHEMA_VERSION, **script.model_dump(mode="json", exclude_defaults=True)}


def loads(text: str | bytes) -> Script:
    """Read JSON text of this or an older schema version.

    Raises:
        ScriptValidationError: not JSON, not a Script, or too large.
        ScriptVersionError: written by a newer release.
    """
    if len(text) > MAX_BYTES:
        raise ScriptValidationError([Fault("(document)", f"larger than {MAX_BYTES} bytes")])
    try:
        data = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise ScriptValidationError([Fault("(document)", f"not JSON: {error}")]) from None
    return from_data(data)


def from_data(data: Any) -> Script:
    """Read plain data of this or an older schema version; raises as :func:`loads` does."""
    if not isinstance(data, dict):
        raise ScriptValidationError([Fault("(document)", "must be a JSON object")])
    return validate(upgrade(data))


def upgrade(data: dict[str, Any]) -> dict[str, Any]:
    """Bring plain data up to :data:`SCHEMA_VERSION`; a document without a version is read as the current one."""
    version = data.get("schema_version", SCHEMA_VERSION)
    if not isinstance(version, int) or isinstance(version, bool) or version < 1:
        raise ScriptValidationError([Fault("schema_version", f"{version!r} is not a version")])
    if version > SCHEMA_VERSION:
        raise ScriptVersionError(f"The script has schema version {version}; this release reads up to {SCHEMA_VERSION}.")
    while version < SCHEMA_VERSION:
        data = UPGRADES[version](data)
        version += 1
    return {**data, "schema_version": SCHEMA_VERSION}


def _refuse_constant(name: str) -> float:
    raise ValueError(f"{name} is not a JSON number")
