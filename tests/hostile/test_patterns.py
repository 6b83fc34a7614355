"""Every function that meets text or bytes from outside with a pattern takes time that grows about as the input does.

A row is a function and inputs that grow with a number. Four times the input may take ten times as long (noise, memory), never sixteen: that
is what a pattern does that looks again from every place. What is quick at the large size passes whatever its growth.
"""

from __future__ import annotations

import io
import time
from collections import defaultdict
from collections.abc import Callable

import pytest

from eval.characters import categorise
from inference.answers.reading import read_event, read_plan, read_script
from inference.evidence.joining.mentions import Lexicon, asks_name, bare_name, find_mentions
from inference.evidence.joining.naming import caption_name
from inference.evidence.joining.reconcile import split_label
from inference.evidence.joining.wordings import tokenize
from inference.media.decoding.timecode import parse_timecode
from inference.media.signatures import refusal_of_beginning, verdict_of
from inference.writers.lite.plot import called_kin
from inference.writers.two_stage.casting import is_name
from inference.writers.two_stage.writing import plot_of
from omniscript_mam.api.media import byte_range
from omniscript_mam.script.timing import parse_frame_rate, parse_timestamp
from omniscript_mam.services.archive.assets import clean_name, title_from
from search.analysis import analyse, analyse_query
from search.query.gazetteer import build_gazetteer
from search.query.parser import parse

SMALL, LARGE = 1_000, 4_000
QUICK_S = 0.1
MOST_GROWTH = 10.0

LEXICON = Lexicon()
GAZETTEER = build_gazetteer(defaultdict(list))
Grow = Callable[[int], object]


def quietly(function: Callable[..., object]) -> Callable[[object], object]:
    """The function, whose refusal is an answer like any other."""

    def call(given: object) -> object:
        try:
            return function(given)
        except Exception as error:  # noqa: BLE001 - how long it takes is asked here, not what it says
            return error

    return call


def query(text: object) -> object:
    return parse(str(text), GAZETTEER, lambda word: False)


def in_file(content: object) -> object:
    return verdict_of(io.BytesIO(bytes(content)))  # type: ignore[arg-type]


PUMPS = (" ", "a", "A", "0", "\n", "-", "'", '"', "a ", "A ", "Aa, ", "a-", "1:", "、", "“", "\\", "{", "[", "//", "/*", "no ", "and ")
"""What is repeated, behind and before something that makes most patterns begin and none end."""
BEGINNINGS = ("", "I'm ", "Aa ", '{"a": "', "INT. ", "00:", "Plot: ", "Plot: a\n", "<think>", "[")

TEXT_FUNCTIONS: dict[str, Callable[..., object]] = {
    "answers.read_script": lambda text: read_script(text, 60.0),
    "answers.read_plan": lambda text: read_plan(text, 60.0),
    "answers.read_event": lambda text: read_event({"start": text, "end": text, "dialogue": text}, 60.0),
    "analysis.analyse": analyse,
    "analysis.analyse_query": analyse_query,
    "parser.parse": query,
    "mentions.find_mentions": lambda text: find_mentions(text, LEXICON),
    "mentions.asks_name": asks_name,
    "mentions.bare_name": lambda text: bare_name(text, LEXICON),
    "naming.caption_name": caption_name,
    "reconcile.split_label": split_label,
    "wordings.tokenize": tokenize,
    "plot.called_kin": called_kin,
    "casting.is_name": is_name,
    "writing.plot_of": plot_of,
    "timing.parse_timestamp": parse_timestamp,
    "timing.parse_frame_rate": parse_frame_rate,
    "timecode.parse_timecode": parse_timecode,
    "media.byte_range": lambda text: byte_range(f"bytes={text}", 10),
    "assets.clean_name": clean_name,
    "assets.title_from": title_from,
    "characters.categorise": categorise,
}

FILES: dict[str, Callable[[int], bytes]] = {
    "comments": lambda n: b"<!---->" * n,
    "comments, 281 bytes": lambda n: b"<?xml version='1.0'?>\n" + b"<!-- -->" * 32 + b"<x",
    "comments that never end": lambda n: b"<!--" * n,
    "declaration that never ends": lambda n: b"<?xml" + b" " * n,
    "lines of a session": lambda n: b"v=0" + b"\n" * n,
    "lines of a session, marked": lambda n: b"v=0" + b"\r\n \r" * n + b"1",
    "names": lambda n: b"file " + b"'\"" * n,
    "elements": lambda n: b"<" + b"a:" * n,
    "spaces": lambda n: b" \t\r\n" * n,
    "marks": lambda n: b"\xef\xbb\xbf" * n,
    "tags": lambda n: b"ID3\x04\x00\x00\x00\x00\x00\x00" * n,
    "boxes": lambda n: b"\x00\x00\x00\x08free" * n,
    "boxes in boxes": lambda n: b"".join((8 * (n - level)).to_bytes(4, "big") + b"moov" for level in range(n)),
    "tracks": lambda n: (8 + 8 * n).to_bytes(4, "big") + b"moov" + b"\x00\x00\x00\x08trak" * n,
    "wide text": lambda n: b"\xff\xfe" + b"a\x00" * n,
}


def took_s(function: Callable[[object], object], given: object) -> float:
    """Processor time of one run: what else the machine does must not count."""
    started_s = time.thread_time()
    function(given)
    return time.thread_time() - started_s


def check_growth(function: Callable[[object], object], grow: Grow, name: str) -> None:
    large_s = took_s(function, grow(LARGE))
    if large_s < QUICK_S:
        return
    small_s = took_s(function, grow(SMALL))
    large_s = min(large_s, took_s(function, grow(LARGE + 1)))  # another one: some remember their answers
    assert large_s / max(small_s, 1e-6) < MOST_GROWTH, f"{name}: {small_s:.3f} s, and {large_s:.3f} s for four times as much"


@pytest.mark.parametrize("name", TEXT_FUNCTIONS)
def test_text_takes_time_as_it_is_long(name):
    function = quietly(TEXT_FUNCTIONS[name])
    for beginning in BEGINNINGS:
        for pump in PUMPS:
            check_growth(function, lambda n, b=beginning, p=pump: b + p * n + "\x01", f"{beginning!r} + {pump!r} * n")


@pytest.mark.parametrize("name", FILES)
def test_files_take_time_as_they_are_long(name):
    for function in (in_file, lambda content: refusal_of_beginning(bytes(content))):
        check_growth(quietly(function), lambda n: FILES[name](16 * n), name)
