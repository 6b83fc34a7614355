"""What the language model is told: our own wording of the paper's three prompts (section 8.1). Training builds the very same ones.

A planner's window is asked about with :func:`planner_prompt`: the first one of a film has no memory, every later one gets the characters so
far and how the window before ended. A segment's script is asked for with :func:`writer_prompt`, which tells the plan of it: plot, cast,
relations, continuity. Hints are what small models observed (:func:`inference.evidence.hints_text`). Prompts have a bounded length, so that
a window costs the same at the beginning and at the end of a film. Times on the wire count from the clip's start.

Both give the text and the identifiers that it lists: an answer that uses another one means somebody new. A model is told to do what it
can: one that gets no pictures is not told to watch, nor asked how somebody looks (:class:`inference.engines.base.Senses`); it works from
notes of what small models heard and saw, which are the same hints. Thinking is asked for where the answer may hold it.

Contents: :func:`plan_system`, :func:`script_system`, :func:`planner_prompt`, :func:`writer_prompt`, and how a question is asked again:
:func:`refused`, :func:`once_more`. :data:`FORM_TEXTS` is all that is told of the form. :func:`neutral` takes control tokens out of
film text.
"""

from __future__ import annotations

import re

from inference.answers.clip_times import format_time
from inference.engines.base import Senses
from inference.plan import Plan, PlannedSegment
from inference.profiles import Profile, ProfileBook, fold

MAX_DESCRIBED = 12
"""How many characters a planner's prompt describes: those seen last."""
MAX_LISTED = 40
"""How many more it lists by name only."""
MAX_DESCRIPTION_CHARS = 280
"""Longest passage about one character. Chosen, like the two below: together they keep a prompt's length the same all film."""
MAX_PREVIOUS_CHARS = 1200
"""Longest passage of how the window before ended."""
MAX_RELATIONS = 24
"""Most relations of the active characters that a segment's prompt tells."""
MAX_OTHERS = 12
"""Characters listed for a segment beside those that the plan says are active: a plan may have missed somebody."""

_CONTROL_TOKENS = (
    (re.compile(r"<(?=[|｜])"), "‹"),  # <|im_end|>, <|video_pad|>, <｜end▁of▁sentence｜>
    (re.compile(r"(?<=[|｜])>"), "›"),
    (re.compile(r"<(/?[A-Za-z_][A-Za-z0-9_.:-]{0,40})>"), r"‹\1›"),  # </s>, <start_of_turn>, <image>, <think>, <<SYS>>
    (re.compile(r"\[(/?(?:INST|SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS|IMG|IMG_BREAK|IMG_END|gMASK))\]"), r"‹\1›"),
)
"""What looks like a control token of any of the model families → the same in brackets that mean nothing."""

ALL_SENSES = Senses()

_TAKE = {
    (True, True): ("You watch and listen to one stretch of a film at a time", "From pictures and sound", "look and listen again"),
    (False, True): (
        "You look at the pictures of one stretch of a film at a time, without its sound, and read notes of what is heard in it",
        "From pictures, without sound, and from notes of what is heard",
        "look again",
    ),
    (True, False): (
        "You listen to one stretch of a film at a time, without its pictures, and read notes of what is seen in it",
        "From sound, without pictures, and from notes of what is seen",
        "listen again",
    ),
    (False, False): (
        "You read notes of what is heard and seen in one stretch of a film at a time, and get neither its pictures nor its sound",
        "From notes of what small models heard and saw, without pictures or sound,",
        "read the notes again",
    ),
}
"""(hears, sees) → what the model does, what it writes from, what it is told when it is asked anew."""
_REPORT = {
    (True, True): "what can be seen or heard",
    (False, True): "what can be seen or stands in the notes, and no line that is not in them",
    (True, False): "what can be heard or stands in the notes, and no sight that is not in them",
    (False, False): "what stands in the notes: no line, no sight and no name that is not in them",
}


_RULES = """Identifiers: `char_XXX` for somebody whose name is said, shown or known; `unknown_XXX` for somebody whose name is not known yet
(XXX: three digits, one number per person). An `unknown_XXX` gets a short label as its name ("the old man"), never a guessed name."""

_PLAN_FORM = """Answer with one JSON object:
{"characters": [{"id", "name", %s"personality", "match_confidence" (0 to 1),
   "match_reason"}],
 "name_updates": [{"id", "name", "evidence" (the words that name them), "confidence" (0 to 1)}],
 "same_as": [{"id", "same_as", "reason"}],
 "relations": [{"source", "target", "relation" (source is … of target), "description"}],
 "segments": [{"start", "end", "plot" (two or three sentences), "active_characters": [ids]}],
 "summary": "the story so far, at most five sentences",
 "continuity_note": "how this stretch goes on from what came before"}
Segments are stretches of one plot step each, without gaps from the beginning to the end of the clip. Times are "MM:SS" from
the clip's start."""

_SCRIPT_FORM = """Answer with one JSON object:
{"scenes": [{"location", "type": "Interior" | "Exterior" | "Interior/Exterior", "environment", "time" (of day), "mood",
   "events": [{"start", "end", "character", "dialogue" (%s), %s"audio_cue"%s,
               "subtext", "voice_type": "OnScreen" | "VO" | "OS"}]}],
 "high_points": [{"type", "start", "end", "description", "reasoning": {%s"audio", "text", "psychology"}, "score" (0 to 10)}]}
Times are "MM:SS" or "MM:SS.d" from the clip's start and never go back. A new scene begins where place or time of day changes. An event is
one line, one action or one sound; leave out keys that have nothing to say. "character" is an identifier from the list above; for somebody
who is not in it a short name or label; "Environment" for weather, music, crowds and things."""

_BEGINNING = "Find out who is there, describe each person so that they can be recognised later, and tell the plot."
_RECOGNISE = (
    "Recognise who is there: by name first, then by appearance, then by voice. Clothes and hair may have changed: describe them as "
    "they are now. Use the known identifier only where you are sure and give match_confidence and match_reason; a new person gets a "
    "new number. When somebody known as unknown_XXX is named, say so in name_updates with the words that name them. When two "
    "identifiers prove to be one person, say so in same_as."
)
_BEGINNING_UNSEEN = "Find out who is there and tell the plot."
_RECOGNISE_UNSEEN = (
    "Say who is there: by name first, then by voice. Use the known identifier only where you are sure and give match_confidence and "
    "match_reason; a new person gets a new number. When somebody known as unknown_XXX is named, say so in name_updates with the words that "
    "name them. When two identifiers prove to be one person, say so in same_as."
)
FORM_TEXTS = (_RULES, _PLAN_FORM, _SCRIPT_FORM, _BEGINNING, _RECOGNISE, _BEGINNING_UNSEEN, _RECOGNISE_UNSEEN)
"""Everything that a prompt says of the form and nothing of a film: an answer that repeats it tells nothing."""


def plan_system(senses: Senses = ALL_SENSES) -> str:
    """Who a planner is, and what it works from."""
    does, report = _TAKE[senses.hears, senses.sees][0], _REPORT[senses.hears, senses.sees]
    return (
        f"You are the story editor of a film archive. {does}, keep track of who is who over the whole film, and say what happens. You "
        f"report only {report}. You answer with one JSON object and nothing else."
    )


def script_system(senses: Senses = ALL_SENSES, *, thinks: bool = True) -> str:
    """Who a segment's writer is, what it works from, and whether it thinks aloud first."""
    source, report = _TAKE[senses.hears, senses.sees][1], _REPORT[senses.hears, senses.sees]
    seen = "every notable action, expression and sound" if senses.sees else "every notable action and sound"
    ending = (
        "a <thinking> part (Plot: …, Relations: …) and then one JSON object, and nothing else"
        if thinks
        else "one JSON object and nothing else"
    )
    return (
        f"You are a script supervisor. {source} you write the time-coded script of a clip: scenes, and in each scene every line spoken and "
        f"{seen}, in order of time. You report only {report}. You answer with {ending}."
    )


def planner_prompt(
    duration_s: float, book: ProfileBook, previous: str | None, *, language: str = "", hints: str = "", senses: Senses = ALL_SENSES
) -> tuple[str, frozenset[str]]:
    """Plot reasoning on one window, and the identifiers that the prompt lists.

    Args:
        duration_s: length of the window.
        book: who is known so far.
        previous: the story up to the window before; ``None`` where this is the film's first window.
        language: spoken language (BCP 47), where it is known.
        senses: what of the film the model gets.
    """
    if previous is None:
        return _first_window(duration_s, language, hints, senses), frozenset()
    characters, shown = _known_so_far(book)
    return _later_window(duration_s, characters, previous[:MAX_PREVIOUS_CHARS], language, hints, senses), shown


def writer_prompt(
    plan: Plan, segment: PlannedSegment, start_s: float, end_s: float, *, hints: str = "", attempt: int = 0, senses: Senses = ALL_SENSES
) -> tuple[str, frozenset[str]]:
    """The script of a segment, or of one piece of it, given what the plan says; and the identifiers that the prompt lists.

    Args:
        start_s, end_s: the clip that is shown, in seconds of the film; people are described as they look there.
        attempt: how often it was asked for before; another number gets another prompt.
        senses: what of the film the model gets.
    """
    book = plan.profiles
    active = [book.get(identifier) for identifier in segment.active_characters]
    others = [profile for profile in _most_seen(book) if profile not in active][:MAX_OTHERS]
    people = [_described(profile, end_s) for profile in active]
    if others:
        people.append("Elsewhere in the film: " + _listed(others))
    prompt = _joined(
        f"Write the script of this clip, {format_time(end_s - start_s)} long{_spoken(plan.language)}.",
        _titled("Plot of the clip", segment.summary),
        _titled("What came before", segment.continuity),
        _titled("Characters", "\n".join(people)),
        _titled("Relations", _relations(book, {profile.id for profile in active})),
        hints,
        script_form(senses),
    )
    return once_more(prompt, attempt, senses), frozenset(profile.id for profile in (*active, *others))


def neutral(text: str) -> str:
    """The text with nothing in it that a model or its server takes for a control token.

    Whatever was said, shown or written into a file reaches a prompt, and "<|im_end|>" in it would end the user's turn. Tokens of that
    kind differ from model to model; what looks like one is spelled with other brackets, which a reader reads the same.
    """
    for pattern, other in _CONTROL_TOKENS:
        text = pattern.sub(other, text)
    return text


def refused(prompt: str, reason: str) -> str:
    """The same question after an answer that could not be read."""
    return f"{prompt}\n\nYour last answer was refused: {neutral(reason[:400])}\nWrite the whole answer again, as one valid JSON object."


def once_more(prompt: str, attempt: int, senses: Senses = ALL_SENSES) -> str:
    """The same question asked anew: a person wants another answer than the one before (``attempt`` 0: asked for the first time)."""
    return f"{prompt}\n\n(Take {attempt + 1}: {_TAKE[senses.hears, senses.sees][2]}.)" if attempt else prompt


def plan_form(senses: Senses) -> str:
    """The form of a plan: looks are asked of who sees, voices of who hears."""
    looks = '"appearance" (age, build, hair, clothes), ' if senses.sees else ""
    return _PLAN_FORM % (looks + ('"voice", ' if senses.hears else ""))


def script_form(senses: Senses) -> str:
    """The form of a script: expressions are asked of who sees; lines and sounds of who does not hear are those of the notes."""
    line = "word for word, in the language spoken" if senses.hears else "a line of the notes, to the letter"
    action = '"action", "expression", ' if senses.sees else '"action" (only what the notes tell), '
    sound = "" if senses.hears else " (only what the notes tell)"
    return _SCRIPT_FORM % (line, action, sound, '"visual", ' if senses.sees else "")


def _first_window(duration_s: float, language: str, hints: str, senses: Senses) -> str:
    return _joined(
        f"This is the beginning of the film, {format_time(duration_s)} long{_spoken(language)}. Nobody is known yet.",
        _BEGINNING if senses.sees else _BEGINNING_UNSEEN,
        _RULES,
        hints,
        plan_form(senses),
    )


def _later_window(duration_s: float, characters: str, previous: str, language: str, hints: str, senses: Senses) -> str:
    return _joined(
        f"This is the next stretch of the film, {format_time(duration_s)} long{_spoken(language)}.",
        f"What happened before:\n{previous or '(nothing that could be told)'}",
        f"Characters so far:\n{characters or '(nobody)'}",
        _RECOGNISE if senses.sees else _RECOGNISE_UNSEEN,
        _RULES,
        hints,
        plan_form(senses),
    )


def _known_so_far(book: ProfileBook) -> tuple[str, frozenset[str]]:
    """The characters so far, and the identifiers told. Bounded: those seen last are described, more are listed, the rest is left out."""
    recent = sorted(book.profiles, key=lambda profile: (-max((seen.end_s for seen in profile.sightings), default=0.0), profile.id))
    described, named = recent[:MAX_DESCRIBED], recent[MAX_DESCRIBED : MAX_DESCRIBED + MAX_LISTED]
    lines = [_described(profile) for profile in described]
    if named:
        lines.append("Also: " + _listed(named))
    return "\n".join(lines), frozenset(profile.id for profile in (*described, *named))


def _described(profile: Profile, before_s: float = float("inf")) -> str:
    """One line: identifier, name, how somebody looks at a time (as last seen before it), voice, personality."""
    appearances = [text for from_s, text in profile.appearances() if from_s < before_s] or [profile.appearance]
    parts = [appearances[-1], f"Voice: {profile.voice}" if profile.voice else "", profile.personality]
    aliases = [alias for alias in profile.aliases if fold(alias) != fold(profile.shown_name)][:3]
    known_as = f" (also {', '.join(aliases)})" if aliases else ""
    return f"{profile.id}: {profile.shown_name}{known_as}. {_short(' '.join(part for part in parts if part))}".rstrip()


def _short(text: str, longest: int = MAX_DESCRIPTION_CHARS) -> str:
    return text if len(text) <= longest else text[: longest - 1].rstrip() + "…"


def _listed(profiles: list[Profile]) -> str:
    return ", ".join(f"{profile.id} {profile.shown_name[:40]}" for profile in profiles)


def _most_seen(book: ProfileBook) -> list[Profile]:
    return sorted(book.profiles, key=lambda profile: (-len(profile.sightings), profile.id))


def _relations(book: ProfileBook, active: set[str]) -> str:
    told = [(book.get(relation.source), book.get(relation.target), relation.relation) for relation in book.relations]
    mine = [(source, target, words) for source, target, words in told if source.id in active or target.id in active][:MAX_RELATIONS]
    return "\n".join(f"{a.id} ({a.shown_name}) is {words} of {b.id} ({b.shown_name})" for a, b, words in mine)


def _titled(title: str, text: str) -> str:
    return f"{title}:\n{text}" if text else ""


def _spoken(language: str) -> str:
    return f", spoken language {language}" if language else ""


def _joined(*parts: str) -> str:
    return neutral("\n\n".join(part for part in parts if part))
