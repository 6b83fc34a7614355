"""Text drawn into pictures and read back: subtitles of all kinds, still textured walls, big titles, credits."""

from pathlib import Path

import manimgx_fonts_cjk
import numpy as np
import pytest
from PIL import Image, ImageDraw, ImageFont

from inference.evidence.seeing.screen_text import TextWatcher

FONT = next(Path(manimgx_fonts_cjk.__file__).parent.glob("*.ttc"))
SIZE = (854, 480)
pytestmark = pytest.mark.models


def street(time_s):
    """A moving background: a drifting gradient and four discs crossing."""
    shift = int(60 * time_s)
    columns = (np.arange(SIZE[0]) + shift) % 512
    ramp = np.tile(np.abs(columns - 256) // 3 + 30, (SIZE[1], 1)).astype(np.uint8)
    picture = Image.merge("RGB", [Image.fromarray(ramp), Image.fromarray(ramp // 2 + 40), Image.fromarray(120 - ramp // 2)])
    draw = ImageDraw.Draw(picture)
    for disc in range(4):
        x = (disc * 230 + int(time_s * (50 + 20 * disc))) % SIZE[0]
        draw.ellipse((x, 330 + 25 * disc, x + 60, 390 + 25 * disc), fill=(170 - 20 * disc, 90, 60 + 30 * disc))
    return picture


def brick_wall(_time_s):
    """A still wall with light joints and bricks of many shades."""
    noise = np.random.default_rng(7)
    picture = Image.new("RGB", SIZE, (205, 200, 190))
    draw = ImageDraw.Draw(picture)
    for row in range(0, SIZE[1], 18):
        for column in range(-20 * ((row // 18) % 2), SIZE[0], 42):
            shade = int(noise.integers(60, 110))
            draw.rectangle((column, row, column + 38, row + 14), fill=(shade + 40, shade - 10, shade - 20))
    return picture


def grey(_time_s):
    return Image.new("RGB", SIZE, (128, 128, 128))


def write(picture, text, *, y=440, size=30, fill="white", stroke=2):
    """Put one centred line into a picture; returns the picture."""
    font = ImageFont.truetype(str(FONT), size)
    font.set_variation_by_axes([500])
    ImageDraw.Draw(picture).text((SIZE[0] / 2, y), text, font=font, fill=fill, anchor="mm", stroke_width=stroke, stroke_fill="black")
    return picture


def watch(background, lines, end_s=5.0, cuts=()):
    """Texts read from a film of drawn pictures; ``lines`` holds (start, end, text, how it is drawn)."""
    watcher = TextWatcher()
    for number in range(int(end_s * 4)):
        time_s = number / 4
        if time_s in cuts:
            watcher.cut()
        picture = background(time_s)
        for start_s, stop_s, text, drawn in lines:
            if start_s <= time_s < stop_s:
                write(picture, text, **drawn)
        watcher.look(time_s, np.asarray(picture))
    return watcher.finish(end_s), watcher.num_reads


def spans(texts):
    return [(text.start_s, text.end_s, text.text) for text in texts]


@pytest.mark.parametrize(
    "drawn",
    [{}, {"fill": (255, 230, 60)}, {"y": 462}, {"size": 24}, {"size": 40}],
    ids=["white", "yellow", "at the bottom edge", "small", "large"],
)
def test_a_subtitle_over_a_moving_picture(drawn):
    texts, _ = watch(street, [(1.0, 3.0, "Where were you all night?", drawn)])
    assert spans(texts) == [(1.0, 3.0, "Where were you all night?")]
    assert texts[0].role == "subtitle"


def test_white_without_an_outline_on_mid_grey():
    texts, _ = watch(grey, [(1.0, 3.0, "The door was open.", {"stroke": 0})])
    assert spans(texts) == [(1.0, 3.0, "The door was open.")]


def test_a_subtitle_of_two_pictures():
    texts, _ = watch(street, [(2.0, 2.5, "Run, Tom!", {})])
    assert spans(texts) == [(2.0, 2.5, "Run, Tom!")]


def test_two_languages_at_one_time_are_two_texts():
    lines = [(1.0, 3.0, "I waited three hours.", {"y": 415, "size": 26}), (1.0, 3.0, "我等了三个小时。", {"y": 452, "size": 26})]
    texts, _ = watch(street, lines)
    assert [(text.text, text.language) for text in texts] == [("I waited three hours.", ""), ("我等了三个小时。", "zh")]
    assert all(text.role == "subtitle" and (text.start_s, text.end_s) == (1.0, 3.0) for text in texts)


def test_two_lines_of_one_language_are_one_text():
    lines = [(1.0, 4.0, "I waited three hours", {"y": 412}), (1.0, 4.0, "and nobody came.", {"y": 450})]
    texts, _ = watch(street, lines)
    assert spans(texts) == [(1.0, 4.0, "I waited three hours and nobody came.")]


def test_a_subtitle_stays_one_across_a_cut():
    def two_shots(time_s):
        return street(time_s) if time_s < 2.0 else brick_wall(time_s)

    texts, _ = watch(two_shots, [(1.0, 3.5, "Nobody came to the river.", {})], cuts=(2.0,))
    assert spans(texts) == [(1.0, 3.5, "Nobody came to the river.")]


def test_subtitles_without_a_pause_between_them():
    lines = [(0.5, 2.0, "Who is there?", {}), (2.0, 3.5, "Only the wind.", {}), (3.5, 5.0, "Close the door.", {})]
    texts, _ = watch(street, lines)
    assert spans(texts) == [(0.5, 2.0, "Who is there?"), (2.0, 3.5, "Only the wind."), (3.5, 5.0, "Close the door.")]


def test_a_brick_wall_is_no_text_and_costs_few_reads():
    texts, reads = watch(brick_wall, [], end_s=20.0)
    assert texts == []
    assert reads <= 8


def test_a_subtitle_over_a_brick_wall():
    texts, _ = watch(brick_wall, [(3.0, 5.0, "Mind the step, please.", {})], end_s=6.0)
    assert spans(texts) == [(3.0, 5.0, "Mind the step, please.")]


def test_a_big_title():
    texts, _ = watch(grey, [(1.0, 4.0, "THE END", {"y": 230, "size": 100, "stroke": 0})])
    assert [(text.start_s, text.end_s, text.text.replace(" ", "")) for text in texts] == [(1.0, 4.0, "THEEND")]  # wide gaps are lost
    assert texts[0].role == "title"


def test_credits_read_from_top_to_bottom():
    names = ["Directed by", "Halina Brandt", "Written by", "Thomas Mertens", "Music by", "Jan Morgen"]
    lines = [(1.0, 4.5, name, {"y": 110 + 50 * i, "size": 26}) for i, name in enumerate(names)]
    texts, _ = watch(lambda _: Image.new("RGB", SIZE, "black"), lines)
    assert " ".join(text.text for text in texts) == " ".join(names)
    assert {text.role for text in texts} == {"credit"}


def test_a_title_that_fades_in_starts_when_it_can_be_seen():
    watcher = TextWatcher()
    for number in range(16):
        level = min(255, 45 * max(0, number - 2))
        picture = write(Image.new("RGB", SIZE, "black"), "A RIVER STORY", y=240, size=36, fill=(level,) * 3, stroke=0)
        watcher.look(number / 4, np.asarray(picture))
    texts = watcher.finish(4.0)
    assert [text.text for text in texts] == ["A RIVER STORY"]
    assert 0.75 <= texts[0].start_s <= 1.5
    assert texts[0].end_s == 4.0
