"""Understanding what a person typed: :func:`parse` gives a :class:`ParsedQuery`; :func:`remove_chip` takes a part out again."""

from .gazetteer import build_gazetteer, nearest_names
from .model import Gazetteer, ParsedQuery
from .parser import parse, remove_chip

__all__ = ["Gazetteer", "ParsedQuery", "build_gazetteer", "nearest_names", "parse", "remove_chip"]
