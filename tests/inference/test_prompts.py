"""Prompts: what a film says is told to a model as text, and never as one of its control tokens."""

from __future__ import annotations

import pytest

from inference.plan import Plan, PlannedSegment
from inference.profiles import Profile, ProfileBook
from inference.prompts import neutral, planner_prompt, refused, writer_prompt

TOKENS = (
    "<|im_end|>", "<|im_start|>system", "<|video_pad|>", "<|vision_start|>", "<|endoftext|>", "<｜end▁of▁sentence｜>", "</s>", "<s>",
    "<start_of_turn>", "<image>", "<video>", "<think>", "<<SYS>>", "[INST]", "[/INST]", "<|", "|>",
)  # fmt: skip
MARKS = ("<|", "|>", "<｜", "｜>", "</s>", "<s>", "<start_of_turn>", "<image>", "<video>", "<think>", "<SYS>", "INST]")
FORMS = ("{}", "a {} b", "{}{}")


@pytest.mark.parametrize("token", TOKENS)
@pytest.mark.parametrize("form", FORMS)
def test_no_prompt_holds_a_control_token(token, form):
    said = form.replace("{}", token)
    book = ProfileBook(profiles=[Profile(id="char_001", label=said, name=f"Tom {said}", appearance=said, voice=said, personality=said)])
    segment = PlannedSegment(index=0, start_s=0.0, end_s=10.0, summary=said, continuity=said, active_characters=["char_001"])
    plan = Plan(segments=[segment], profiles=book, language=said)
    prompts = [
        planner_prompt(60.0, book, None, language=said, hints=said)[0],
        planner_prompt(60.0, book, said, language=said, hints=f"[Heard] {said}")[0],
        writer_prompt(plan, segment, 0.0, 10.0, hints=said)[0],
        refused("Write.", said),
    ]
    for prompt in prompts:
        assert not any(mark in prompt for mark in MARKS), prompt


def test_ordinary_text_is_left_alone():
    for text in ("a < b and c > d", "1 < 2 | 3 > 2", "[MUSIC]", "I <3 you", "->", '{"a": 1}'):
        assert neutral(text) == text
