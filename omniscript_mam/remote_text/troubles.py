"""What went wrong with an attempt: may another one work, is the server away, or is it hopeless?

Three kinds, and what is done about each:

    failed      it answered badly (5xx, broken off, silent, nonsense): asked again, as often as the address says
    away        nobody is there, or it says that it is not ready (refused connection, 429, 502, 503, 504): waited for, as long as it says
    hopeless    the same question cannot be answered (a key, a name, TLS to a plain port, a picture to a model without eyes): asked once

A hopeless trouble *blocks* where no question of this asker can be answered there, however it is put.

Contents: :class:`Trouble`, :func:`refusal_of`, :func:`failure_of`, :func:`transport_trouble`.
"""

from __future__ import annotations

import email.utils
import re
import socket
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal
from urllib.parse import SplitResult, urlsplit

import httpx2

from .payloads import message_of, words_of

RETRIED = frozenset({408, 409})
NOT_READY = frozenset({429, 502, 503, 504, 529})
BLOCKING = frozenset({401, 402, 403, 404, 405, 407})
PROBE_S = 5.0
"""How long a port is given to show that it speaks plain HTTP."""

Kind = Literal["failed", "away", "hopeless"]


class Trouble(Exception):
    """An attempt went wrong.

    Attributes:
        kind: see the module. status: the HTTP status, 0 where there was none. wait_s: how long the server wants to be left alone.
        remedy: what to do about it, where that is known. blocks: no question of this asker can be answered there.
    """

    def __init__(
        self,
        words: str,
        kind: Kind,
        *,
        status: int = 0,
        wait_s: float | None = None,
        remedy: str | None = None,
        blocks: bool = False,
    ) -> None:
        super().__init__(words)
        self.kind, self.status, self.wait_s, self.remedy, self.blocks = kind, status, wait_s, remedy, blocks


@dataclass(frozen=True)
class _Known:
    """A hopeless refusal that servers put in words, under whatever status."""

    words: re.Pattern[str]
    remedy: str
    blocks: bool = True


def _known(words: str, remedy: str, *, blocks: bool = True) -> _Known:
    return _Known(re.compile(words, re.IGNORECASE), remedy, blocks)


KNOWN = (
    _known(
        r"(image|audio|video|vision|multi-?modal)[\w ]{0,20} (is|are) not supported|mmproj"
        r"|does not support (image|audio|video|vision|multi)|not a multimodal model"
        r"|at most 0 (image|audio|video)|does not (have|take) (image|audio|video)",
        "This model takes no such pictures or sound: serve one that does (llama.cpp: with its --mmproj file), or write video and audio "
        'as "none" in the endpoint\'s TOML table; then small models here are its eyes and ears.',
    ),
    _known(
        r"exceed\w* [\w ()]{0,60}context|(maximum|max)[\w ]{0,10} context|context[ _](size|length|window)|context_length_exceeded",
        "Give the server a longer context (llama.cpp: -c, shared out to its slots; vLLM: --max-model-len; Ollama: OLLAMA_CONTEXT_LENGTH), "
        "or lower max_clip_s and max_tokens of the endpoint.",
        blocks=False,
    ),
    _known(r"HTTP request [\w ]{0,12}HTTPS|HTTPS port", "The server wants TLS: write https:// in the endpoint's url."),
    _known(r"insufficient_quota|exceeded your current quota|credit balance|billing", "Look after the account that the key belongs to."),
    _known(r"trust[-_]request[-_]mm[-_]kwargs", "Start vLLM with --trust-request-mm-kwargs: the exact times of the pictures need it."),
)


def refusal_of(response: httpx2.Response, clean: Callable[[str], str]) -> Trouble:
    """What an answer other than 200 is."""
    status = response.status_code
    if 300 <= status < 400:
        target = response.headers.get("location", "")
        said = f"answered {status} and points to {clean(target)!r}; redirects are not followed"
        remedy = "If what is sent may go there, name that address instead."
        return Trouble(said, "hopeless", status=status, remedy=remedy, blocks=True)
    words = words_of(response)
    said = f"answered {status} {response.reason_phrase}" + (f": {clean(words)}" if words else "")
    return _told(said, words, status, _retry_after_s(response.headers.get("retry-after", "")))


def failure_of(error: object, clean: Callable[[str], str]) -> Trouble:
    """What an error is that a server tells in the middle of its answer."""
    words = message_of(error)
    code = error.get("code") if isinstance(error, dict) else None
    return _told(f"failed while it answered: {clean(words)}", words, code if isinstance(code, int) else 500, None)


def transport_trouble(error: httpx2.TransportError, url: str, clean: Callable[[str], str]) -> Trouble:
    """What it means that there was no answer at all, or no end of it."""
    said = clean(f"{type(error).__name__}: {error}")
    parts = urlsplit(url)
    if isinstance(error, httpx2.UnsupportedProtocol | httpx2.LocalProtocolError):
        return Trouble(f"cannot be asked: {said}", "hopeless", blocks=True)
    if isinstance(error, httpx2.ProxyError):
        return Trouble(said, "away", remedy="Look at the proxy that HTTPS_PROXY or HTTP_PROXY names.")
    if parts.scheme == "https" and isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        if re.search(r"WRONG_VERSION_NUMBER|HTTP_REQUEST|RECORD_LAYER|UNEXPECTED_MESSAGE", said, re.IGNORECASE) or _speaks_plain_http(
            parts
        ):
            remedy = "Write http:// in the endpoint's url, if what is sent may cross the network unencrypted."
            return Trouble(f"does not speak TLS on that port ({said})", "hopeless", remedy=remedy, blocks=True)
        if "CERTIFICATE_VERIFY_FAILED" in said:
            remedy = "Give this machine the certificate of who signed the server's (SSL_CERT_FILE), or name the server as it calls itself."
            return Trouble(f"has a certificate that is not trusted here ({said})", "hopeless", remedy=remedy, blocks=True)
    if parts.scheme == "http" and isinstance(error, httpx2.RemoteProtocolError) and re.search(r"illegal request line|\\x1[56]\\x03", said):
        remedy = "Write https:// in the endpoint's url."
        return Trouble("speaks TLS on that port, and was asked in plain HTTP", "hopeless", remedy=remedy, blocks=True)
    if isinstance(error, httpx2.ConnectError | httpx2.ConnectTimeout):
        return Trouble(said, "away")
    return Trouble(said, "failed")


def _told(said: str, words: str, status: int, wait_s: float | None) -> Trouble:
    known = next((each for each in KNOWN if each.words.search(words)), None)
    if known is not None:
        return Trouble(said, "hopeless", status=status, remedy=known.remedy, blocks=known.blocks)
    if status in NOT_READY:
        return Trouble(said, "away", status=status, wait_s=wait_s)
    if status in RETRIED or status >= 500:
        return Trouble(said, "failed", status=status, wait_s=wait_s)
    return Trouble(said, "hopeless", status=status, blocks=status in BLOCKING)


def _speaks_plain_http(parts: SplitResult) -> bool:
    """Whether the port answers a plain question, which holds nothing of what would be sent."""
    try:
        with socket.create_connection((parts.hostname, parts.port or 443), PROBE_S) as plain:
            plain.settimeout(PROBE_S)
            plain.sendall(f"GET / HTTP/1.0\r\nHost: {parts.hostname}\r\n\r\n".encode("ascii", "replace"))
            return plain.recv(5) == b"HTTP/"
    except OSError:
        return False


def _retry_after_s(header: str) -> float | None:
    """Seconds of a Retry-After header, which is a number or a date."""
    try:
        return max(0.0, float(header))
    except ValueError:
        pass
    try:
        return max(0.0, email.utils.parsedate_to_datetime(header).timestamp() - time.time())
    except ValueError:
        return None
