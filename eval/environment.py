"""The environment: every variable that the benchmark reads, in this one place.

Nothing else in the package looks at ``os.environ``: whoever needs a value is given it, and the README's table is made from
:data:`VARIABLES`. The environment is read anew at each call.

Contents: :data:`VARIABLES` (for the table), :func:`judge_endpoint`, :func:`cache_dir`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path

from .errors import JudgeSettingError
from .judges import JudgeEndpoint


@dataclass(frozen=True)
class Variable:
    """One environment variable as a user reads of it: its name, what holds where it is unset, what it means."""

    name: str
    default: str
    meaning: str


JUDGE_URL = Variable("OMNISCRIPT_JUDGE_URL", "none", "address of the LLM judge's endpoint, before `/chat/completions`")
JUDGE_MODEL = Variable("OMNISCRIPT_JUDGE_MODEL", "none", "the model that judges, as the endpoint calls it")
JUDGE_KEY = Variable("OMNISCRIPT_JUDGE_KEY", "none", "key of the LLM judge's endpoint, where it wants one")
CACHE = Variable("XDG_CACHE_HOME", "`~/.cache`", "folder above `omniscript/`, which holds what can be fetched again")

VARIABLES = (JUDGE_URL, JUDGE_MODEL, JUDGE_KEY, CACHE)
"""All of them, in the order of the table."""


def judge_endpoint() -> JudgeEndpoint:
    """Where the LLM judge is asked.

    Raises:
        JudgeSettingError: address or model is not named.
    """
    url, model = _text(JUDGE_URL), _text(JUDGE_MODEL)
    if not url or not model:
        lacking = JUDGE_URL if not url else JUDGE_MODEL
        raise JudgeSettingError(f"The LLM judge cannot be asked: {lacking.name} is not set.")
    return JudgeEndpoint(url, model, _text(JUDGE_KEY))


def cache_dir() -> Path:
    """Where judges keep their answers and vectors."""
    return Path(_text(CACHE) or Path.home() / ".cache") / "omniscript"


def _text(variable: Variable) -> str:
    return os.environ.get(variable.name, "").strip()
