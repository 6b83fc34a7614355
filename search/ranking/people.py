"""Evidence of names: who is there, who speaks, who is named first, who does it to whom."""

from __future__ import annotations

import numpy as np

from search.passages import token_hash
from search.ranking.question import Question
from search.ranking.scenes import Scenes
from search.ranking.words import Matches

ABOUT, ACTING = "about_character", "scene_character"


def people_features(question: Question, matches: Matches, scenes: Scenes) -> dict[str, np.ndarray]:
    """Feature → float32 (S,); all zero where nobody is asked for."""
    num_scenes, names = len(scenes), question.names
    if not names:
        nothing = np.zeros(num_scenes, np.float32)
        return dict.fromkeys(("names_there", "names_missing", "names_act", "named_lines", "names_speak", "first_lines", "to_whom"), nothing)
    there, acting = _present(question, scenes, ABOUT), _present(question, scenes, ACTING)
    speaks: np.ndarray = np.stack([np.isin(scenes.speakers, [token_hash(known) for known in name.accepts]) for name in names], axis=1)
    lines = np.maximum(scenes.num_lines, 1)
    said = scenes.sums(speaks.astype(np.float32))
    rarity = np.array([name.rarity for name in names], np.float32)
    rarity = rarity / max(float(rarity.sum()), 1e-6)
    return {
        "names_there": there @ rarity,
        "names_missing": (len(names) - there.sum(axis=1)).astype(np.float32),
        "names_act": acting @ rarity,
        "named_lines": scenes.sums(np.any(speaks, axis=1).astype(np.float32)) / lines,
        "names_speak": (said > 0).mean(axis=1),
        "first_lines": said[:, 0] / lines,
        "to_whom": _to_whom(question, matches, scenes, speaks) / lines,
    }


def _present(question: Question, scenes: Scenes, facet: str) -> np.ndarray:
    """float32 (S, names): whether a facet of the scene has one of the names meant."""
    return np.array(
        [[not name.accepts.isdisjoint(record.facets.get(facet, ())) for name in question.names] for record in scenes.records], np.float32
    ).reshape(len(scenes), len(question.names))


def _to_whom(question: Question, matches: Matches, scenes: Scenes, speaks: np.ndarray) -> np.ndarray:
    """Lines of the first-named that name another, or that one of the others answers: float32 (S,)."""
    if len(question.names) < 2:
        return np.zeros(len(scenes), np.float32)
    others: np.ndarray = np.any(speaks[:, 1:], axis=1)
    named = (matches.frequencies[:, len(question.words) + 1 :] > 0).any(axis=1)
    follows = np.append(others[1:] & (scenes.line_scenes[1:] == scenes.line_scenes[:-1]), False)
    return scenes.sums((speaks[:, 0] & (named | follows)).astype(np.float32))
