"""What the model is told: our own wording of the paper's three prompts (section 8.1).

The first window of a film has no memory (:func:`first_prompt`); every later one gets the characters so far and how the window before
ended (:func:`tracking_prompt`); a segment's script is asked for with its plot and characters (:func:`script_prompt`). Prompts have a
bounded length, so that a window costs the same at the beginning and at the end of a film. Times on the wire count from the clip's start.
"""

from __future__ import annotations

from inference.answers.clip_times import format_time

PLAN_SYSTEM = (
    "You are the story editor of a film archive. You watch and listen to one stretch of a film at a time, keep track of who is who over "
    "the whole film, and say what happens. You report only what can be seen or heard. You answer with one JSON object and nothing else."
)
SCRIPT_SYSTEM = (
    "You are a script supervisor. From pictures and sound you write the time-coded script of a clip: scenes, and in each scene every line "
    "spoken and every notable action, expression and sound, in order of time. You report only what can be seen or heard. You answer with "
    "a <thinking> part (Plot: …, Relations: …) and then one JSON object, and nothing else."
)

_RULES = """Identifiers: `char_XXX` for somebody whose name is said, shown or known; `unknown_XXX` for somebody whose name is not known yet
(XXX: three digits, one number per person). An `unknown_XXX` gets a short label as its name ("the old man"), never a guessed name."""

_PLAN_FORM = """Answer with one JSON object:
{"characters": [{"id", "name", "appearance" (age, build, hair, clothes), "voice", "personality", "match_confidence" (0 to 1),
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
   "events": [{"start", "end", "character", "dialogue" (word for word, in the language spoken), "action", "expression", "audio_cue",
               "subtext", "voice_type": "OnScreen" | "VO" | "OS"}]}],
 "high_points": [{"type", "start", "end", "description", "reasoning": {"visual", "audio", "text", "psychology"}, "score" (0 to 10)}]}
Times are "MM:SS" or "MM:SS.d" from the clip's start and never go back. A new scene begins where place or time of day changes. An event is
one line, one action or one sound; leave out keys that have nothing to say. "character" is an identifier from the list above; for somebody
who is not in it a short name or label; "Environment" for weather, music, crowds and things."""


def first_prompt(duration_s: float, language: str = "", hints: str = "") -> str:
    """Plot reasoning on the first window: nobody is known yet."""
    return _joined(
        f"This is the beginning of the film, {format_time(duration_s)} long{_spoken(language)}. Nobody is known yet.",
        "Find out who is there, describe each person so that they can be recognised later, and tell the plot.",
        _RULES,
        hints,
        _PLAN_FORM,
    )


def tracking_prompt(duration_s: float, characters: str, previous: str, language: str = "", hints: str = "") -> str:
    """Plot reasoning on a later window.

    Args:
        characters: who is known (:func:`.tracking.character_context`).
        previous: the summary of the window before.
    """
    return _joined(
        f"This is the next stretch of the film, {format_time(duration_s)} long{_spoken(language)}.",
        f"What happened before:\n{previous or '(nothing that could be told)'}",
        f"Characters so far:\n{characters or '(nobody)'}",
        "Recognise who is there: by name first, then by appearance, then by voice. Clothes and hair may have changed: describe them as "
        "they are now. Use the known identifier only where you are sure and give match_confidence and match_reason; a new person gets a "
        "new number. When somebody known as unknown_XXX is named, say so in name_updates with the words that name them. When two "
        "identifiers prove to be one person, say so in same_as.",
        _RULES,
        hints,
        _PLAN_FORM,
    )


def script_prompt(
    duration_s: float,
    *,
    plot: str = "",
    characters: str = "",
    relations: str = "",
    continuity: str = "",
    language: str = "",
    hints: str = "",
) -> str:
    """The script of one segment, given what the planner found out."""
    return _joined(
        f"Write the script of this clip, {format_time(duration_s)} long{_spoken(language)}.",
        f"Plot of the clip:\n{plot}" if plot else "",
        f"What came before:\n{continuity}" if continuity else "",
        f"Characters:\n{characters}" if characters else "",
        f"Relations:\n{relations}" if relations else "",
        hints,
        _SCRIPT_FORM,
    )


def refused(prompt: str, reason: str) -> str:
    """The same question after an answer that could not be read."""
    return f"{prompt}\n\nYour last answer was refused: {reason[:400]}\nWrite the whole answer again, as one valid JSON object."


def once_more(prompt: str, attempt: int) -> str:
    """The same question asked anew: a person wants another answer than the one before (``attempt`` 0: asked for the first time)."""
    return f"{prompt}\n\n(Take {attempt + 1}: look and listen again.)" if attempt else prompt


def _spoken(language: str) -> str:
    return f", spoken language {language}" if language else ""


def _joined(*parts: str) -> str:
    return "\n\n".join(part for part in parts if part)
