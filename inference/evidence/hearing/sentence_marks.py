"""What punctuation and capitals tell about where a recognised sentence begins and ends.

Contents: ``MARKED``, ``BARE_RUN``, :func:`opens_sentence`.
"""

from __future__ import annotations

import re

BARE_RUN = 12
"""So many words in a row without any mark show that the recogniser has stopped writing them: then a missing full stop says nothing."""

MARKED = re.compile(r"[.,;:!?…。，、；：！？—–-][\"'”’»)]*$")
"""A word that carries a mark."""
_OPENERS = frozenset(
    "we we're we've we'll you you're you've your he he's she she's it it's they they're this that that's there there's the these those "
    "what what's who who's where when why how and but so oh no yes yeah well my his her our if then now please let's don't can do did "
    "is are was were will would could".split()
)
"""Words that are written with a capital only where a sentence opens."""


def opens_sentence(text: str) -> bool:
    """Whether a word in Latin letters is written as the first of a sentence ("Oh", "We're"; "I" and names tell nothing)."""
    word = text.strip().strip(",.!?;:…")
    return word[:1].isupper() and word.lower().replace("’", "'") in _OPENERS
