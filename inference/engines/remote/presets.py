"""What the servers that people run can take, so that an endpoint's table names its ``kind`` and not twelve keys.

Problem: servers that speak the same protocol differ in the names of parts and fields, and most ignore or refuse what they do not know.
A preset holds only what is true of a server whatever model it serves; whether a model sees and hears is the model's, and is declared
beside it. Every key of a preset can be overridden in the table; ``extra_body`` is joined, key by key. docs/writers.md says which presets
were tried against the real server.

Contents: :data:`PRESETS`, :data:`KINDS`, :func:`with_preset`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

_ONE_AT_A_TIME: dict[str, Any] = {
    "structured": "json_schema",
    "concurrency": 1,
    "max_clip_s": 60.0,
    "max_tokens": 4096,
    "queue_s": 3600.0,
    "timeout_s": 3600.0,
}
"""Servers on one's own machine: a prompt is read by the processor, the context is small. Short clips, long waits."""

PRESETS: dict[str, dict[str, Any]] = {
    # Exact frames, a schema that holds, an answer that goes on, loops stopped and usage told by the server.
    "vllm": {
        "structured": "structured_outputs",
        "continuation": "prefix",
        "repetition_detection": True,
        "usage": "continuous",
        "concurrency": 4,
    },
    "sglang": {"structured": "json_schema", "continuation": "prefix", "usage": "continuous", "concurrency": 4},
    # The context is shared out to the slots.
    "llama.cpp": {
        **_ONE_AT_A_TIME,
        "continuation": "prefill",
        "usage": "timings",
        "extra_body": {"chat_template_kwargs": {"enable_thinking": False}},  # a model that thinks takes no beginning of an answer
    },
    "ollama": {**_ONE_AT_A_TIME, "reasoning_effort": "none"},
    "lmstudio": _ONE_AT_A_TIME,
    "openai": {"structured": "json_schema", "token_limit": "max_completion_tokens", "concurrency": 4, "max_clip_s": 120.0},
}
"""Kind of server → keys of an endpoint's table."""

KINDS = tuple(PRESETS)


def with_preset(table: Mapping[str, Any]) -> dict[str, Any]:
    """The table with what its ``kind`` says of the keys that it does not hold."""
    preset = PRESETS.get(str(table.get("kind", "")), {})
    joined = {**preset, **table}
    ours, theirs = preset.get("extra_body"), table.get("extra_body")
    if isinstance(ours, dict) and isinstance(theirs, dict):
        joined["extra_body"] = {**ours, **theirs}
    return joined
