"""A judge behind any OpenAI-compatible endpoint: temperature 0, one JSON answer a matrix, every answer kept on disk.

Answers are cached by endpoint model, prompt version and prompt text, so that a report scores again without a network (servers are
not bit-deterministic even at temperature 0: the cache is what makes a figure repeatable). A call that fails after its retries, or whose
answer is not the matrix that was asked for, is *unjudged*; a number out of [0, 1] is a :class:`JudgeError`.
"""

from __future__ import annotations

import hashlib
import json
import math
import tempfile
import time
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from eval.characters import Category
from eval.errors import JudgeError

from .base import Pair
from .prompts import VERSION, character_prompt, field_prompt

RETRIED = (408, 409, 429, 500, 502, 503, 504)


@dataclass(frozen=True)
class JudgeEndpoint:
    """An OpenAI-compatible endpoint. ``base_url`` ends before ``/chat/completions``; times in seconds."""

    base_url: str
    model: str
    api_key: str = ""
    timeout_s: float = 120.0
    num_tries: int = 4
    backoff_s: float = 1.0


class LlmJudge:
    """Scores any text field. ``num_calls`` and ``failures`` tell what it cost and what went wrong."""

    def __init__(self, endpoint: JudgeEndpoint, cache: Path) -> None:
        self._endpoint = endpoint
        self._cache = cache
        self.name = f"llm ({endpoint.model}, prompts {VERSION})"
        self.num_calls = 0
        self.failures: list[str] = []

    def prepare(self, field: str, pairs: Sequence[Pair]) -> None:
        """Nothing to prepare: one call a matrix."""

    def matrix(self, field: str, ref_items: Sequence[str], est_items: Sequence[str]) -> list[list[float]] | None:
        """Similarities in [0, 1], (num_ref, num_est), or ``None`` if unjudged.

        Raises:
            JudgeError: a number out of [0, 1].
        """
        if list(ref_items) == list(est_items) and len(ref_items) == 1:
            return [[1.0]]
        answer = self._answer(field_prompt(field, ref_items, est_items))
        rows: Any = answer.get("matrix") if isinstance(answer, dict) else None
        if not _has_shape(rows, len(ref_items), len(est_items)):
            if answer is not None:
                self.failures.append(f"{field}: the answer is not a {len(ref_items)} by {len(est_items)} matrix")
            return None
        for i, row in enumerate(rows):
            for j, value in enumerate(row):
                if not (math.isfinite(value) and 0 <= value <= 1):
                    raise JudgeError(f"{self.name} scored {field} {ref_items[i]!r} against {est_items[j]!r} with {value}")
        return [[float(value) for value in row] for row in rows]

    def map_characters(self, ref_names: Sequence[str], est_names: Sequence[str]) -> tuple[dict[str, str], dict[str, Category]] | None:
        """Confident equals (estimated → reference) and categories, or ``None`` if unjudged. Names that were not asked for are dropped."""
        answer = self._answer(character_prompt(ref_names, est_names))
        if not isinstance(answer, dict) or not isinstance(answer.get("mapping"), dict) or not isinstance(answer.get("categories"), dict):
            return None
        conflicts = {tuple(pair) for pair in answer.get("conflicts", []) if isinstance(pair, list) and len(pair) == 2}
        mapping = {e: r for e, r in answer["mapping"].items() if e in est_names and r in ref_names and (r, e) not in conflicts}
        kinds = {kind.value for kind in Category}
        return mapping, {name: Category(kind) for name, kind in answer["categories"].items() if kind in kinds}

    def _answer(self, prompt: str) -> Any:
        key = hashlib.sha256("\0".join((self._endpoint.model, VERSION, prompt)).encode()).hexdigest()
        kept = self._cache / key[:2] / f"{key}.json"
        if kept.exists():
            return json.loads(kept.read_text(encoding="utf-8"))["answer"]
        try:
            answer = self._ask(prompt)
        except (OSError, ValueError, KeyError, IndexError, TypeError) as error:
            self.failures.append(f"{type(error).__name__}: {error}")
            return None
        _write(kept, {"model": self._endpoint.model, "prompt": prompt, "answer": answer})
        return answer

    def _ask(self, prompt: str) -> Any:
        body = {
            "model": self._endpoint.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "seed": 0,
            "response_format": {"type": "json_object"},
        }
        for attempt in range(self._endpoint.num_tries):
            self.num_calls += 1
            try:
                return json.loads(self._post(body)["choices"][0]["message"]["content"])
            except urllib.error.HTTPError as error:
                if error.code not in RETRIED or attempt + 1 == self._endpoint.num_tries:
                    raise
            except (urllib.error.URLError, TimeoutError):
                if attempt + 1 == self._endpoint.num_tries:
                    raise
            time.sleep(self._endpoint.backoff_s * 2**attempt)
        raise TimeoutError("no answer")

    def _post(self, body: dict[str, Any]) -> Any:
        if not self._endpoint.base_url.startswith(("http://", "https://")):
            raise ValueError(f"{self._endpoint.base_url!r} is not an http address")
        headers = {"Content-Type": "application/json"}
        if self._endpoint.api_key:
            headers["Authorization"] = f"Bearer {self._endpoint.api_key}"
        url = f"{self._endpoint.base_url.rstrip('/')}/chat/completions"
        request = urllib.request.Request(url, json.dumps(body).encode(), headers)  # noqa: S310 - the scheme was checked above
        with urllib.request.urlopen(request, timeout=self._endpoint.timeout_s) as response:  # noqa: S310
            return json.loads(response.read(16 * 1024 * 1024))


def _has_shape(rows: Any, num_ref: int, num_est: int) -> bool:
    return (
        isinstance(rows, list)
        and len(rows) == num_ref
        and all(isinstance(row, list) and len(row) == num_est and all(_is_number(value) for value in row) for row in rows)
    )


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _write(path: Path, data: dict[str, Any]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=path.parent, delete=False) as file:
        json.dump(data, file, ensure_ascii=False)
    Path(file.name).replace(path)
