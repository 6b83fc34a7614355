"""The shape that a request must have, to the last key: what vLLM documents for chat completions, and nothing that we do not send."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field


class Exact(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True, protected_namespaces=())


class TextPart(Exact):
    type: Literal["text"]
    text: str = Field(min_length=1)


class Url(Exact):
    url: str


class ImagePart(Exact):
    type: Literal["image_url"]
    image_url: Url


class VideoPart(Exact):
    type: Literal["video_url"]
    video_url: Url


class Sound(Exact):
    data: str
    format: Literal["wav"]


class SoundPart(Exact):
    type: Literal["input_audio"]
    input_audio: Sound


class SoundUrlPart(Exact):
    type: Literal["audio_url"]
    audio_url: Url


class File(Exact):
    data: str


class FilePart(Exact):
    type: Literal["input_video"]
    input_video: File


class SystemMessage(Exact):
    role: Literal["system"]
    content: str


class UserMessage(Exact):
    role: Literal["user"]
    content: list[Annotated[TextPart | ImagePart | VideoPart | SoundPart | SoundUrlPart | FilePart, Field(discriminator="type")]]


class AssistantMessage(Exact):
    role: Literal["assistant"]
    content: str = Field(min_length=1)


class StreamOptions(Exact):
    include_usage: Literal[True]
    continuous_usage_stats: Literal[True] | None = None


class NamedSchema(Exact):
    name: Literal["plan", "script"]
    schema_: dict[str, Any] = Field(alias="schema")
    strict: Literal[True] | None = None


class ResponseFormat(Exact):
    type: Literal["json_schema", "json_object"]
    json_schema: NamedSchema | None = None


class StructuredOutputs(Exact):
    json_: dict[str, Any] = Field(alias="json")


class VideoTimes(Exact):
    num_frames: Literal[-1]
    fps: float = Field(gt=0)
    frames_indices: list[int]
    total_num_frames: int
    duration: float
    do_sample_frames: Literal[False]


class MediaOptions(Exact):
    video: VideoTimes


class ProcessorOptions(Exact):
    use_audio_in_video: Literal[True]


class Repetition(Exact):
    max_pattern_size: int
    min_pattern_size: int
    min_count: int


class ChatRequest(Exact):
    """The body of a chat/completions request."""

    model: str
    messages: list[Annotated[SystemMessage | UserMessage | AssistantMessage, Field(discriminator="role")]]
    temperature: Literal[0] | None = None
    seed: int | None = None
    max_tokens: int | None = Field(None, ge=1)
    max_completion_tokens: int | None = Field(None, ge=1)
    reasoning_effort: str | None = None
    timings_per_token: Literal[True] | None = None
    chat_template_kwargs: dict[str, Any] | None = None
    stream: bool
    stream_options: StreamOptions | None = None
    response_format: ResponseFormat | None = None
    structured_outputs: StructuredOutputs | None = None
    media_io_kwargs: MediaOptions | None = None
    mm_processor_kwargs: ProcessorOptions | None = None
    repetition_detection: Repetition | None = None
    continue_final_message: Literal[True] | None = None
    add_generation_prompt: Literal[False] | None = None
