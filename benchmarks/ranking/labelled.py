"""What every set is: an archive of scripts, and questions whose scene is known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from omniscript_mam.script import Script


@dataclass(frozen=True)
class Question:
    """A question and the scenes that answer it ("asset:scene"); ``group`` is what cross-validation keeps together."""

    text: str
    answers: frozenset[str]
    group: str
    kind: str = ""


@dataclass(frozen=True)
class LabelledSet:
    """A named set. ``scripts``: asset id → title and script."""

    name: str
    scripts: dict[str, tuple[str, Script]]
    questions: Sequence[Question]
