"""Judges: how alike two texts of one field are, in [0, 1].

A judge is named with its version in every figure. It answers a matrix (reference items × estimated items), or ``None`` if it could
not judge; what is unjudged is counted and shown, never scored zero. An answer out of range is a :class:`JudgeError`.
"""

from .base import Judge, JudgeError
from .lexical import ExactJudge, LexicalJudge

__all__ = ["ExactJudge", "Judge", "JudgeError", "LexicalJudge"]
