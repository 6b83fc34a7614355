"""What watches over a generation beside the grammar: broken numbers, each row's own limit, and the user's repetition penalty."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import torch
from transformers.generation.logits_process import LogitsProcessor
from transformers.generation.stopping_criteria import StoppingCriteria

from inference.errors import WriterError

FREE_TOKENS = 64
"""Where the grammar allows more tokens than this, the text is the model's own; keys, numbers and times allow fewer."""


class FiniteLogits(LogitsProcessor):
    """Stops a model whose numbers are no numbers (float16 that ran over, damaged weights): everything after is noise. Comes first."""

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        if not torch.isfinite(scores).all():
            raise WriterError(
                "The model's logits are not finite: its numbers ran over, or its weights are damaged.",
                remedy="Set OMNISCRIPT_MODEL_DTYPE=bfloat16 (or float32); if that does not help, copy the model folder again.",
            )
        return scores


class RowLimits(StoppingCriteria):
    """Each row ends at its own number of new tokens.

    Args:
        limits: most new tokens per row.
        num_prompt_tokens: width of the padded prompts.
    """

    def __init__(self, limits: Sequence[int], num_prompt_tokens: int) -> None:
        self.limits, self.num_prompt_tokens = list(limits), num_prompt_tokens

    def __call__(self, input_ids: torch.Tensor, scores: Any, **kwargs: Any) -> torch.Tensor:
        num_new = input_ids.shape[1] - self.num_prompt_tokens
        return torch.tensor([num_new >= limit for limit in self.limits], device=input_ids.device)


class FreeTextPenalty(LogitsProcessor):
    """The repetition penalty of the authors' program, where it does no harm.

    transformers' own punishes the prompt's words and every key and quotation mark that JSON must repeat. This one counts the answer
    only, acts only where the grammar leaves the text to the model, and only on tokens with a letter or digit, so that a text can always
    end. Comes after the grammar.
    """

    def __init__(self, tokenizer: Any, penalty: float, num_prompt_tokens: int) -> None:
        self.tokenizer, self.penalty, self.num_prompt_tokens = tokenizer, penalty, num_prompt_tokens
        self._words: dict[int, bool] = {}

    def __call__(self, input_ids: torch.Tensor, scores: torch.Tensor) -> torch.Tensor:
        new = input_ids[:, self.num_prompt_tokens :]
        if new.shape[1] == 0:
            return scores
        for row in (torch.isfinite(scores).sum(dim=1) > FREE_TOKENS).nonzero().flatten().tolist():
            used = [token for token in set(new[row].tolist()) if self._is_word(token)]
            values = scores[row, used]
            scores[row, used] = torch.where(values < 0, values * self.penalty, values / self.penalty)
        return scores

    def _is_word(self, token: int) -> bool:
        if token not in self._words:
            self._words[token] = any(character.isalnum() for character in self.tokenizer.decode([token]))
        return self._words[token]
