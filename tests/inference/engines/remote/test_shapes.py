"""What reaches a server, per declared capability: the exact shape, the right frames at their exact times, the right sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from inference.engines.base import Clip, Request
from inference.prompts import script_system
from tests.inference.engines.remote.film import frame_number, seen_film
from tests.inference.engines.remote.server import ChatServer, Said

SCHEMA = {"type": "object", "properties": {"scenes": {"type": "array"}}, "required": ["scenes"]}
RATE = 24000 / 1001


def request_of(seen, start_s=4.0, end_s=10.0, **changes) -> Request:
    clip = Clip(seen.spool, start_s, end_s, frame_rate_hz=2.0, max_side_px=200)
    return replace(Request("script", "You write scripts.", "Write it.", clip, SCHEMA, thinking=False, max_new_tokens=500), **changes)


def asked_once(engine_at, request, **keys):
    with ChatServer(lambda asked: '{"scenes": []}') as server:
        (reply,) = engine_at(server, **keys).generate([request])
    assert reply.text == '{"scenes": []}'
    assert server.refused == []
    (asked,) = server.seen
    return asked


@pytest.mark.parametrize("start_s", [4.0, 96 * 1001 / 24000, 0.0, 7.133])
def test_a_jpeg_sequence_holds_the_frames_on_screen_at_their_exact_times(engine_at, film, start_s):
    asked = asked_once(engine_at, request_of(film, start_s, start_s + 6.0), video="jpeg_sequence")
    assert len(asked.frames) == 12
    for time_s, image in asked.frames:
        exact_s = frame_number(image) / RATE - start_s
        assert time_s == pytest.approx(max(0.0, exact_s), abs=0.0006)
        assert max(image.size) == 200
    assert asked.request.media_io_kwargs.video.duration == pytest.approx(6.0)
    assert asked.sound is None
    on_frame = abs(start_s * RATE - round(start_s * RATE)) < 1e-6
    assert asked.request.media_io_kwargs.video.fps == pytest.approx(RATE if on_frame else 1000.0)


def test_images_come_each_after_its_time(engine_at, film):
    asked = asked_once(engine_at, request_of(film), video="images")
    kinds = [part["type"] for part in asked.body["messages"][1]["content"]]
    assert kinds == ["text", "image_url"] * 12 + ["text"]
    for time_s, image in asked.frames:
        assert time_s == pytest.approx(max(0.0, frame_number(image) / RATE - 4.0), abs=0.051)
    assert "media_io_kwargs" not in asked.body


def test_an_mp4_is_exactly_the_stretch_with_its_sound(engine_at, film):
    asked = asked_once(engine_at, request_of(film), video="mp4", audio="in_video")
    assert [time_s for time_s, _ in asked.frames] == pytest.approx(list(np.arange(12) / 2))
    for time_s, image in asked.frames:  # what was on screen then, of the four pictures a second that the spool keeps
        assert -1 / RATE <= (4.0 + time_s) - frame_number(image) / RATE < 1 / RATE + 0.001
    wanted = film.spool.audio(4.0, 10.0)
    assert asked.sound is not None
    assert len(asked.sound) == pytest.approx(len(wanted), abs=3000)
    part = asked.sound[:80_000]
    shifts = [np.corrcoef(part, wanted[shift : shift + len(part)])[0, 1] for shift in range(0, 3)]
    loud = np.fft.irfft(np.fft.rfft(wanted, 1 << 18) * np.conj(np.fft.rfft(asked.sound, 1 << 18)))
    offset = int(np.argmax(loud))
    offset = offset - (1 << 18) if offset > 1 << 17 else offset
    assert abs(offset) <= 1100, (offset, shifts)  # the encoder's own delay at most
    assert asked.body["mm_processor_kwargs"] == {"use_audio_in_video": True}


def test_an_mp4_has_no_sound_where_none_is_declared(engine_at, film):
    asked = asked_once(engine_at, request_of(film), video="mp4")
    assert asked.sound is None
    assert len(asked.frames) == 12
    assert "mm_processor_kwargs" not in asked.body


def test_a_part_of_sound_is_the_clips_samples(engine_at, film):
    asked = asked_once(engine_at, request_of(film), video="images", audio="part")
    assert np.abs(asked.sound - film.spool.audio(4.0, 10.0)).max() < 1e-4


def test_media_come_before_the_prompt_and_nothing_undeclared_is_sent(engine_at, film):
    asked = asked_once(engine_at, request_of(film), audio="part")
    assert [part["type"] for part in asked.body["messages"][1]["content"]] == ["input_audio", "text"]
    assert set(asked.body) == {"model", "messages", "temperature", "seed", "max_tokens", "stream", "stream_options"}
    assert (asked.body["temperature"], asked.body["max_tokens"]) == (0, 500)


def test_a_film_without_pictures_or_sound_sends_none(engine_at, tmp_path, film):
    mute = seen_film(tmp_path, duration_s=6.0, with_sound=False)
    asked = asked_once(engine_at, request_of(mute, 0.0, 4.0), video="jpeg_sequence", audio="part")
    assert asked.sound is None and len(asked.frames) == 8
    text_only = request_of(film, clip=None)
    assert [part["type"] for part in asked_once(engine_at, text_only, video="mp4", audio="in_video").body["messages"][1]["content"]] == [
        "text"
    ]
    heard_only = replace(request_of(film), clip=Clip(film.spool, 0.0, 4.0, frame_rate_hz=0))
    asked = asked_once(engine_at, heard_only, video="mp4", audio="in_video")
    assert asked.sound is not None and len(asked.frames) == 4


@pytest.mark.parametrize(
    ("structured", "fields"),
    [
        ("json_schema", {"response_format": {"type": "json_schema", "json_schema": {"name": "script", "schema": SCHEMA}}}),
        ("structured_outputs", {"structured_outputs": {"json": SCHEMA}}),
        ("json_object", {"response_format": {"type": "json_object"}}),
        ("none", {}),
    ],
)
def test_the_schema_goes_where_it_is_declared(engine_at, film, structured, fields):
    asked = asked_once(engine_at, request_of(film), structured=structured)
    for key in ("response_format", "structured_outputs"):
        assert asked.body.get(key) == fields.get(key)


def test_thinking_is_asked_of_who_may_think_and_of_nobody_else(engine_at):
    """A schema binds the whole answer: there is no room for thinking in it, so it is not asked for."""
    with ChatServer(lambda asked: "{}") as server:
        thinking = {structured: engine_at(server, structured=structured).thinks for structured in ("none", "json_schema", "json_object")}
    assert thinking == {"none": True, "json_schema": False, "json_object": False}
    assert "<thinking>" in script_system(thinks=True) and "thinking" not in script_system(thinks=False)


def test_vllms_own_fields_and_further_ones(engine_at, film):
    keys = {
        "repetition_detection": True,
        "video": "mp4",
        "audio": "in_video",
        "extra_body": {"mm_processor_kwargs": {"use_audio_in_video": True}},
    }
    asked = asked_once(engine_at, request_of(film), **keys)
    assert asked.body["repetition_detection"]["min_count"] >= 3
    asked = asked_once(engine_at, request_of(film), streaming=False)
    assert asked.body["stream"] is False and "stream_options" not in asked.body


def test_an_answer_is_gone_on_with(engine_at, film):
    request = request_of(film, begun='{"scenes": [')
    with ChatServer(lambda asked: "]}") as server:
        (reply,) = engine_at(server, continuation="prefix", structured="structured_outputs").generate([request])
        assert reply.text == "]}"
        engine_at(server, continuation="instruction").generate([request])
    prefix, instruction = server.seen
    assert server.refused == []
    assert prefix.body["messages"][-1] == {"role": "assistant", "content": '{"scenes": ['}
    assert prefix.body["continue_final_message"] is True and prefix.body["add_generation_prompt"] is False
    assert "structured_outputs" not in prefix.body  # a schema describes a whole document
    assert [message["role"] for message in instruction.body["messages"]] == ["system", "user", "assistant", "user"]


def test_what_a_model_repeats_of_the_beginning_is_cut_off(engine_at, film):
    with ChatServer(lambda asked: '{"scenes": []}') as server:
        (reply,) = engine_at(server).generate([request_of(film, begun='{"scenes": [')])
    assert reply.text == "]}"


@pytest.mark.parametrize(("said", "finish"), [("stop", "stop"), ("length", "length"), ("repetition", "cycle")])
def test_why_an_answer_ended(engine_at, film, said, finish):
    with ChatServer(lambda asked: Said("{}", said)) as server:
        for streaming in (True, False):
            (reply,) = engine_at(server, streaming=streaming).generate([request_of(film)])
            assert reply.finish == finish


@pytest.mark.parametrize(("rate_hz", "side_px"), [(0.5, 200), (1.0, 33), (4.0, 2)])
def test_an_mp4_of_any_rate_and_size_can_be_read(engine_at, film, rate_hz, side_px):
    request = replace(request_of(film), clip=Clip(film.spool, 3.3, 13.3, rate_hz, side_px))
    asked = asked_once(engine_at, request, video="mp4", audio="in_video")
    assert len(asked.frames) == round(10 * rate_hz)
    assert asked.sound is not None and len(asked.sound) / 16_000 == pytest.approx(10.0, abs=0.2)
