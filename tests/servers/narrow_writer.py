"""The remote writer over a model with random weights, whose answers are held short: such a model would write gibberish without end.

Everything else is the product's own: planning, prompts, client, reading, merging. Nobody stands in, so a segment that the server does not
answer well fails the job. Each question is noted in the file that OMNISCRIPT_TEST_CALLS names.
"""

from __future__ import annotations

import math
import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from inference.engines.base import Failure, OnText, OnWait, Reply, Request, ignore_text, ignore_wait
from inference.engines.remote.endpoints import endpoint_named
from inference.engines.remote.remote_engine import RemoteEngine
from inference.film import Film, Report, no_report
from inference.plan import Plan
from inference.writers.two_stage import TwoStageWriter

TEXT_CHARS = 8
EVENTS_PER_MIN = 2.0


def narrowed(schema: dict[str, Any], minutes: float) -> dict[str, Any]:
    """The schema with exactly so many items and texts of one length."""
    counts = {"scenes": 1, "segments": 1, "events": max(1, math.ceil(minutes * EVENTS_PER_MIN))}

    def narrow(part: Any, name: str = "") -> Any:
        if not isinstance(part, dict):
            return part
        made = {key: narrow(value, key if key != "items" else "") for key, value in part.items()}
        if part.get("type") == "array":
            made |= {"minItems": counts.get(name, 0), "maxItems": counts.get(name, 0)}
        elif isinstance(part.get("maxLength"), int):
            made |= {"minLength": TEXT_CHARS, "maxLength": TEXT_CHARS}
        elif isinstance(part.get("properties"), dict):
            kept = {*part.get("required", ()), "dialogue", "action"}
            made["properties"] = {key: value for key, value in made["properties"].items() if key in kept}
            made["required"] = list(made["properties"])
        return made

    return dict(narrow(schema))


class NarrowEngine(RemoteEngine):
    """The remote engine with narrower answers, and a note of every question."""

    def generate(self, requests: Sequence[Request], on_text: OnText = ignore_text, on_wait: OnWait = ignore_wait) -> list[Reply | Failure]:
        """As the remote engine."""
        short = []
        for request in requests:
            minutes = 0.0 if request.clip is None else request.clip.duration_s / 60
            short.append(replace(request, schema=narrowed(request.schema, minutes), thinking=False))
        _note([f"asked {request.purpose} {request.key}" for request in requests])
        replies = super().generate(short, on_text, on_wait)
        told = [(request, reply) for request, reply in zip(requests, replies, strict=True) if isinstance(reply, Reply)]
        _note([f"answered {request.purpose} {request.key} {reply.usage.num_new_tokens}" for request, reply in told])
        return replies


class NarrowWriter(TwoStageWriter):
    """The two-stage writer without hints, for which no small model need be here."""

    def plan(self, film: Film, report: Report = no_report) -> Plan:
        """As its parent."""
        return super().plan(_without_hints(film), report)

    def write_batch(self, film: Film, plan: Plan, indexes: Sequence[int], report: Report = no_report) -> list[str]:
        """As its parent."""
        return super().write_batch(_without_hints(film), plan, indexes, report)


def _without_hints(film: Film) -> Film:
    return replace(film, options={**film.options, "hints": False})


def narrow_writer() -> TwoStageWriter:
    """For OMNISCRIPT_WRITERS."""
    return NarrowWriter("narrow", lambda film: NarrowEngine(endpoint_named()))


def _note(lines: list[str]) -> None:
    with Path(os.environ["OMNISCRIPT_TEST_CALLS"]).open("a") as file:
        file.write("".join(f"{line}\n" for line in lines))
