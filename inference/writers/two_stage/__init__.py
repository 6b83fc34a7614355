"""Two-stage generation with a language model (paper, sections 3.2, 5.3 and 8.1): plan, write, merge over any engine. See :mod:`.writer`."""

from .writer import TwoStageWriter

__all__ = ["TwoStageWriter"]
