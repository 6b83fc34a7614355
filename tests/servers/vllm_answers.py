"""Run by vLLM's own Python: ask the questions of :mod:`tests.servers.clips` in process and write what came as JSON.

python -m tests.servers.vllm_answers FOLDER OUTPUT '{"max_num_batched_tokens": 256, …}' [ADAPTER]
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

os.environ.setdefault("VLLM_ENABLE_V1_MULTIPROCESSING", "0")

from vllm import LLM, SamplingParams
from vllm.lora.request import LoRARequest

from tests.servers.clips import CASES, EIGHT, NUM_NEW_TOKENS, RATE_HZ, Asked

CLIP = "<|vision_start|><|video_pad|><|vision_end|>"
NUM_ALTERNATIVES = 5


def prompt_of(asked: Asked) -> dict[str, object]:
    """As the folder's chat template has it."""
    clip = CLIP if asked.times_s else ""
    text = f"<|im_start|>system\ns<|im_end|>\n<|im_start|>user\n{clip}{asked.text}<|im_end|>\n<|im_start|>assistant\n"
    media: dict[str, object] = {}
    if asked.times_s:
        media["video"] = (asked.frames(), asked.metadata())
    if (sound := asked.sound()) is not None:
        media["audio"] = (sound, RATE_HZ)
    return {"prompt": text, **({"multi_modal_data": media} if media else {})}


def told(answer) -> dict[str, object]:
    """Token ids and the log probabilities of the likeliest tokens at each place."""
    output = answer.outputs[0]
    likely = [{str(token): each.logprob for token, each in place.items()} for place in output.logprobs]
    return {"prompt": list(answer.prompt_token_ids), "new": list(output.token_ids), "likely": likely}


def main(folder: str, output: str, options: str, adapter: str = "") -> None:
    """Ask everything once, one after the other, then eight at once."""
    started_s = time.monotonic()
    settings = {"max_model_len": 8192, "enforce_eager": True, "dtype": "float32", "distributed_executor_backend": "uni"}
    model = LLM(folder, enable_lora=bool(adapter), **{**settings, **json.loads(options)})
    sampling = SamplingParams(max_tokens=NUM_NEW_TOKENS, temperature=0, logprobs=NUM_ALTERNATIVES, ignore_eos=True)
    lora = LoRARequest("adapter", 1, adapter) if adapter else None
    ask = lambda prompts: [told(answer) for answer in model.generate(prompts, sampling, use_tqdm=False, lora_request=lora)]  # noqa: E731
    answers = {name: ask(prompt_of(asked))[0] for name, asked in CASES.items()}
    answers |= {f"eight at once, {number}": each for number, each in enumerate(ask([prompt_of(asked) for asked in EIGHT]))}
    data = {"seconds": time.monotonic() - started_s, "answers": answers}
    Path(output).write_text(json.dumps(data), encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
