"""Character mapping: which estimated name means which reference name (paper, section 4.1.2).

A name is *proper* ("John"), a *singular* identity ("officer") or a *plural* one ("cops"). Confident equals are mapped first, many to
one allowed; by an LLM judge where one is configured, otherwise by the rules here (ours): equal after folding, or both proper and the
tokens of one a subset of the other's. What is left is mapped one to one, best first, by

    S_fallback = 0.5 · IoU_temporal + 0.5 · Sim_text                       (eq. 4)

with IoU over the unions of the intervals of the events that carry the name; accepted above ``threshold``, and never between two proper
names, a proper and a plural one, or a singular and a plural one.

Which way each departure from the paper pushes the character field, and with it Overall:

    down  rules instead of an LLM judge find equals by spelling alone ("Mum" is not "Anna"), and the events of both count as wrong;
    up    one name's tokens a subset of the other's: two people of one family name, one of them called by it alone, may become one;
    down  the fallback is one to one among what is left, where the paper does not say that it is: of two labels for one man one is wrong.

Contents: :func:`validate`, :func:`categorise`, :func:`initial_mapping`, :func:`fallback_score`, :func:`temporal_iou`, :func:`evaluate`.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum

from .errors import UnitsError
from .inputs import Unit
from .text import fold, similarity

THRESHOLD = 0.05
"""τ of the paper: fallback matches score above it."""

IDENTITY_NOUNS_ZH = (
    "人",
    "男",
    "女",
    "孩",
    "警",
    "兵",
    "员",
    "医生",
    "护士",
    "老师",
    "司机",
    "老板",
    "旁白",
    "母亲",
    "父亲",
    "爸",
    "妈",
    "店主",
    "路人",
    "声音",
)
"""Endings and parts of Chinese identities. Chinese names carry no capitals; what holds none of these is taken as a proper name."""

PLURALS_ZH = ("们", "众", "群", "人群", "大家", "一行人", "士兵们")

IDENTITY_NOUNS_EN = frozenset(
    "man woman boy girl child kid baby guy lady person people stranger voice narrator crowd officer cop police policeman"
    " policewoman soldier guard driver doctor nurse teacher student waiter waitress barman bartender clerk boss chief captain"
    " king queen prince princess knight wizard thief robber killer victim detective agent lawyer judge priest mother father"
    " mom mum dad brother sister son daughter wife husband grandfather grandmother uncle aunt friend neighbour neighbor worker"
    " farmer hunter dog cat dragon robot monster announcer reporter singer actor actress host guest servant maid butler pilot"
    " sailor passenger men women children kids boys girls".split()
)
"""English nouns that name a role rather than somebody."""

_PLURALS_EN = frozenset({"men", "women", "children", "people", "police", "crowd", "folk", "twins", "everyone", "all"})
_ARTICLE = re.compile(r"^(the|a|an|some|two|three|four|several|many)\s+", re.IGNORECASE)


class Category(StrEnum):
    """Kinds of names."""

    PROPER = "proper"
    SINGULAR = "singular"
    PLURAL = "plural"


FORBIDDEN = {
    frozenset({Category.PROPER}),
    frozenset({Category.PROPER, Category.PLURAL}),
    frozenset({Category.SINGULAR, Category.PLURAL}),
}
"""Pairs of categories that the fallback never matches (a set of one: two of the same)."""


@dataclass(frozen=True)
class CharacterMap:
    """Folded estimated name → folded reference name, and how each was found (``equal``, ``judge`` or the fallback's score)."""

    names: Mapping[str, str]
    reasons: Mapping[str, str]

    def apply(self, name: str) -> str:
        """The reference name that an estimated name stands for, or the name itself."""
        return self.names.get(name, name)


def validate(initial: Mapping[str, str], categories: Mapping[str, Category]) -> None:
    """Check that a judge's names are folded: one that is not would silently stand for nobody.

    Raises:
        UnitsError: naming the first that is not.
    """
    for name in (*initial, *initial.values(), *categories):
        if fold(name) != name:
            raise UnitsError(f"The name {name!r} is not folded.", remedy="Pass names through eval.text.fold.")


def categorise(name: str) -> Category:
    """The category of a name as written (capitals matter)."""
    if any("\u3400" <= char <= "\u9fff" for char in name):
        if name.endswith(PLURALS_ZH):
            return Category.PLURAL
        return Category.SINGULAR if any(noun in name for noun in IDENTITY_NOUNS_ZH) else Category.PROPER
    bare = _ARTICLE.sub("", name.strip())
    tokens = re.findall(r"[^\W\d_]+", bare)
    if not tokens:
        return Category.SINGULAR
    head = tokens[-1].casefold()
    if _is_plural(head):
        return Category.PLURAL
    roles = [token.casefold() in IDENTITY_NOUNS_EN for token in tokens]
    has_name = any(token[0].isupper() and not role for token, role in zip(tokens, roles, strict=True))
    if bare != name.strip() or (any(roles) and not (has_name and not roles[-1])) or not tokens[0][0].isupper():
        return Category.SINGULAR
    return Category.PROPER if has_name else Category.SINGULAR


def initial_mapping(ref_names: Sequence[str], est_names: Sequence[str]) -> dict[str, str]:
    """Confident equals (ours): folded estimated name → folded reference name. Arguments are names as written."""
    mapping = {}
    for est in est_names:
        equal = [ref for ref in ref_names if fold(ref) == fold(est)]
        if not equal and categorise(est) is Category.PROPER:
            tokens = set(fold(est).split())
            equal = [r for r in ref_names if categorise(r) is Category.PROPER and _is_subset(tokens, set(fold(r).split()))]
        if len(equal) == 1:
            mapping[fold(est)] = fold(equal[0])
    return mapping


def fallback_score(ref_name: str, est_name: str, ref_events: Sequence[Unit], est_events: Sequence[Unit]) -> float:
    """S_fallback (eq. 4) of two folded names, from the events that carry them. In [0, 1]."""
    return 0.5 * temporal_iou(ref_events, est_events) + 0.5 * similarity(ref_name, est_name)


def temporal_iou(a: Sequence[Unit], b: Sequence[Unit]) -> float:
    """Intersection over union of the time covered by two sets of events; 0 where neither covers any."""
    first, second = _covered(a), _covered(b)
    shared = sum(max(0.0, min(x[1], y[1]) - max(x[0], y[0])) for x in first for y in second)
    union = sum(end - start for start, end in first) + sum(end - start for start, end in second) - shared
    return shared / union if union > 0 else 0.0


def evaluate(
    ref: Sequence[Unit],
    est: Sequence[Unit],
    written: Mapping[str, str],
    *,
    initial: Mapping[str, str] | None = None,
    categories: Mapping[str, Category] | None = None,
    threshold: float = THRESHOLD,
) -> CharacterMap:
    """The dictionary that carries estimated names onto reference names.

    Args:
        ref, est: the events of both scripts.
        written: folded name → the name as written, for both scripts (categories come from capitals).
        initial: mapping of confident equals from a judge; ``None`` uses the rules.
        categories: folded name → category from a judge; names that it lacks go by the rules.
        threshold: the fallback must score above it.

    Raises:
        UnitsError: see :func:`validate`.
    """
    validate(initial or {}, categories or {})
    ref_by, est_by = _by_name(ref), _by_name(est)
    equals = initial if initial is not None else initial_mapping(_written(ref_by, written), _written(est_by, written))
    names = {e: r for e, r in equals.items() if e in est_by and r in ref_by}
    reasons = dict.fromkeys(names, "equal" if initial is None else "judge")
    kinds = {name: categorise(written.get(name, name)) for name in {*ref_by, *est_by}} | dict(categories or {})
    pairs = [
        (fallback_score(r, e, ref_by[r], est_by[e]), r, e)
        for r in ref_by
        if r not in names.values()
        for e in est_by
        if e not in names and frozenset({kinds[r], kinds[e]}) not in FORBIDDEN
    ]
    taken = set(names.values())
    for score, r, e in sorted(pairs, key=lambda pair: (-pair[0], pair[1], pair[2])):
        if score > threshold and r not in taken and e not in names:
            names[e] = r
            reasons[e] = f"{score:.3f}"
            taken.add(r)
    return CharacterMap(names, reasons)


def _is_plural(head: str) -> bool:
    if head in _PLURALS_EN:
        return True
    singular = head[:-1] if head.endswith("s") and not head.endswith("ss") else ""
    return singular in IDENTITY_NOUNS_EN or (head.endswith("ves") and head[:-3] + "f" in IDENTITY_NOUNS_EN)


def _is_subset(a: set[str], b: set[str]) -> bool:
    return bool(a and b) and (a <= b or b <= a)


def _by_name(events: Sequence[Unit]) -> dict[str, list[Unit]]:
    result: dict[str, list[Unit]] = {}
    for event in events:
        if event.character:
            result.setdefault(event.character, []).append(event)
    return result


def _written(names: Mapping[str, object], written: Mapping[str, str]) -> list[str]:
    return [written.get(name, name) for name in names]


def _covered(events: Sequence[Unit]) -> list[tuple[float, float]]:
    merged: list[tuple[float, float]] = []
    for event in sorted(events, key=lambda unit: unit.start_s):
        if merged and event.start_s <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(merged[-1][1], event.end_s))
        else:
            merged.append((event.start_s, event.end_s))
    return merged
