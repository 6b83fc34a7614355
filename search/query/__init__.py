"""Understanding what a person typed: :func:`parse` gives a :class:`ParsedQuery`; :func:`remove_chip` takes a part out again."""

from .chips import changes_of, remove_chip
from .gazetteer import GAZETTEER_FACETS, build_gazetteer
from .model import Gazetteer, ParsedQuery
from .parser import parse
from .typed import clean

__all__ = ["GAZETTEER_FACETS", "Gazetteer", "ParsedQuery", "build_gazetteer", "changes_of", "clean", "parse", "remove_chip"]
