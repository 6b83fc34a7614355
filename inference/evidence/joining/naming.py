"""Late naming: who is called what, from everything that is said and shown in the film (paper, section 3.2, "lazy naming").

Each mention of a name is a vote for an identity. "I'm Tom" votes for the speaker; "Tom, come here" for whoever answers, or was
answered; a caption for the person seen and heard while it stands. Independent votes add up as 1 - Π(1 - w). Against a name
speaks that its would-be owner calls somebody else by it. Calls are shared out: a name that is called at three people in turn belongs,
on that evidence, to none of them. A wrong name is worse than "Voice 2": below :data:`ACCEPTED` nobody is named.

Contents: :class:`Turn`, :class:`Vote`, :class:`Naming`, :func:`votes_of`, :func:`decide`.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from .mentions import Lexicon, asks_name, bare_name, find_mentions

ACCEPTED = 0.6
"""Least confidence at which an identity gets a name. Chosen, like the numbers below."""
MARGIN = 0.15
"""By how much the best name must beat the second."""
CLEAR_S = 3.0
"""An answer this soon is an answer to what was just said."""
NEAR_S = 8.0
"""Beyond this silence two lines are not one exchange."""
AROUND_S = 30.0
"""Who speaks within this time before and after takes part in the conversation."""


@dataclass(frozen=True)
class Turn:
    """A line as naming sees it: times in seconds, the speaker's identity (-1 unknown), and the words."""

    start_s: float
    end_s: float
    speaker: int
    text: str


@dataclass(frozen=True)
class Vote:
    """One reason to call an identity by a name; a negative ``weight`` speaks against it. ``kind``: said, called, label, caption."""

    identity: int
    name: str
    weight: float
    kind: str
    evidence: str
    time_s: float


@dataclass
class Naming:
    """A decision: the name, how sure, why, and the other names that also belong."""

    name: str
    confidence: float
    evidence: str
    time_s: float
    aliases: list[str] = field(default_factory=list)


def votes_of(turns: Sequence[Turn]) -> list[Vote]:
    """The votes that dialogue gives, in time order."""
    lexicon = Lexicon.of(turn.text for turn in turns)
    votes: list[Vote] = []
    for i, turn in enumerate(turns):
        answer = _answer(turns, i, lexicon)
        votes += answer
        mentions = [] if answer else find_mentions(turn.text, lexicon)
        own = {mention.name for mention in mentions if mention.about == "self"}
        for mention in mentions:
            if mention.about != "self" and mention.name in own:
                continue  # "It's me, Tom": the same name, set off by the same comma as a call
            quote = f"“{_short(turn.text)}” at {turn.start_s:.1f} s"
            if mention.about == "self":
                if turn.speaker >= 0:
                    votes.append(Vote(turn.speaker, mention.name, mention.strength, "said", f"{mention.how}: {quote}", turn.start_s))
            elif mention.about == "next":
                follower = turns[i + 1] if i + 1 < len(turns) else None
                if follower and follower.speaker not in (-1, turn.speaker) and follower.start_s - turn.end_s < CLEAR_S:
                    votes.append(Vote(follower.speaker, mention.name, mention.strength, "called", f"{mention.how}: {quote}", turn.start_s))
            else:
                votes += _call(turns, i, mention.name, mention.strength, mention.about == "reply", f"{mention.how}: {quote}")
    return [*votes, *_spoken_of(turns, votes)]


def _spoken_of(turns: Sequence[Turn], votes: Sequence[Vote]) -> list[Vote]:
    """Votes against those who speak of somebody by the name that is claimed for them: people say "I" of themselves."""
    claimed = {(vote.identity, vote.name) for vote in votes if vote.weight > 0}
    settled = {(vote.identity, vote.time_s) for vote in votes}
    against = []
    for turn in turns:
        words = re.findall(r"[^\W_]+", turn.text)
        if (turn.speaker, turn.start_s) in settled or len(words) < 4:
            continue
        for identity, name in sorted(claimed):
            if identity == turn.speaker and set(name.split()) <= set(words):
                evidence = f"speaks of {name}: “{_short(turn.text)}” at {turn.start_s:.1f} s"
                against.append(Vote(identity, name, -1.0, "spoken of", evidence, turn.start_s))
    return against


def _call(turns: Sequence[Turn], i: int, name: str, strength: float, is_reply: bool, evidence: str) -> list[Vote]:
    """Votes for whoever is called by name in turn ``i``, and against the one who calls."""
    turn = turns[i]
    votes = []
    if turn.speaker >= 0:
        votes.append(Vote(turn.speaker, name, -strength, "called", evidence, turn.start_s))
    before = next((t for t in reversed(turns[max(0, i - 4) : i]) if t.speaker != turn.speaker), None)
    after = next((t for t in turns[i + 1 : i + 5] if t.speaker != turn.speaker), None)
    weights: dict[int, float] = defaultdict(float)
    if after and after.speaker >= 0 and after.start_s - turn.end_s < NEAR_S:
        clear = after.start_s - turn.end_s < CLEAR_S
        weights[after.speaker] += (0.25 if is_reply else 0.42) if clear else 0.15
    if before and before.speaker >= 0 and turn.start_s - before.end_s < NEAR_S:
        clear = turn.start_s - before.end_s < CLEAR_S
        weights[before.speaker] += (0.45 if is_reply else 0.2) if clear else 0.1
    present = {t.speaker for t in turns if t.start_s < turn.end_s + AROUND_S and t.end_s > turn.start_s - AROUND_S}
    if weights and len(present - {-1}) == 2 and turn.speaker >= 0:
        other = next(iter(weights))
        weights[other] = max(weights[other], 0.5) + 0.1
    return votes + [Vote(who, name, weight * strength, "called", evidence, turn.start_s) for who, weight in sorted(weights.items())]


def _answer(turns: Sequence[Turn], i: int, lexicon: Lexicon) -> list[Vote]:
    """ "Got a name, son?" — "Robert.": the one who answers is called so."""
    if i == 0 or not asks_name(turns[i - 1].text):
        return []
    turn, asked = turns[i], turns[i - 1]
    name = bare_name(turn.text, lexicon)
    if not name or turn.speaker in (-1, asked.speaker) or turn.start_s - asked.end_s > NEAR_S:
        return []
    return [
        Vote(
            turn.speaker,
            name,
            0.8,
            "said",
            f"answers “{_short(asked.text)}” with “{_short(turn.text)}” at {turn.start_s:.1f} s",
            turn.start_s,
        )
    ]


def decide(votes: Iterable[Vote]) -> dict[int, Naming]:
    """The name of every identity that has one, beyond reasonable doubt."""
    by_pair: dict[tuple[int, str], list[Vote]] = defaultdict(list)
    for vote in votes:
        by_pair[vote.identity, vote.name].append(vote)
    called_weight: dict[str, float] = defaultdict(float)
    for (_, name), group in by_pair.items():
        called_weight[name] += sum(v.weight for v in group if v.kind == "called" and v.weight > 0)
    scores = {pair: _confidence(group, called_weight[pair[1]]) for pair, group in by_pair.items()}
    decided: dict[int, Naming] = {}
    for identity in sorted({identity for identity, _ in by_pair}):
        own = {name: scores[identity, name] for who, name in by_pair if who == identity}
        naming = _best(own, {name: by_pair[identity, name] for name in own})
        if naming is not None:
            decided[identity] = naming
    return decided


def _confidence(group: Sequence[Vote], called_total: float) -> float:
    """How sure one (identity, name) is, 0..1."""
    doubt = 1.0
    called = 0.0
    for vote in group:
        if vote.kind != "called" and vote.weight > 0:
            doubt *= 1.0 - vote.weight
    calls = [v.weight for v in group if v.kind == "called" and v.weight > 0]
    if calls:
        missing = 1.0
        for weight in calls:
            missing *= 1.0 - weight
        called = (1.0 - missing) * (sum(calls) / called_total)
    against = sum(-v.weight for v in group if v.weight < 0)
    said = 1.0 - doubt
    return (1.0 - (1.0 - said) * (1.0 - called)) * 0.5 ** min(against, 4.0)


def _best(scores: dict[str, float], votes: dict[str, list[Vote]]) -> Naming | None:
    """The best name of one identity; parts of it ("Robert" of "Robert Foster") support it and become aliases."""
    families: dict[str, float] = {}
    for name, score in scores.items():
        parts = [other for other in scores if other != name and _is_part(other, name) and scores[other] > 0.2]
        missing = 1.0 - score
        for other in parts:
            missing *= 1.0 - scores[other]
        # A full name must itself have some support, else one slip of recognition would rename everybody.
        families[name] = 1.0 - missing if score >= 0.3 else score
    ranked = sorted(families, key=lambda name: (-families[name], -len(name), name))
    if not ranked or families[ranked[0]] < ACCEPTED:
        return None
    best = ranked[0]
    rivals = [name for name in ranked[1:] if not _is_part(name, best) and not _is_part(best, name)]
    if rivals and families[best] - families[rivals[0]] < MARGIN:
        return None
    reasons = sorted((v for v in votes[best] if v.weight > 0), key=lambda v: (-v.weight, v.time_s))
    evidence = "; ".join(dict.fromkeys(v.evidence for v in reasons[:3]))
    aliases = [name for name in ranked[1:] if _is_part(name, best) and scores[name] > 0.2]
    return Naming(best, round(min(0.99, families[best]), 2), evidence, reasons[0].time_s, aliases)


def _is_part(part: str, whole: str) -> bool:
    return part != whole and set(part.casefold().split()) < set(whole.casefold().split())


def _short(text: str, limit: int = 80) -> str:
    return text if len(text) <= limit else text[: limit - 1].rsplit(" ", 1)[0] + "…"


_CAPTION = re.compile(r"^(?P<name>[A-Z][\w'’-]+(?:\s+[A-Z][\w'’.-]+){1,2})\s*(?:,|\n|\s[-–—|]\s)\s*(?P<role>\S.{2,80})$", re.DOTALL)


def caption_name(text: str) -> str:
    """The name in a lower third ("Jane Doe, mayor"), or ""; one needs both a name of two or three words and what the person is."""
    match = _CAPTION.match(text.strip())
    if not match or re.search(r"\d{4}|\b(?:by|presents|directed|produced|copyright|foundation|studio|pictures)\b", text, re.IGNORECASE):
        return ""
    words = match["name"].split()
    lexicon = Lexicon()
    if not all(lexicon.is_name(word, in_name_slot=True) for word in words):
        return ""
    return " ".join(word.title() if word.isupper() else word for word in words)
