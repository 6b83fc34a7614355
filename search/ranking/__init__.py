"""How scenes are ranked: evidence, as named features, weighed by a small linear model whose weights lie in ``weights.json``.

question.py   what is looked for, as hashes and weights
scenes.py     the candidates' lines, side by side in arrays
words.py      evidence of words: whole scene, windows, coverage, neighbours
people.py     evidence of names: who is there, who speaks, who does it to whom
evidence.py   every feature by name, and the table of them
model.py      the weights, and what they make of a table
"""

from .evidence import FEATURES, EvidenceTable, gather
from .model import RankingModel, load_model
from .question import NameWanted, Question, WordWanted
from .scenes import Scenes

__all__ = ["FEATURES", "EvidenceTable", "NameWanted", "Question", "RankingModel", "Scenes", "WordWanted", "gather", "load_model"]
