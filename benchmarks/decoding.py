"""What constrained decoding costs: tokens per second with the grammar, the order of times and the cycle stop, against none of them.

python benchmarks/decoding.py [--rounds 5] [--tokens 96] [--threads 1]

Random models with Qwen3's architecture and vocabulary size, made without a network: the cost of a rule depends on the vocabulary and
not on the weights. Each round takes one free and one constrained run, in turn first, both of the same number of tokens; the ratio is
taken within rounds, and its median is printed with its spread. Both take the most likely token after the same noise, so that neither
goes in circles. Seconds are the processor's on a CPU (what else the machine does stays out), the clock's on a GPU. The tiny model shows
the absolute cost of the rules: its own step costs next to nothing. For real models, which are larger than both, the ratio is nearer 1.
"""

from __future__ import annotations

import argparse
import statistics
import sys
import time
from pathlib import Path
from typing import Any

import torch
from tokenizers import Tokenizer, decoders, models, pre_tokenizers
from transformers import LogitsProcessor, LogitsProcessorList, PreTrainedTokenizerFast, Qwen3Config, Qwen3ForCausalLM, StoppingCriteriaList

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from inference.answers.schema import script_schema
from inference.engines.base import Clip, Request
from inference.engines.local.decoding import constraints

VOCABULARY = 151_669
"""Size of Qwen3's tokenizer."""
DURATION_S = 300.0
"""The longest segment: five minutes."""
MODELS = {
    "tiny": {"hidden_size": 64, "intermediate_size": 128, "num_hidden_layers": 2, "num_attention_heads": 4},
    "middle": {"hidden_size": 768, "intermediate_size": 2304, "num_hidden_layers": 12, "num_attention_heads": 12},
}
PROMPT = "Write the script of this clip. " * 8


def main() -> None:
    """Print the table."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--tokens", type=int, default=96)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 4])
    options = parser.parse_args()
    torch.set_num_threads(options.threads)
    tokenizer = wide_tokenizer()
    device = "cuda" if torch.cuda.is_available() else "cpu"
    print(f"{VOCABULARY} tokens of vocabulary, {options.tokens} new tokens a row, {options.rounds} rounds, {device}\n")
    print("| model | parameters | rows | free, tokens/s | constrained, tokens/s | constrained ÷ free (lowest to highest) |")
    print("| --- | --- | --- | --- | --- | --- |")
    for name, shape in MODELS.items():
        torch.manual_seed(0)
        model = Qwen3ForCausalLM(Qwen3Config(vocab_size=VOCABULARY, num_key_value_heads=4, head_dim=64, tie_word_embeddings=True, **shape))
        model = model.eval().to(device)
        size = sum(weights.numel() for weights in model.parameters()) / 1e6
        for rows in options.rows:
            free, held = measure(model, tokenizer, rows, options.tokens, options.rounds)
            ratios = [one / other for one, other in zip(free, held, strict=True)]
            speeds = [rows * options.tokens / statistics.median(seconds) for seconds in (free, held)]
            print(
                f"| {name} | {size:.0f} M | {rows} | {speeds[0]:.1f} | {speeds[1]:.1f} | "
                f"{statistics.median(ratios):.3f} ({min(ratios):.3f} to {max(ratios):.3f}) |",
                flush=True,
            )


def measure(model: Any, tokenizer: Any, rows: int, num_tokens: int, rounds: int) -> tuple[list[float], list[float]]:
    """Seconds of each round, free and constrained; one round before is not counted (it builds the vocabulary's tables)."""
    seconds: dict[bool, list[float]] = {False: [], True: []}
    for number in range(rounds + 1):
        for is_held in (False, True) if number % 2 else (True, False):
            spent = run(model, tokenizer, rows, num_tokens, is_held, seed=number)
            if number:
                seconds[is_held].append(spent)
    return seconds[False], seconds[True]


def run(model: Any, tokenizer: Any, rows: int, num_tokens: int, is_held: bool, seed: int) -> float:
    """Seconds of one generation. Compiling the grammar counts; a constrained row may end early, so its budget is far off."""
    clock = time.perf_counter if model.device.type == "cuda" else time.process_time
    request = Request("script", "", PROMPT, Clip(None, 0.0, DURATION_S), script_schema(DURATION_S), True, "", 8192)  # type: ignore[arg-type]
    inputs = tokenizer([PROMPT] * rows, return_tensors="pt").to(model.device)
    noise = Noise(seed, model.device)
    started = clock()
    rules = constraints(tokenizer, [request] * rows) if is_held else None
    with torch.inference_mode():
        tokens = model.generate(
            input_ids=inputs["input_ids"], attention_mask=inputs["attention_mask"], do_sample=False, max_new_tokens=num_tokens,
            eos_token_id=tokenizer.eos_token_id if is_held else None, pad_token_id=tokenizer.pad_token_id,
            logits_processor=LogitsProcessorList([noise, *(rules.processors if rules else [])]),
            stopping_criteria=StoppingCriteriaList(rules.criteria if rules else []),
        )  # fmt: skip
    spent = clock() - started
    num_new = int((tokens[:, inputs["input_ids"].shape[1] :] != tokenizer.pad_token_id).sum())
    if is_held and num_new != rows * num_tokens:
        raise SystemExit(f"{num_new} tokens were written and not {rows * num_tokens}: take another seed.")
    return spent


class Noise(LogitsProcessor):
    """Adds one of sixteen prepared rows of noise at each step."""

    def __init__(self, seed: int, device: torch.device) -> None:
        self.rows = 5 * torch.randn(16, VOCABULARY, generator=torch.Generator().manual_seed(seed)).to(device)
        self.step = 0

    def __call__(self, input_ids: torch.LongTensor, scores: torch.FloatTensor) -> torch.FloatTensor:
        """scores (num_rows, vocabulary), noisy."""
        self.step += 1
        return scores + self.rows[self.step * 7 % 16]


def wide_tokenizer() -> PreTrainedTokenizerFast:
    """As many tokens as Qwen3's: bytes, pieces of our JSON, and made-up words."""
    alphabet = sorted(pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {char: number for number, char in enumerate(alphabet)}
    merges: list[tuple[str, str]] = []
    letters = [char for char in alphabet if char.isascii() and char.isalpha()]
    stems = [(first, second) for first in (*letters, "Ġ", '"', ",", ":") for second in (*letters, '"', "Ġ")]
    merges += stems
    words = ["".join(stem) for stem in stems]
    words3 = [(word, letter) for word in words for letter in letters]
    merges += words3
    merges += [(first + second, letter) for first, second in words3[:VOCABULARY] for letter in letters]
    for first, second in merges:
        if len(vocabulary) >= VOCABULARY - 2:
            break
        vocabulary.setdefault(first + second, len(vocabulary))
    kept = [pair for pair in dict.fromkeys(merges) if "".join(pair) in vocabulary]
    tokenizer = Tokenizer(models.BPE(vocab=vocabulary, merges=kept))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = decoders.ByteLevel()
    end, padding = "<|im_end|>", "<|endoftext|>"
    return PreTrainedTokenizerFast(tokenizer_object=tokenizer, eos_token=end, pad_token=padding, padding_side="left")


if __name__ == "__main__":
    main()
