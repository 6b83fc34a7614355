"""The fields of a chat/completions request that an endpoint's table decides, whatever is asked: lengths, sampling, schema, further fields.

A film's questions (:mod:`.chat_body`) and a person's, which a search asks to be read, are asked of the same servers: what one of them
takes stands here once. Light: nothing of pictures or sound is imported.

Contents: :func:`common_fields`, :func:`schema_fields`, :func:`merged`.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from .endpoints import Endpoint

SEED = 0


def common_fields(endpoint: Endpoint, messages: Sequence[Mapping[str, Any]], max_new_tokens: int, *, streams: bool) -> dict[str, Any]:
    """Model, messages, sampling, length and whether the answer comes piece by piece."""
    return {
        "model": endpoint.model,
        "messages": messages,
        **({"temperature": 0, "seed": SEED} if endpoint.deterministic else {}),
        **({"reasoning_effort": endpoint.reasoning_effort} if endpoint.reasoning_effort else {}),
        endpoint.token_limit: min(max_new_tokens, endpoint.max_tokens),
        "stream": streams,
    }


def schema_fields(endpoint: Endpoint, name: str, schema: Mapping[str, Any]) -> dict[str, Any]:
    """What holds an answer to a JSON schema; nothing where the server cannot."""
    if endpoint.structured == "none":
        return {}
    if endpoint.structured == "structured_outputs":
        return {"structured_outputs": {"json": schema}}
    if endpoint.structured == "json_object":
        return {"response_format": {"type": "json_object"}}
    named = {"name": name, "schema": schema, **({"strict": True} if endpoint.strict else {})}
    return {"response_format": {"type": "json_schema", "json_schema": named}}


def merged(body: Mapping[str, Any], extra: Mapping[str, Any]) -> dict[str, Any]:
    """The body with further fields; of a field that is an object on both sides, both parts."""
    joined = dict(body)
    for key, value in extra.items():
        ours = joined.get(key)
        joined[key] = {**ours, **value} if isinstance(ours, dict) and isinstance(value, dict) else value
    return joined
