"""Which remote models there are and what each can take, declared in a TOML file and never guessed.

Problem: servers that speak the same protocol differ in what they accept (pictures, sound, schemas) and say so by an error at best, by
silently ignoring it at worst. So everything about an endpoint is written down once, in the file that ``OMNISCRIPT_ENDPOINTS`` names, one
table per endpoint (:mod:`.presets` fills in what is true of a whole kind of server); what is wrong with a table is said with the file,
the endpoint and the key. A key to the service never stands in the file: the file names an environment variable.

Times in seconds, prices per million tokens. Standard library and pydantic only: the web process reads this too.

Contents: :class:`Endpoint`, :class:`Price`, :func:`read_endpoints`, :func:`endpoint_named`.
"""

from __future__ import annotations

import hashlib
import re
import tomllib
from pathlib import Path
from typing import Any, Literal
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from inference.environment import read_environment, secret, variable_of
from inference.errors import EndpointError

from .presets import with_preset

VARIABLE = variable_of("endpoints_file")
_NAME = re.compile(r"[a-z0-9][a-z0-9_.-]{0,39}")
_OURS = {"model", "messages", "stream", "stream_options", "max_tokens", "max_completion_tokens", "temperature", "seed"}
_OURS |= {"reasoning_effort", "response_format", "media_io_kwargs", "timings_per_token"}

_LATER = ("strict", "token_limit", "reasoning_effort", "deterministic")
"""Keys that earlier releases had not: at their defaults a question is the one that was always asked, and what was written stays."""

_PATIENCE = {"num_tries", "queue_s", "silence_s", "timeout_s", "outage_s", "backoff_s"}


class Price(BaseModel):
    """What a million tokens cost, in ``currency``."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    prompt: float = Field(ge=0)
    completion: float = Field(ge=0)
    currency: str = Field("USD", pattern=r"^[A-Z]{3}$")

    def cost(self, num_prompt_tokens: int, num_new_tokens: int) -> float:
        """The price of one answer."""
        return (num_prompt_tokens * self.prompt + num_new_tokens * self.completion) / 1e6


class Endpoint(BaseModel):
    """One model behind one address, and what it can take.

    Attributes:
        name: the table's name in the file; the writer is called ``remote-<name>``.
        url: the address before ``/chat/completions``.
        model: the name the server knows it by.
        kind: what server it is; its preset fills in what the table does not say.
        api_key_env: the environment variable that holds the key; empty where the server wants none.
        video: ``jpeg_sequence`` (vLLM: exact frames with their times), ``images`` (each preceded by its time as text), ``mp4``
            (as ``video_url``), ``input_video`` (the same file as llama.cpp takes it) or ``none``.
        audio: ``part`` (a WAV as ``input_audio``), ``url`` (as ``audio_url``), ``in_video`` (the mp4's sound track) or ``none``.
        structured: how the server is told the answer's schema. strict: with ``strict: true``, where a server wants that.
        continuation: ``prefix`` where the server goes on from the beginning of an answer when told to (vLLM), ``prefill`` where it does so
            by itself (llama.cpp), else it is asked to in words.
        usage: whether tokens are told at the end (``final``) or with every piece: ``continuous`` (vLLM, SGLang), ``timings`` (llama.cpp).
        token_limit: what the field for the longest answer is called. reasoning_effort: sent as it is, where it is set.
        deterministic: temperature 0 and a seed are sent; models that think may refuse them.
        repetition_detection: the server stops an answer that goes in circles when asked to (vLLM).
        streaming: the answer comes piece by piece.
        max_clip_s: longest stretch of film in one request. max_tokens: longest answer.
        concurrency: requests at once. num_tries: attempts per request.
        queue_s: longest wait until an answer begins: the server's queue, and reading the prompt.
        silence_s: longest wait for the next piece of an answer that streams. timeout_s: longest time from its first piece to its last.
        outage_s: how long a server is waited for that is away or not ready.
        backoff_s: first wait before another attempt; it doubles each time, and jitters.
        price: what tokens cost, if anything is known.
        extra_body: further fields of every request, as the server's documentation has them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True, protected_namespaces=())

    name: str
    url: str
    model: str = Field(min_length=1)
    title: str = ""
    kind: Literal["", "vllm", "sglang", "llama.cpp", "ollama", "lmstudio", "openai"] = ""
    api_key_env: str = Field("", pattern=r"^([A-Za-z_][A-Za-z0-9_]*)?$")
    video: Literal["jpeg_sequence", "images", "mp4", "input_video", "none"] = "none"
    audio: Literal["none", "part", "url", "in_video"] = "none"
    structured: Literal["json_schema", "structured_outputs", "json_object", "none"] = "none"
    strict: bool = False
    continuation: Literal["prefix", "prefill", "instruction"] = "instruction"
    usage: Literal["final", "continuous", "timings"] = "final"
    token_limit: Literal["max_tokens", "max_completion_tokens"] = "max_tokens"  # noqa: S105 - a field's name
    reasoning_effort: str = Field("", pattern=r"^[a-z]{0,12}$")
    deterministic: bool = True
    repetition_detection: bool = False
    streaming: bool = True
    max_clip_s: float = Field(300.0, ge=5, le=7200)
    max_tokens: int = Field(8192, ge=256)
    concurrency: int = Field(2, ge=1, le=64)
    num_tries: int = Field(5, ge=1, le=10)
    queue_s: float = Field(1800.0, gt=0)
    silence_s: float = Field(180.0, gt=0)
    timeout_s: float = Field(900.0, gt=0)
    outage_s: float = Field(600.0, ge=0, le=86400)
    backoff_s: float = Field(1.0, gt=0, le=60)
    price: Price | None = None
    extra_body: dict[str, Any] = Field(default_factory=dict)

    @field_validator("url")
    @classmethod
    def _check_url(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https"} or not parts.hostname:
            raise ValueError("is not an http or https address")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise ValueError("must hold no user, password, query or fragment; the key belongs in the variable that api_key_env names")
        if parts.path.rstrip("/").endswith("/chat/completions"):
            raise ValueError("ends before /chat/completions")
        return url.rstrip("/")

    @field_validator("extra_body")
    @classmethod
    def _check_extra_body(cls, body: dict[str, Any]) -> dict[str, Any]:
        if taken := sorted(_OURS & set(body)):
            raise ValueError(f"may not set {', '.join(taken)}: the writer does")
        return body

    @model_validator(mode="after")
    def _check_together(self) -> Endpoint:
        if self.audio == "in_video" and self.video not in {"mp4", "input_video"}:
            raise ValueError('audio = "in_video" needs video = "mp4" or "input_video": a sequence of pictures has no sound')
        return self

    @property
    def host(self) -> str:
        """Where the footage goes."""
        return urlsplit(self.url).netloc

    @property
    def hears(self) -> bool:
        """Whether sound reaches the model."""
        return self.audio != "none"

    @property
    def sees(self) -> bool:
        """Whether pictures reach the model."""
        return self.video != "none"

    @property
    def version(self) -> str:
        """Model name and a fingerprint of all that shapes its answers; fit for a folder's name."""
        unchanged = {key for key in _LATER if getattr(self, key) == type(self).model_fields[key].default}
        beside = {"name", "title", "kind", "usage", "api_key_env", "concurrency", "price"}
        shaping = self.model_dump_json(exclude=_PATIENCE | beside | unchanged)
        return f"{re.sub(r'[^A-Za-z0-9._-]+', '_', self.model)}-{hashlib.sha256(shaping.encode()).hexdigest()[:8]}"

    def api_key(self) -> str:
        """The key from the environment, or "" where none is needed.

        Raises:
            EndpointError: the variable is not set.
        """
        if not self.api_key_env:
            return ""
        key = secret(self.api_key_env)
        if not key:
            raise EndpointError(
                f"Endpoint {self.name!r}: the environment variable {self.api_key_env} is not set.",
                remedy=f"Set {self.api_key_env} to the service's key for the worker and the web process.",
            )
        return key


def read_endpoints(path: Path | None = None) -> dict[str, Endpoint | EndpointError]:
    """Name → endpoint, or what is wrong with it; in the file's order. Empty where no file is named.

    Args:
        path: instead of the file that OMNISCRIPT_ENDPOINTS names.

    Raises:
        EndpointError: the file cannot be read, or is no TOML.
    """
    path = path or read_environment().endpoints_file
    if path is None:
        return {}
    try:
        tables = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise EndpointError(f"{path} cannot be read: {error.strerror}.", remedy=f"Check the path in {VARIABLE} and its rights.") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise EndpointError(f"{path} is not TOML: {error}.") from error
    return {name: _endpoint(path, name, table) for name, table in tables.items()}


def _endpoint(path: Path, name: str, table: object) -> Endpoint | EndpointError:
    where = f"{path}, endpoint {name!r}"
    if not _NAME.fullmatch(name):
        return EndpointError(f"{where}: a name has small letters, digits, dots, dashes and underscores, at most 40.")
    if not isinstance(table, dict):
        return EndpointError(f"{where}: write a table, [{name}], with the keys of the endpoint in it.")
    if "api_key" in table:
        return EndpointError(f"{where}: key 'api_key': keys do not stand in this file; name an environment variable in api_key_env.")
    if "name" in table:
        return EndpointError(f"{where}: key 'name': the table's name is the endpoint's name.")
    try:
        return Endpoint(name=name, **with_preset(table))
    except ValidationError as error:
        first = error.errors(include_input=False, include_url=False)[0]
        key = ".".join(str(part) for part in first["loc"])
        said = first["msg"].removeprefix("Value error, ")
        return EndpointError(f"{where}: {f'key {key!r}: ' if key else ''}{said[:1].lower()}{said[1:]}.")


def endpoint_named(name: str = "") -> Endpoint:
    """The endpoint of this name; the file's first one for "".

    Raises:
        EndpointError: there is none, or it is not declared well.
    """
    found = read_endpoints()
    if not found:
        raise EndpointError(
            "No endpoint is declared, so there is no remote writer.", remedy=f"Name a TOML file in {VARIABLE}; docs/writers.md shows one."
        )
    name = name or next(iter(found))
    if name not in found:
        raise EndpointError(f"There is no endpoint called {name!r}.", remedy=f"Choose one of: {', '.join(found)}.")
    endpoint = found[name]
    if isinstance(endpoint, EndpointError):
        raise endpoint
    return endpoint
