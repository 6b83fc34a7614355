"""The request that an endpoint gets: system text, then one user turn of media and prompt, in the shape that its capabilities say.

What is not declared is not sent, so that a server that refuses unknown fields is served too. Fields outside the common protocol
(``media_io_kwargs``, ``mm_processor_kwargs``, ``structured_outputs``, ``repetition_detection``, ``continue_final_message``) are vLLM's;
``timings_per_token`` and ``input_video`` are llama.cpp's, ``audio_url`` is SGLang's.

Contents: :func:`chat_body`, :func:`is_bound`.
"""

from __future__ import annotations

from typing import Any

from inference.answers.clip_times import format_time
from inference.engines.base import Clip, Request

from .body_fields import common_fields, merged, schema_fields
from .clip_media import data_url, frame_clock, mp4, pictures, wav
from .endpoints import Endpoint

GO_ON = (
    "Your answer was cut off. Go on exactly after its last character: write only what is missing, do not repeat what stands there, do not "
    "begin again, and end with the whole document closed."
)
REPETITION = {"max_pattern_size": 128, "min_pattern_size": 8, "min_count": 4}
"""A stretch of 8 to 128 tokens that stands there four times running is a loop; shorter ones may be dots or laughter."""


def chat_body(endpoint: Endpoint, request: Request) -> dict[str, Any]:
    """The JSON body of one chat/completions request."""
    parts, extra = _media(endpoint, request.clip) if request.clip is not None else ([], {})
    messages: list[dict[str, Any]] = [
        {"role": "system", "content": request.system},
        {"role": "user", "content": [*parts, {"type": "text", "text": request.prompt}]},
    ]
    if request.begun:
        messages.append({"role": "assistant", "content": request.begun})
        if endpoint.continuation == "prefix":
            extra |= {"continue_final_message": True, "add_generation_prompt": False}
        elif endpoint.continuation == "instruction":
            messages.append({"role": "user", "content": [{"type": "text", "text": GO_ON}]})
    body = common_fields(endpoint, messages, request.max_new_tokens, streams=endpoint.streaming) | extra
    if endpoint.streaming:
        body["stream_options"] = {"include_usage": True} | ({"continuous_usage_stats": True} if endpoint.usage == "continuous" else {})
        if endpoint.usage == "timings":
            body["timings_per_token"] = True
    if is_bound(endpoint, request):
        body |= schema_fields(endpoint, request.purpose, request.schema)
    if endpoint.repetition_detection:
        body["repetition_detection"] = REPETITION
    return merged(body, endpoint.extra_body)


def is_bound(endpoint: Endpoint, request: Request) -> bool:
    """Whether the answer is held to its schema: one describes a whole document, not the rest of one."""
    return endpoint.structured != "none" and not request.begun


def _media(endpoint: Endpoint, clip: Clip) -> tuple[list[dict[str, Any]], dict[str, Any]]:
    """Content parts of a clip, and the fields of the body that belong to them."""
    parts: list[dict[str, Any]] = []
    extra: dict[str, Any] = {}
    shown = pictures(clip) if endpoint.sees else []
    sound = clip.sound() if endpoint.hears else None
    if endpoint.video == "jpeg_sequence" and shown:
        video = clip.spool.info.video
        rate_hz, indexes = frame_clock([picture.time_s for picture in shown], float(video.frame_rate) if video else 0.0)
        url = "data:video/jpeg;base64," + ",".join(picture.jpeg() for picture in shown)
        parts.append({"type": "video_url", "video_url": {"url": url}})
        extra["media_io_kwargs"] = {
            "video": {
                "num_frames": -1,  # all of them: the server's own default keeps the first 32
                "fps": rate_hz,
                "frames_indices": indexes,
                "total_num_frames": max(indexes[-1] + 1, round(clip.duration_s * rate_hz)),
                "duration": clip.duration_s,
                "do_sample_frames": False,
            }
        }
    elif endpoint.video == "images":
        for picture in shown:
            parts.append({"type": "text", "text": format_time(picture.time_s)})
            parts.append({"type": "image_url", "image_url": {"url": f"data:image/jpeg;base64,{picture.jpeg()}"}})
    elif endpoint.video in {"mp4", "input_video"} and (shown or (sound is not None and endpoint.audio == "in_video")):
        track = sound if endpoint.audio == "in_video" else None
        file = mp4(shown, track, clip.duration_s, clip.frame_rate_hz or 1.0)
        url = data_url("video/mp4", file)
        if endpoint.video == "mp4":
            parts.append({"type": "video_url", "video_url": {"url": url}})
        else:
            parts.append({"type": "input_video", "input_video": {"data": url.partition(",")[2]}})
        if track is not None and endpoint.video == "mp4":
            extra["mm_processor_kwargs"] = {"use_audio_in_video": True}
    if endpoint.audio in {"part", "url"} and sound is not None:
        url = data_url("audio/wav", wav(sound))
        if endpoint.audio == "url":
            parts.append({"type": "audio_url", "audio_url": {"url": url}})
        else:
            parts.append({"type": "input_audio", "input_audio": {"data": url.partition(",")[2], "format": "wav"}})
    return parts, extra
