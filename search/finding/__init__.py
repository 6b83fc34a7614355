"""From a parsed query to moments: channels find candidates, scoring and selection choose, records become moments with reasons.

finder.py     the whole way of a request
terms.py      what the index knows of the query's words, and what may stand for them
channels.py   what is asked of the stores, and the candidates they answer with
scoring.py    how well a record answers by itself
asking.py     a clause as ranking looks for it: words with their rarity, names, sentences to embed
ranking.py    scenes by all evidence, weighed by the learnt model (:mod:`search.ranking`)
floors.py     which scenes answer at all
moments.py    what is relevant, what was given up, records joined into moments
arranging.py  by rank, by film, or spread over films
likeness.py   moments like a moment
explain.py    why: reasons and highlights
completing.py  how a query that is being typed may go on
"""

from .completing import complete
from .finder import Finder
from .ranking import RankedScenes

__all__ = ["Finder", "RankedScenes", "complete"]
