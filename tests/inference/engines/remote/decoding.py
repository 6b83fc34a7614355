"""A request to the test server, checked to the last key, with its pictures and sound decoded."""

from __future__ import annotations

import base64
import io
import json
import wave
from dataclasses import dataclass
from typing import Any

import av
import numpy as np
from PIL import Image

from tests.inference.engines.remote.shapes import ChatRequest, FilePart, SoundPart, SoundUrlPart, TextPart, UserMessage, VideoPart


@dataclass(frozen=True)
class Asked:
    """A request, decoded.

    Attributes:
        frames: (seconds from the clip's start, image) of the pictures that came with times.
        film: the frames and the sound that an mp4 held: (times in seconds, images), float32 samples or None.
        sound: 16 kHz samples of the part or of the mp4; None without.
        begun: the beginning of the answer that is to be continued.
    """

    body: dict[str, Any]
    request: ChatRequest
    headers: dict[str, str]
    content_hash: str
    system: str
    prompt: str
    frames: list[tuple[float, Image.Image]]
    sound: np.ndarray | None
    begun: str
    schema: dict[str, Any] | None

    @property
    def purpose(self) -> str:
        """plan or script."""
        keys = (self.schema or {}).get("properties", {})
        return "plan" if "segments" in keys or (not keys and '"segments"' in self.prompt + self.system) else "script"


def usage(asked: Asked, text: str) -> dict[str, int]:
    """Tokens as this server counts them: ten a picture, one per four characters."""
    num_prompt = 10 * len(asked.frames) + len(asked.system + asked.prompt) // 4
    return {"prompt_tokens": num_prompt, "completion_tokens": len(text) // 4, "total_tokens": num_prompt + len(text) // 4}


def decode(content: bytes, headers: dict[str, str], content_hash: str) -> Asked:
    """Check a request to the last key, and decode its pictures and sound.

    Raises:
        ValueError: its shape is wrong, or media are not what they say.
    """
    body = json.loads(content)
    request = ChatRequest.model_validate_json(content)
    if request.stream != (request.stream_options is not None):
        raise ValueError("stream_options belong to a stream")
    turns = [message for message in request.messages if isinstance(message, UserMessage)]
    roles = [message.role for message in request.messages]
    if roles not in (["system", "user"], ["system", "user", "assistant"], ["system", "user", "assistant", "user"]):
        raise ValueError(f"turns: {roles}")
    if (request.max_tokens is None) == (request.max_completion_tokens is None):
        raise ValueError("one bound of the answer, under one name")
    if request.timings_per_token is None and (roles[-1] == "assistant") != (
        request.continue_final_message is True and request.add_generation_prompt is False
    ):
        raise ValueError("continue_final_message belongs to a last turn of the assistant")
    parts = turns[0].content
    if not isinstance(parts[-1], TextPart):
        raise ValueError("the prompt comes last")
    frames, sound = _frames(request, parts[:-1])
    for part in parts[:-1]:
        if isinstance(part, SoundPart):
            sound = read_wav(base64.b64decode(part.input_audio.data, validate=True))
        elif isinstance(part, SoundUrlPart):
            kind, _, data = part.audio_url.url.partition(";base64,")
            if kind != "data:audio/wav":
                raise ValueError(f"a sound as {kind}")
            sound = read_wav(base64.b64decode(data, validate=True))
    begun = str(request.messages[2].content) if len(request.messages) > 2 else ""
    schema = None
    if request.structured_outputs is not None:
        schema = request.structured_outputs.json_
    elif request.response_format is not None and request.response_format.json_schema is not None:
        schema = request.response_format.json_schema.schema_
    system = str(request.messages[0].content)
    return Asked(body, request, headers, content_hash, system, parts[-1].text, frames, sound, begun, schema)


def _frames(request: ChatRequest, parts: list[Any]) -> tuple[list[tuple[float, Image.Image]], np.ndarray | None]:
    frames: list[tuple[float, Image.Image]] = []
    time_s: float | None = None
    for part in parts:
        if isinstance(part, TextPart):
            minutes, _, seconds = part.text.partition(":")
            time_s = 60 * int(minutes) + float(seconds)
        elif isinstance(part, FilePart):
            return read_mp4(base64.b64decode(part.input_video.data, validate=True))
        elif isinstance(part, VideoPart):
            kind, _, data = part.video_url.url.partition(";base64,")
            if kind == "data:video/mp4":
                return read_mp4(base64.b64decode(data, validate=True))
            if kind != "data:video/jpeg" or request.media_io_kwargs is None:
                raise ValueError(f"a video as {kind}")
            times = request.media_io_kwargs.video
            images = [_jpeg(piece) for piece in data.split(",")]
            if len(images) != len(times.frames_indices) or times.frames_indices != sorted(set(times.frames_indices)):
                raise ValueError(f"{len(images)} pictures, {len(times.frames_indices)} indices")
            if times.frames_indices[-1] >= times.total_num_frames:
                raise ValueError("a picture after the end")
            frames = [(index / times.fps, image) for index, image in zip(times.frames_indices, images, strict=True)]
        elif not isinstance(part, SoundPart | SoundUrlPart):
            if time_s is None:
                raise ValueError("a picture without a time before it")
            kind, _, data = part.image_url.url.partition(";base64,")
            if kind != "data:image/jpeg":
                raise ValueError(f"a picture as {kind}")
            frames.append((time_s, _jpeg(data)))
            time_s = None
    return frames, None


def _jpeg(data: str) -> Image.Image:
    image = Image.open(io.BytesIO(base64.b64decode(data, validate=True)), formats=["JPEG"])
    image.load()
    return image


def read_wav(content: bytes) -> np.ndarray:
    """Samples of a 16-bit mono 16 kHz WAV."""
    with wave.open(io.BytesIO(content)) as reader:
        if (reader.getnchannels(), reader.getsampwidth(), reader.getframerate()) != (1, 2, 16_000):
            raise ValueError(f"a WAV with {reader.getparams()}")
        return np.frombuffer(reader.readframes(reader.getnframes()), "<i2").astype(np.float32) / 32767.0


def read_mp4(content: bytes) -> tuple[list[tuple[float, Image.Image]], np.ndarray | None]:
    """Frames with their times, and the sound track at 16 kHz if there is one."""
    with av.open(io.BytesIO(content)) as container:
        frames = [(float(frame.time or 0.0), frame.to_image()) for frame in container.decode(video=0)]
        if not container.streams.audio:
            return frames, None
        container.seek(0)
        blocks = [frame.to_ndarray().reshape(-1) for frame in container.decode(audio=0)]
    return frames, np.concatenate(blocks).astype(np.float32)
