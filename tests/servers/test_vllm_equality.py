"""vLLM in process against our own model: same prompt ids, same tokens, same log probabilities; and a control that has to differ.

Our model reads the prompt and vLLM's answer and gives the log probability of every token that vLLM named at each place of it,
so a place that differs is not hidden behind another continuation.
"""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path

import pytest
import torch

from inference.media.description import Frame
from inference.omniscript.modeling_omniscript import OmniScriptForConditionalGeneration
from inference.omniscript.processing_omniscript import OmniScriptProcessor

from .clips import CASES, CONTROLS, EIGHT, NUM_NEW_TOKENS, Asked
from .vllm import needs_vllm, run_in_vllm, served_model

pytestmark = [needs_vllm, pytest.mark.timeout(600)]

LARGEST_DIFFERENCE = 1e-4
"""In log probability, float32: sums in another order. Measured: docs/benchmarks.md."""
SMALLEST_OF_CONTROLS = 0.05
"""What a control has to differ by at least."""
ENGINES: dict[str, dict[str, object]] = {
    "as it comes": {},
    "chunked, small caches": {"max_num_batched_tokens": 256, "block_size": 32},
    "without caches": {"enable_prefix_caching": False, "mm_processor_cache_gb": 0},
}
ASKED = {**CASES, **{f"eight at once, {number}": asked for number, asked in enumerate(EIGHT)}}


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    torch.set_num_threads(1)
    return served_model(tmp_path_factory.mktemp("served"))


@pytest.fixture(scope="module")
def ours(folder):
    model, processor = OmniScriptForConditionalGeneration.from_pretrained(folder).eval(), OmniScriptProcessor.from_pretrained(folder)

    def likelihoods(asked: Asked, new: list[int]) -> tuple[list[int], torch.Tensor]:
        """Prompt ids, and the log probabilities (new tokens, vocabulary) of what comes at each place of ``new``."""
        shown = [Frame(time_s, image) for time_s, image in zip(asked.times_s, asked.frames(), strict=True)] if asked.times_s else None
        inputs = processor.clips(
            [processor.chat("s", asked.text, bool(asked.times_s))], [shown], [asked.sound()], [0.0], [asked.duration_s]
        )  # fmt: skip
        prompt, more = inputs["input_ids"], torch.tensor([new])
        with torch.no_grad():  # in two steps, as it writes: an answer of random weights may hold the tokens that stand for pictures
            read = model(**inputs, use_cache=True)
            shift = 0 if model.model.rope_deltas is None else int(model.model.rope_deltas)
            positions = (torch.arange(len(new)) + prompt.shape[1] + shift).expand(3, 1, -1)
            written = model(input_ids=more, position_ids=positions, past_key_values=read.past_key_values, use_cache=True)
        logits = torch.cat([read.logits[0, -1:], written.logits[0, :-1]])
        return prompt[0].tolist(), torch.log_softmax(logits.float(), -1)

    return likelihoods


@pytest.fixture(scope="module")
def answers(folder, tmp_path_factory):
    output = tmp_path_factory.mktemp("answers")

    @cache
    def asked_of(engine: str) -> dict[str, dict]:
        file = output / f"{len(list(output.iterdir()))}.json"
        done = run_in_vllm(["-m", "tests.servers.vllm_answers", str(folder), str(file), json.dumps(ENGINES[engine])])
        assert done.returncode == 0, done.stderr[-3000:]
        return json.loads(file.read_text())["answers"]

    return asked_of


def difference(answer: dict, theirs: torch.Tensor) -> float:
    """The largest difference in log probability over all tokens that vLLM named."""
    return max(
        abs(value - float(theirs[place, int(token)])) for place, likely in enumerate(answer["likely"]) for token, value in likely.items()
    )


@pytest.mark.parametrize("engine", ENGINES)
def test_vllm_answers_as_our_own_model_does(answers, ours, engine):
    table = {}
    for name, answer in answers(engine).items():
        prompt, theirs = ours(ASKED[name], answer["new"])
        assert answer["prompt"] == prompt, name
        assert len(answer["new"]) == NUM_NEW_TOKENS
        assert answer["new"] == theirs.argmax(-1).tolist(), name
        table[name] = difference(answer, theirs)
    assert set(table) == set(ASKED)
    for name, value in table.items():
        print(f"{engine} | {name} | {value:.1e}")
    assert max(table.values()) < LARGEST_DIFFERENCE, table


@pytest.mark.parametrize("control", CONTROLS)
def test_the_comparison_notices_what_is_changed(answers, ours, control):
    answer = answers("as it comes")["pictures and sound"]
    _, theirs = ours(CONTROLS[control], answer["new"])
    print(f"{control} | {difference(answer, theirs):.2f}")
    assert difference(answer, theirs) > SMALLEST_OF_CONTROLS
