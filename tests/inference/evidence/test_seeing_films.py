"""The eyes on real footage: faces and persons that are there are found, cards are read, and nothing is read where nothing stands."""

import functools
import time
from pathlib import Path

import numpy as np
import pytest

from inference.evidence.seeing import faces, screen_text
from inference.evidence.seeing import see as vision
from inference.evidence.seeing.faces import cluster_faces
from inference.evidence.seeing.shot_measures import LookMeter
from inference.media import Spool, probe, survey_chunk, survey_ranges
from inference.writers.base import Film

MEDIA = Path(__file__).resolve().parents[3].parent / "shared" / "media"
pytestmark = [
    pytest.mark.models,
    pytest.mark.shared,
    pytest.mark.skipif(not MEDIA.is_dir(), reason="the shared footage is not here"),
]


@pytest.fixture(scope="module")
def open_clip(tmp_path_factory):
    @functools.cache
    def opened(name):
        path = MEDIA / name
        info = probe(path)
        spool_dir = tmp_path_factory.mktemp(path.stem)
        for index in range(len(survey_ranges(info))):
            survey_chunk(path, info, spool_dir, index)
        return Film(path=path, info=info, spool=Spool(spool_dir, info), workdir=spool_dir)

    return opened


def seen(film, start_s=0.0, end_s=None):
    end_s = film.info.duration_s if end_s is None else end_s
    shots = [(max(a, start_s), min(b, end_s)) for a, b in film.spool.shots() if a < end_s and b > start_s]
    return vision.see(film, start_s, end_s, shots)


def test_two_women_at_a_desk(open_clip):
    film = open_clip("friday.mp4")
    evidence = seen(film)
    large = [track for track in evidence.faces if len(track.samples) >= 6]
    assert len(large) == 2 and len(evidence.faces) == 2
    numbers = cluster_faces([track.embedding for track in large], [(t.start_s, t.end_s) for t in large])
    assert len(set(numbers)) == 2 and -1 not in numbers
    assert all(track.embedding and np.linalg.norm(track.embedding) == pytest.approx(1, abs=0.01) for track in large)
    assert all(sum(track.expression.values()) == pytest.approx(1, abs=0.01) for track in large)
    assert all(sample.labels.count("person") >= 1 for sample in evidence.objects)
    assert evidence.texts == [] and evidence.poses
    assert seen(film) == evidence, "the same film gives the same evidence"


def test_cards_and_credits_of_a_trailer(open_clip):
    film = open_clip("sintel_trailer-720p.mp4")
    texts = seen(film, 8.0, 15.0).texts + seen(film, 40.5).texts
    cards = {text.text: text for text in texts}
    assert {"THE BLENDER FOUNDATION presents", "SINTEL", "COMING SOON"} <= set(cards)
    assert all(text.role in ("title", "credit") for text in texts)
    assert all(text.start_s >= 41.0 or 9.0 <= text.start_s <= 10.0 for text in texts), "nothing stands in the picture shots"
    (credits,) = (text.text for text in texts if text.role == "credit")
    order = [credits.index(words) for words in ("HALINA REIJN", "REALIZED WITH", "JAN MORGENSTERN", "PRODUCED BY", "durian.blender.org")]
    assert order == sorted(order)


def test_a_battle_has_persons_and_no_text(open_clip):
    film = open_clip("tears-of-steel-battle-clip-medium.webm")
    evidence = seen(film, 12, 26)
    assert evidence.texts == [] and seen(film, 42, 46).texts == []
    assert sum("person" in sample.labels for sample in evidence.objects) >= 0.4 * len(evidence.objects)
    assert evidence.faces and evidence.poses
    assert [look.start_s for look in evidence.looks] == sorted(look.start_s for look in evidence.looks)


def test_a_cartoon_has_no_text_and_costs_little(open_clip, monkeypatch):
    film = open_clip("steamboat_willie_28s.mp4")
    calls = {"read_text": 0, "find_objects": 0, "detect_faces": 0}
    for module, name in ((screen_text, "read_text"), (vision, "find_objects"), (faces, "detect_faces")):

        def counted(call, called, *values):
            calls[called] += 1
            return call(*values)

        monkeypatch.setattr(module, name, functools.partial(counted, getattr(module, name), name))
    vision.whole_label(np.zeros((64, 64, 3), np.uint8))
    began_s = time.process_time()
    evidence = seen(film)
    spent_s = time.process_time() - began_s
    assert evidence.texts == []
    minutes = film.info.duration_s / 60
    assert calls["read_text"] <= 30 * minutes and calls["find_objects"] <= 42 * minutes and calls["detect_faces"] <= 125 * minutes
    assert spent_s <= 20 * minutes, "about 6.5 on an idle machine"


def test_the_dear_face_networks_run_a_few_times_a_track(open_clip, monkeypatch):
    counts = {"identity": 0, "pictures": 0}
    vector, expression = faces._face_vector, faces.expression

    def counted_vector(crop):
        counts["identity"] += 1
        return vector(crop)

    def counted_expression(crops):
        counts["pictures"] = max(counts["pictures"], len(crops))
        return expression(crops)

    monkeypatch.setattr(faces, "_face_vector", counted_vector)
    monkeypatch.setattr(faces, "expression", counted_expression)
    evidence = seen(open_clip("friday.mp4"))
    assert 1 <= counts["identity"] <= len(evidence.faces)
    assert 1 <= counts["pictures"] <= 2


def test_looks_of_shots_follow_the_shots(open_clip):
    film = open_clip("tears-of-steel-battle-clip-medium.webm")
    meter = LookMeter()
    for frame in film.spool.frames(0, 3):
        meter.look(frame.time_s, frame.image)
    look = meter.finish(0, 3, {})
    assert look is not None and 0 < look.brightness < 1 and look.motion > 0 and 1 <= len(look.palette) <= 5
