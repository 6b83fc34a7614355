"""The eyes' arithmetic, without any network: boxes, tracks, clusters, strokes, roles of texts, looks; and what happens without weights."""

import itertools
import os
import subprocess
import sys

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from inference.errors import MissingWeightsError
from inference.evidence.observed import TextSpan
from inference.evidence.seeing import faces, networks
from inference.evidence.seeing.face_detection import Face, anchors, crop_face, overlap
from inference.evidence.seeing.faces import FaceTracker, cluster_faces
from inference.evidence.seeing.ocr import OcrText
from inference.evidence.seeing.screen_text import find_strokes, text_lines
from inference.evidence.seeing.screen_text_spans import best_ocr_text, is_plausible, is_readable, joined_lines, role_of, unbroken
from inference.evidence.seeing.shot_measures import LookMeter

boxes = st.tuples(*[st.floats(0, 0.9)] * 2, *[st.floats(0.01, 0.5)] * 2)


def test_anchors_are_the_centres_of_both_grids():
    centres = anchors()
    assert centres.shape == (896, 2)
    assert (centres > 0).all() and (centres < 1).all()
    assert np.allclose(centres[0], 8 / 256) and np.allclose(centres[512], 16 / 256)
    assert np.allclose(centres[:512].mean(axis=0), 0.5) and np.allclose(centres[512:].mean(axis=0), 0.5)


@given(boxes, boxes)
def test_overlap_is_symmetric_and_at_most_one(a, b):
    assert overlap(a, b) == pytest.approx(overlap(b, a))
    assert 0 <= overlap(a, b) <= 1 + 1e-9
    assert overlap(a, a) == pytest.approx(1)


def test_overlap_of_two_halves_is_a_third():
    assert overlap((0, 0, 0.5, 0.5), (0.25, 0, 0.5, 0.5)) == pytest.approx(1 / 3)
    assert overlap((0, 0, 0.1, 0.1), (0.5, 0.5, 0.1, 0.1)) == 0


def test_a_crop_is_centred_on_the_face():
    image = np.zeros((100, 200, 3), np.uint8)
    image[40:60, 90:110] = 255
    crop = crop_face(image, (0.45, 0.4, 0.1, 0.2), 64, margin=0.5)
    assert crop.shape == (64, 64, 3)
    assert crop[18:46, 18:46].min() == 255 and crop[:12].max() == 0 and crop[:, 52:].max() == 0


@pytest.fixture
def seen(monkeypatch):
    """Faces without a detector: ``seen`` maps times to boxes."""
    boxes = {}
    monkeypatch.setattr(faces, "detect_faces", lambda image: [Face(box, 0.9, np.zeros((6, 2), np.float32)) for box in boxes["now"]])
    monkeypatch.setattr(faces, "mouth_opening", lambda image, box: None)
    monkeypatch.setattr(faces, "IDENTITY_PX", 10_000)

    def run(times):
        tracker = FaceTracker()
        for time_s, now in times:
            boxes["now"] = now
            tracker.look(time_s, np.zeros((48, 64, 3), np.uint8))
        return tracker.finish()

    return run


def test_two_faces_are_two_tracks_whatever_their_order(seen):
    left, right = (0.1, 0.2, 0.2, 0.3), (0.6, 0.2, 0.2, 0.3)
    tracks = seen([(i / 2, [left, right] if i % 2 else [right, left]) for i in range(5)])
    assert [(t.start_s, t.samples[0].box) for t in tracks] == [(0.0, left), (0.0, right)]
    assert all(len(t.samples) == 5 and {s.box for s in t.samples} == {t.samples[0].box} for t in tracks)


def test_a_face_that_was_gone_too_long_is_a_new_track(seen):
    face = (0.4, 0.2, 0.2, 0.3)
    assert len(seen([(0, [face]), (0.5, []), (1, [face])])) == 1
    assert len(seen([(0, [face]), (0.5, [face]), (1, []), (2, []), (2.5, [face]), (3, [face])])) == 2


def test_a_face_of_one_picture_is_no_track(seen):
    assert seen([(0, [(0.4, 0.2, 0.2, 0.3)]), (0.5, [])]) == []


def person(seed, noise, number):
    base = np.random.default_rng(seed).normal(size=64)
    vector = base / np.linalg.norm(base) + noise * np.random.default_rng(1000 * seed + number).normal(size=64) / 8
    return vector / np.linalg.norm(vector)


@settings(max_examples=25, deadline=None)
@given(st.permutations(range(9)), st.floats(0, 0.3))
def test_clusters_do_not_depend_on_the_order(order, noise):
    vectors = [person(i // 3, noise, i) for i in range(9)]
    spans = [(float(i), i + 0.9) for i in range(9)]
    plain = cluster_faces(vectors, spans)
    shuffled = cluster_faces([vectors[i] for i in order], [spans[i] for i in order])
    assert plain == [0, 0, 0, 1, 1, 1, 2, 2, 2]
    groups = {frozenset(i for i, n in zip(order, shuffled, strict=True) if n == number) for number in shuffled}
    assert groups == {frozenset(range(3)), frozenset(range(3, 6)), frozenset(range(6, 9))}


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.floats(0, 10), st.floats(0.5, 5)), max_size=10))
def test_tracks_in_view_together_never_share_a_number(tracks):
    spans = [(start, start + length) for _, start, length in tracks]
    numbers = cluster_faces([person(seed, 0.1, i) for i, (seed, _, _) in enumerate(tracks)], spans)
    for (a, span_a), (b, span_b) in itertools.combinations(list(zip(numbers, spans, strict=True)), 2):
        if min(span_a[1], span_b[1]) - max(span_a[0], span_b[0]) > 0.25:
            assert a != b


def test_a_track_without_a_vector_is_nobody():
    assert cluster_faces([person(1, 0, 0), np.zeros(0), person(1, 0, 1)], [(0, 1), (1, 2), (2, 3)]) == [0, -1, 0]
    assert cluster_faces([], []) == []


def bars(light_ground=False):
    ramp = np.tile(np.linspace(0, 60, 640), (480, 1)).astype(np.uint8)  # a plain ground would be a card
    luma = 250 - ramp if light_ground else 20 + ramp
    for x in range(200, 440, 16):
        luma[400:424, x : x + 5] = 20 if light_ground else 235
    return luma


@pytest.mark.parametrize("light_ground", [False, True])
def test_strokes_have_a_sign_and_make_a_line(light_ground):
    luma = bars(light_ground)
    strokes = find_strokes(luma)
    assert set(strokes[405:420, 200:205].ravel().tolist()) == {-1 if light_ground else 1}
    assert (strokes[:380] == 0).all() and (strokes[440:] == 0).all()
    ((rows, columns),) = text_lines(strokes != 0)
    assert abs(rows.start - 400) <= 4 and abs(rows.stop - 424) <= 4
    assert abs(columns.start - 200) <= 6 and abs(columns.stop - 433) <= 12


def test_edges_and_specks_are_no_lines():
    luma = np.full((480, 640), 30, np.uint8)
    luma[:, 320:] = 220
    luma[100:106, 100:112] = 220
    assert text_lines(find_strokes(luma) != 0) == []


def test_the_best_ocr_text_is_the_one_read_twice():
    box = (0.1, 0.1, 0.2, 0.05)
    once, twice, again = OcrText("Bill", box, 0.97), OcrText("Ball", box, 0.9), OcrText("Ball", box, 0.91)
    assert best_ocr_text([once, twice, again]) == again
    assert best_ocr_text([once, twice]) == once


def test_what_patterns_read_as_is_refused():
    assert is_plausible(OcrText("Good evening", (0.3, 0.9, 0.3, 0.06), 0.9), 16 / 9)
    assert not is_plausible(OcrText("Good evening", (0.3, 0.9, 0.3, 0.06), 0.8), 16 / 9)
    assert not is_plausible(OcrText("OTT", (0.16, 0.65, 0.67, 0.14), 0.99), 16 / 9), "letters wider than lettering is"
    assert not is_plausible(OcrText("Hm", (0.45, 0.9, 0.05, 0.05), 0.9), 16 / 9), "short texts must be surer"
    assert is_readable("THE END") and is_readable("终") and is_readable("1984") and not is_readable("1 N T F") and not is_readable("-.")


def text(words, start_s=0.0, end_s=2.0, box=(0.3, 0.88, 0.4, 0.06), confidence=0.95, language=""):
    return TextSpan(start_s=start_s, end_s=end_s, text=words, box=box, confidence=confidence, role="sign", language=language)


def test_lines_below_each_other_are_one_text_in_one_language_only():
    upper, lower = text("I waited", box=(0.3, 0.82, 0.4, 0.06)), text("all night.")
    assert [t.text for t in joined_lines([lower, upper])] == ["I waited all night."]
    chinese = text("我等了。", language="zh")
    assert [t.text for t in joined_lines([upper, chinese])] == ["I waited", "我等了。"]
    later = text("all night.", start_s=1.0, end_s=3.0)
    assert [t.text for t in joined_lines([upper, later])] == ["I waited", "all night."]


def test_pieces_of_a_text_that_flickered_are_one():
    (whole,) = unbroken([text("Where are yu?", 0, 1, confidence=0.9), text("Where are you?", 1.25, 3, confidence=0.99)])
    assert (whole.start_s, whole.end_s, whole.text) == (0, 3, "Where are you?")
    assert len(unbroken([text("Where are you?", 0, 1), text("Where are you?", 2, 3)])) == 2
    assert len(unbroken([text("Who?", 0, 1), text("Nobody came.", 1, 3)])) == 2


def test_roles():
    line = text("Where were you all night?")
    assert role_of(line, [line], 1) == "subtitle"
    logo = text("REVOLUTION", 0, 8)
    assert role_of(logo, [logo], 1) == "sign", "nobody takes eight seconds to read a word"
    lingering = [text("Wait.", 10.0 * i, 10.0 * i + 5) for i in range(3)]
    assert role_of(lingering[0], lingering, 1) == "subtitle", "unless all subtitles of the film do"
    card = text("A RIVER STORY", 0, 3, box=(0.3, 0.45, 0.4, 0.1))
    assert role_of(card, [card], 1) == "title"
    below = text("presents a picture", 0, 3)
    assert role_of(below, [card, below], 1) == "sign", "it came and went with the title"
    shop = text("BAKERY", 0, 3, box=(0.02, 0.3, 0.2, 0.1))
    assert role_of(shop, [shop], 1) == "sign"
    assert role_of(card, [card], 6) == "credit"


def look_at(colour, *, letterbox=0, other=None):
    meter = LookMeter()
    for i in range(3):
        image = np.zeros((180, 320, 3), np.uint8)
        image[letterbox : 180 - letterbox] = other if other is not None and i % 2 else colour
        meter.look(i / 2, image)
    return meter.finish(0, 1.5, {})


def test_a_plain_colour_gives_its_own_numbers():
    look = look_at((0, 0, 255))
    assert (look.brightness, look.saturation, look.contrast, look.blue_bias, look.motion) == (1, 1, 0, 1, 0)
    assert look.dark_share == 1, "blue has little luma"
    assert look.palette == ["#1010f0"]
    assert look_at((255, 0, 0)).blue_bias == -1
    grey = look_at((128, 128, 128))
    assert grey.brightness == pytest.approx(0.502, abs=0.001) and grey.saturation == 0 and grey.sky == 1 and grey.vegetation == 0


def test_the_letterbox_is_not_the_picture():
    boxed, bare = look_at((200, 180, 60), letterbox=30), look_at((200, 180, 60))
    for name in ("brightness", "saturation", "contrast", "dark_share"):
        assert getattr(boxed, name) == pytest.approx(getattr(bare, name), abs=0.03)


def test_motion_is_change_of_luma_per_second():
    look = look_at((0, 0, 0), other=(255, 255, 255))
    assert look.motion == pytest.approx(2.0, abs=0.01)
    assert LookMeter().finish(0, 1, {}) is None


def test_missing_weights_name_the_command(tmp_path):
    """In a process of its own: a folder named by the user is the only place to look, and it is empty."""
    code = (
        "import numpy as np\n"
        "from inference.errors import MissingWeightsError\n"
        "from inference.evidence.seeing.face_detection import detect_faces\n"
        "try: detect_faces(np.zeros((48, 64, 3), np.uint8))\n"
        "except MissingWeightsError as error: print(error.remedy)\n"
    )
    settings = {**os.environ, "OMNISCRIPT_MODELS_DIR": str(tmp_path), "XDG_CACHE_HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", code], env=settings, capture_output=True, text=True, timeout=60, check=True)
    assert "omniscript models pull" in done.stdout


@pytest.fixture
def no_identity_network(monkeypatch):
    def missing(model, file):
        if model == "face-identity":
            raise MissingWeightsError(model)
        return networks.weights_file(model, file)

    monkeypatch.setattr(faces, "weights_file", missing)
    faces._face_networks.cache_clear()
    yield
    faces._face_networks.cache_clear()


def test_without_the_identity_network_colours_tell_people_apart(no_identity_network):
    noise = np.random.default_rng(3)

    def picture(hair, skin, coat):
        crop = np.empty((224, 224, 3), np.uint8)
        crop[:60], crop[60:] = hair, skin
        body = np.full((80, 80, 3), coat, np.uint8)
        return tuple(np.clip(part + noise.normal(0, 4, part.shape), 0, 255).astype(np.uint8) for part in (crop, body))

    red, blue = ((40, 20, 10), (220, 180, 150), (200, 30, 30)), ((230, 210, 120), (240, 200, 180), (30, 40, 190))
    vectors = [faces._embedding([picture(*who)]) for who in (red, blue, red, blue)]
    assert all(np.linalg.norm(vector) == pytest.approx(1, abs=1e-5) for vector in vectors)
    assert cluster_faces(vectors, [(0, 1), (0, 1), (2, 3), (2, 3)]) == [0, 1, 0, 1]
