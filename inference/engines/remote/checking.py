"""What a server says of itself, and whether it answers a tiny question as it will be asked: known before a film is, not after.

Problem: an endpoint's table is what somebody believes of a server. So the server is asked for its models and their context
(``/models``; llama.cpp's ``/props`` tells context, slots and senses too), and then one question of a few tokens goes the whole way,
with a picture of 32 pixels and a tenth of a second of silence where the table says that it takes such things.

Tokens and seconds. Contents: :class:`Finding`, :func:`check_endpoint`.
"""

from __future__ import annotations

import io
import json
from dataclasses import dataclass
from typing import Any, Literal

import httpx2
import numpy as np
from PIL import Image

from inference.engines.base import Request
from inference.errors import EndpointError, RemoteError

from .chat_body import chat_body
from .client import ChatClient, Question, new_abort
from .clip_media import data_url, wav
from .endpoints import Endpoint
from .model_names import other_model

TIMEOUT_S = 10.0
PROBE_S = 120.0
MAX_LISTED = 5
SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {"answer": {"type": "string", "enum": ["yes"]}},
    "required": ["answer"],
    "additionalProperties": False,
}
TOKENS_PER_MIN = {"seen": 13_000, "heard": 1_500, "told": 450}
"""What a minute of a clip costs: pictures at two a second (docs/writers.md), sound, and the hints' text. Rough."""
PROMPT_TOKENS = 1_000


@dataclass(frozen=True)
class Finding:
    """One thing found. ``state``: ``ok``; ``note``: it works, and this will be lost; ``missing``: nothing can be asked."""

    name: str
    state: Literal["ok", "note", "missing"]
    detail: str
    remedy: str = ""


def check_endpoint(endpoint: Endpoint) -> list[Finding]:
    """Everything that can be known of the endpoint's server without a film. Never raises for what is wrong with it."""
    try:
        key = endpoint.api_key()
    except EndpointError as error:
        return [Finding("key", "missing", str(error), error.remedy)]
    told = _told(endpoint, key)
    findings = [*_model(endpoint, told), *_context(endpoint, told), *_senses(endpoint, told)]
    return [*findings, *_probe(endpoint)]


@dataclass
class _Told:
    """What the server says of itself; ``None`` or empty where it says nothing."""

    models: list[str]
    context: int | None
    slots: int | None
    modalities: dict[str, Any]


def _told(endpoint: Endpoint, key: str) -> _Told:
    headers = {"Authorization": f"Bearer {key}"} if key else {}
    with httpx2.Client(headers=headers, timeout=TIMEOUT_S, follow_redirects=False) as http:
        listed = _get(http, f"{endpoint.url}/models").get("data")
        props = _get(http, f"{endpoint.url.removesuffix('/v1')}/props")
    rows = [row for row in listed if isinstance(row, dict)] if isinstance(listed, list) else []
    names = [str(row.get("id", "")) for row in rows]
    mine = next((row for row in rows if row.get("id") == endpoint.model), rows[0] if len(rows) == 1 else {})
    settings = props.get("default_generation_settings")
    context = (settings or {}).get("n_ctx") if isinstance(settings, dict) else mine.get("max_model_len")
    modalities = props.get("modalities")
    return _Told(
        [name for name in names if name],
        context if isinstance(context, int) else None,
        props["total_slots"] if isinstance(props.get("total_slots"), int) else None,
        modalities if isinstance(modalities, dict) else {},
    )


def _get(http: httpx2.Client, url: str) -> dict[str, Any]:
    """The document at an address; nothing where there is none: the probe says what is wrong with the server."""
    try:
        found = http.get(url).json()
    except (httpx2.HTTPError, ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) else {}


def _model(endpoint: Endpoint, told: _Told) -> list[Finding]:
    if not told.models:
        return []
    if any(not other_model(endpoint.model, name) for name in told.models):
        return [Finding("model", "ok", f"The server has {endpoint.model}.")]
    has = ", ".join(told.models[:MAX_LISTED])
    detail = f"The server has {has}, and not {endpoint.model}: it refuses, or another model answers under that name."
    return [Finding("model", "note", detail, "Write the name of the model that is served into the endpoint's TOML table.")]


def _context(endpoint: Endpoint, told: _Told) -> list[Finding]:
    findings = []
    if told.context:
        minutes = endpoint.max_clip_s / 60
        per_min = TOKENS_PER_MIN["seen"] * endpoint.sees + TOKENS_PER_MIN["heard"] * endpoint.hears + TOKENS_PER_MIN["told"]
        needed = PROMPT_TOKENS + round(minutes * per_min) + endpoint.max_tokens
        detail = f"{told.context} tokens for a prompt and its answer; a clip of {endpoint.max_clip_s:g} s and its answer may take {needed}."
        if needed > told.context:
            remedy = "Give the server a longer context, or lower max_clip_s and max_tokens of the endpoint."
            findings.append(Finding("context", "note", f"{detail} Long stretches will be cut or refused.", remedy))
        else:
            findings.append(Finding("context", "ok", detail))
    if told.slots is not None and told.slots < endpoint.concurrency:
        detail = f"The server answers {told.slots} at once, and is asked {endpoint.concurrency}: the others wait in its queue."
        findings.append(Finding("slots", "note", detail, f"Set concurrency = {told.slots} in the endpoint's TOML table."))
    return findings


def _senses(endpoint: Endpoint, told: _Told) -> list[Finding]:
    lacking = [word for word, takes, key in (("pictures", endpoint.sees, "vision"), ("sound", endpoint.hears, "audio")) if takes and
               told.modalities.get(key) is False]  # fmt: skip
    if not lacking:
        return []
    detail = f"The endpoint declares {' and '.join(lacking)}, and the server's model takes none: every request will be refused."
    return [Finding("senses", "missing", detail, "Start the server with the model's --mmproj file, or declare none.")]


def _probe(endpoint: Endpoint) -> list[Finding]:
    quick = endpoint.model_copy(
        update={"num_tries": 1, "outage_s": 0.0, "queue_s": PROBE_S, "silence_s": PROBE_S, "timeout_s": PROBE_S, "max_tokens": 256}
    )
    request = Request(
        "plan", "You answer in JSON.", 'Answer with this JSON object and nothing else: {"answer": "yes"}', None, SCHEMA, False
    )
    body = chat_body(quick, request)
    body["messages"][1]["content"][:0] = _samples(endpoint)
    question = Question(body, on_text=lambda piece: None, is_worth_keeping=lambda text: False)
    try:
        answer = ChatClient(quick).ask(question, new_abort())
    except RemoteError as error:
        return [Finding("answer", "missing", str(error), error.remedy)]
    findings = [Finding("answer", "ok", f"It answered {question.tally.num_new_tokens} tokens to a tiny question.")]
    if other := other_model(endpoint.model, answer.model):
        detail = f"{endpoint.model} was asked for; the server says that {other} answered, and scripts will say so."
        findings.append(Finding("model", "note", detail, "Write the name of the model that is served into the endpoint's TOML table."))
    if endpoint.structured != "none" and not _holds(answer.text):
        detail = f"The answer does not keep to the schema that it was given ({endpoint.structured}): more answers will be asked for twice."
        findings.append(Finding("schema", "note", detail, 'Try structured = "json_schema", or "none".'))
    if not question.tally.num_prompt_tokens:
        detail = "The server does not tell how many tokens a prompt had: what is used, and its cost, will read too low."
        findings.append(Finding("usage", "note", detail))
    return findings


def _samples(endpoint: Endpoint) -> list[dict[str, Any]]:
    """A small picture and a little silence, as far as the endpoint takes them."""
    parts: list[dict[str, Any]] = []
    if endpoint.sees:
        file = io.BytesIO()
        Image.new("RGB", (32, 32), (90, 120, 60)).save(file, "JPEG")
        parts.append({"type": "image_url", "image_url": {"url": data_url("image/jpeg", file.getvalue())}})
    if endpoint.audio in {"part", "url"}:
        url = data_url("audio/wav", wav(np.zeros(1600, np.float32)))
        if endpoint.audio == "url":
            parts.append({"type": "audio_url", "audio_url": {"url": url}})
        else:
            parts.append({"type": "input_audio", "input_audio": {"data": url.partition(",")[2], "format": "wav"}})
    return parts


def _holds(text: str) -> bool:
    try:
        return bool(json.loads(text) == {"answer": "yes"})
    except (ValueError, RecursionError):
        return False
