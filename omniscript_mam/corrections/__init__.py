"""What people corrected in a script: found between two documents, kept beside them, put into a new script. Pure: no Django.

    records     Correction and Anchor: who corrected what, and where in the film that was
    whole       parts that are added and taken away, with the people they name
    people      names and merges, which change more than one field
    locating    which part of a script an anchor means: by time and words, or by id where both are of one lineage
    differing   two documents → the corrections that lead from one to the other
    applying    corrections → a script: one that was written anew, or one that somebody else corrected meanwhile
    comparing   two documents → lines for people: what, from, to, by whom

A *lineage* is a script as a writer made it and everything that people made of it: ids mean the same in all of it. A script that is written
anew begins another; there only the time in the film and the words tell which part is meant.
"""

from .applying import PERSON_GONE, Applied, apply_again, apply_to, rebase
from .comparing import Change, compare, in_words
from .differing import Difference, difference
from .people import corrected_name, merge_people, people_named, who_stays
from .recording import add_to
from .records import Anchor, Correction, Line, key_of, loads, to_data
from .whole import parts_of

__all__ = [
    "PERSON_GONE",
    "Anchor",
    "Applied",
    "Change",
    "Correction",
    "Difference",
    "Line",
    "add_to",
    "apply_again",
    "apply_to",
    "compare",
    "corrected_name",
    "difference",
    "in_words",
    "key_of",
    "loads",
    "merge_people",
    "parts_of",
    "people_named",
    "rebase",
    "to_data",
    "who_stays",
]
