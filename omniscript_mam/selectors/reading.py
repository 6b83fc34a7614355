"""Questions read by a language model, where a site has one: the endpoint that ``OMNISCRIPT["SEARCH_READER"]`` names.

It is asked for at most ``SEARCH_READER_S`` seconds; whatever goes wrong, the rules read the question, and the answer says who did. What a
model read is remembered, so that the next page of the same answer is of the same question.
"""

from __future__ import annotations

import json
import logging
import threading
from collections import OrderedDict
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor, TimeoutError
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from omniscript_mam.conf import conf

if TYPE_CHECKING:
    from inference.engines.remote.endpoints import Endpoint
    from search.query import Gazetteer

log = logging.getLogger(__name__)

MAX_REMEMBERED = 500
MAX_TOKENS = 600
MIN_WORDS = 3
"""Shorter questions need no model."""


@dataclass(frozen=True)
class Reading:
    """A question as it was understood: as a query, and by whom ("" for the rules)."""

    text: str
    by: str = ""


class _NotReadError(Exception):
    """The endpoint gave no answer that can be used."""


_lock = threading.Lock()
_remembered: OrderedDict[tuple[str, str], str] = OrderedDict()
_readers = ThreadPoolExecutor(max_workers=4, thread_name_prefix="search-reader")


def read(text: str, gazetteer: Gazetteer) -> Reading:
    """How a question is to be understood.

    Args:
        text: as typed.
        gazetteer: names that the asker may know of.
    """
    name = conf.search_reader
    if not name or len(text.split()) < MIN_WORDS or any(sign in text for sign in '":'):  # who knows the syntax means it
        return Reading(text)
    from inference.engines.remote.endpoints import endpoint_named
    from inference.errors import EndpointError
    from search.query.told import told_text

    try:
        endpoint = endpoint_named(name)
        with _lock:
            told = _remembered.get((endpoint.version, text))
        if told is None:
            answer = _readers.submit(_asked, endpoint, text, gazetteer).result(timeout=conf.search_reader_s)
            told = told_text(answer, text, gazetteer) or ""
            with _lock:
                _remembered[(endpoint.version, text)] = told
                while len(_remembered) > MAX_REMEMBERED:
                    _remembered.popitem(last=False)
    except (EndpointError, _NotReadError, TimeoutError) as error:
        log.info("The rules read a question: %s %s", type(error).__name__, error)
        return Reading(text)
    return Reading(told, endpoint.title or endpoint.name) if told else Reading(text)


def _asked(endpoint: Endpoint, text: str, gazetteer: Gazetteer) -> Any:
    try:
        from omniscript_mam.remote_text import Abort, Address, RemoteText
    except ImportError as error:
        raise _NotReadError(f"the extra “remote” is not installed ({error})") from error
    from inference.engines.remote.body_fields import common_fields, merged, schema_fields
    from search.query.told import SCHEMA, messages_for

    def refused(said: str, *, status: int = 0, remedy: str | None = None, blocks: bool = False) -> Exception:
        return _NotReadError(said)

    patience_s = conf.search_reader_s
    address = Address(endpoint.url, endpoint.api_key(), num_tries=1, timeout_s=patience_s, silence_s=patience_s)
    body = common_fields(endpoint, messages_for(text, gazetteer), MAX_TOKENS, streams=False) | schema_fields(endpoint, "question", SCHEMA)
    return RemoteText(address, refused).ask(merged(body, endpoint.extra_body), _answer, Abort(lambda said: _NotReadError(said)))


def _answer(payloads: Iterator[dict[str, Any]]) -> Any:
    for payload in payloads:
        try:
            return json.loads(payload["choices"][0]["message"]["content"])
        except (KeyError, IndexError, TypeError, ValueError, RecursionError) as error:
            raise _NotReadError(f"the answer is not as asked for ({type(error).__name__})") from error
    raise _NotReadError("the answer is empty")
