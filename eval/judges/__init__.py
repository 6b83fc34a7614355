"""Judges: how alike two texts of one field are, in [0, 1].

A judge is named with its version in every figure. It answers a matrix (reference items × estimated items), or ``None`` if it could
not judge; what is unjudged is counted and shown, never scored zero. An answer out of range is a :class:`eval.errors.JudgeError`.

Figures of two judges are not comparable. Against the paper's LLM judge, ``lexical`` pushes every described field down (a paraphrase is
another spelling) and ``embedding`` pushes it up (unlike texts of one topic still have a cosine above 0).
"""

from .base import Judge, JudgeEndpoint
from .lexical import ExactJudge, LexicalJudge

__all__ = ["ExactJudge", "Judge", "JudgeEndpoint", "LexicalJudge"]
