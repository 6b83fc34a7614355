"""What all attempts at one question used: as the server says it, else as far as it can be known.

Problem: a server tells what an answer used at its end, and an answer that broke off, or was stopped, has none; it is paid all the same.
So where it can, a server is asked to tell with every piece (``continuous_usage_stats`` of vLLM and SGLang, ``timings_per_token`` of
llama.cpp). Where it does not, an attempt that had begun to answer has read the same prompt as the attempt that was told of, and has
written at least as many tokens as pieces came: servers stream token by token, or several at once. What is counted is never too much.

Contents: :class:`Tally`.
"""

from __future__ import annotations

from dataclasses import dataclass

from .server_answers import Collector


@dataclass
class Tally:
    """Counts of one question; any number of attempts."""

    num_new_tokens: int = 0
    num_requests: int = 0
    _num_prompt_told: int = 0
    _prompt_tokens: int = 0
    _num_prompt_untold: int = 0

    def count(self, collector: Collector) -> None:
        """One attempt that reached the server."""
        self.num_requests += 1
        self.num_new_tokens += collector.num_new_tokens or collector.num_pieces
        if collector.num_prompt_tokens:
            self._prompt_tokens = max(self._prompt_tokens, collector.num_prompt_tokens)
            self._num_prompt_told += collector.num_prompt_tokens
        elif collector.num_pieces:
            self._num_prompt_untold += 1

    @property
    def num_prompt_tokens(self) -> int:
        """Prompt tokens of all attempts that began to answer."""
        return self._num_prompt_told + self._num_prompt_untold * self._prompt_tokens
