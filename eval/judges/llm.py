"""A judge behind any OpenAI-compatible endpoint: temperature 0, one JSON answer a matrix, every answer kept on disk.

Answers are cached by endpoint model, prompt version and prompt text, so that a report scores again without a network (servers are
not bit-deterministic even at temperature 0: the cache is what makes a figure repeatable). A call that fails after its retries, or whose
answer is not the matrix that was asked for, is *unjudged*; a number out of [0, 1] is a :class:`JudgeError`.
"""

from __future__ import annotations

import hashlib
import json
import tempfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from eval.characters import Category
from eval.errors import JudgeAnswerError, JudgeError, JudgeSettingError
from omniscript_mam.remote_text import Abort, Address, BrokenAnswerError, RemoteText

from .base import JudgeEndpoint, Pair
from .prompts import VERSION, character_prompt, field_prompt


class LlmJudge:
    """Scores any text field. ``num_calls`` and ``failures`` tell what it cost and what went wrong.

    Raises:
        JudgeSettingError: the address is none that can be asked.
    """

    def __init__(self, endpoint: JudgeEndpoint, cache: Path) -> None:
        self._endpoint = endpoint
        self._cache = cache
        address = Address(
            url=endpoint.base_url,
            key=endpoint.api_key,
            num_tries=endpoint.num_tries,
            timeout_s=endpoint.timeout_s,
            silence_s=endpoint.timeout_s,
            backoff_s=endpoint.backoff_s,
        )
        if address.problem:
            raise JudgeSettingError(f"The judge's address {address.problem}.")
        self._remote = RemoteText(address, self._refusal)
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
                if not 0 <= value <= 1:  # false for NaN, too
                    raise JudgeError(f"{self.name} scored {field} {ref_items[i]!r} against {est_items[j]!r} with {value}")
        return [[float(value) for value in row] for row in rows]

    def map_characters(self, ref_names: Sequence[str], est_names: Sequence[str]) -> tuple[dict[str, str], dict[str, Category]] | None:
        """Confident equals (estimated → reference) and categories, or ``None`` if unjudged. Names that were not asked for are dropped."""
        answer = self._answer(character_prompt(ref_names, est_names))
        if not isinstance(answer, dict) or not isinstance(answer.get("mapping"), dict) or not isinstance(answer.get("categories"), dict):
            return None
        said = answer.get("conflicts")
        conflicts = [pair for pair in said if isinstance(pair, list) and len(pair) == 2] if isinstance(said, list) else []
        mapping = {e: r for e, r in answer["mapping"].items() if e in est_names and r in ref_names and [r, e] not in conflicts}
        kinds = {kind.value for kind in Category}
        return mapping, {name: Category(kind) for name, kind in answer["categories"].items() if isinstance(kind, str) and kind in kinds}

    def _answer(self, prompt: str) -> Any:
        key = hashlib.sha256("\0".join((self._endpoint.model, VERSION, prompt)).encode()).hexdigest()
        kept = self._cache / key[:2] / f"{key}.json"
        try:
            return json.loads(kept.read_text(encoding="utf-8"))["answer"]
        except (OSError, ValueError, KeyError, TypeError):
            pass  # not there, or cut by a full disk: ask
        try:
            answer = self._ask(prompt)
        except JudgeAnswerError as error:
            self.failures.append(str(error))
            return None
        _write(kept, {"model": self._endpoint.model, "prompt": prompt, "answer": answer})
        return answer

    def _ask(self, prompt: str) -> Any:
        """The JSON document in the server's answer; an answer without one counts as broken and is asked for again."""
        body = {
            "model": self._endpoint.model,
            "messages": [{"role": "user", "content": prompt}],
            "temperature": 0,
            "seed": 0,
            "response_format": {"type": "json_object"},
        }
        return self._remote.ask(body, self._read, Abort(JudgeAnswerError))

    def _read(self, payloads: Iterator[dict[str, Any]]) -> Any:
        self.num_calls += 1
        for payload in payloads:
            try:
                text = payload["choices"][0]["message"]["content"]
            except (KeyError, IndexError, TypeError) as error:
                raise BrokenAnswerError(f"the answer has another shape than chat completions ({error})") from error
            if not isinstance(text, str):
                raise BrokenAnswerError("the answer's content is no text")
            try:
                return json.loads(text)
            except (ValueError, RecursionError) as error:
                raise JudgeAnswerError(f"The judge's text is no JSON ({error}).") from error
        raise BrokenAnswerError("the answer is empty")

    def _refusal(self, said: str, *, status: int = 0, remedy: str | None = None, blocks: bool = False) -> JudgeAnswerError:
        return JudgeAnswerError(f"The judge {self._endpoint.model} {said.rstrip('.')}.", remedy=remedy)


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
