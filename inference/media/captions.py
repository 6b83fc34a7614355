"""Closed captions: CEA-608 (line 21), the drawing commands that broadcasters hide in the picture, into rows of text.

Problem: two bytes per field and frame, for up to four services (CC1 to CC4), that write into a memory that is shown later (pop-on), roll
lines up as they are spoken, or paint them where they stand. FFmpeg decodes the first service only, and other versions of it differ; here
all four are read, in linear time and with bounded memory (15 rows of 32 characters). Newer CEA-708 captions are counted, not read: a
programme that has them has these as well, by rule.

A block is what one picture or packet carries: triplets of a kind byte (1111 1vtt: valid, type 0 and 1 for the fields) and two bytes
with odd parity. Times are seconds, as the blocks have them. Contents: :func:`caption_rows`, :func:`worth_keeping`, :class:`CaptionRow`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

MAX_ROWS = 20_000
_NUM_ROWS, _NUM_COLUMNS = 15, 32
_NULL = 0x00
_PLAIN = {
    0x27: "’", 0x2A: "á", 0x5C: "é", 0x5E: "í", 0x5F: "ó", 0x60: "ú", 0x7B: "ç", 0x7C: "÷", 0x7D: "Ñ", 0x7E: "ñ", 0x7F: "█",
}  # fmt: skip
"""Where the characters differ from ASCII."""
_SPECIAL = "®°½¿™¢£♪à èâêîôû"
_EXTENDED = {
    0x12: "ÁÉÓÚÜü‘¡*'—©℠•“”ÀÂÇÈÊËëÎÏïÔÙùÛ«»",
    0x13: "ÃãÍÌìÒòÕõ{}\\^_|~ÄäÖöß¥¤│ÅåØø┌┐└┘",
}
"""They take the place of the plainer character before them."""
_FIRST_ROW = {0x10: 11, 0x11: 1, 0x12: 3, 0x13: 12, 0x14: 14, 0x15: 5, 0x16: 7, 0x17: 9}
"""Of a row command's first byte; 0x20 in the second one means the row after it."""


class CaptionRow(NamedTuple):
    """What stood on the screen. ``end_s`` is 0 where nothing says."""

    start_s: float
    end_s: float
    text: str


def worth_keeping(block: bytes) -> tuple[bytes, bool]:
    """The triplets of a block that say something in CEA-608, and whether it has CEA-708 as well."""
    kept, has_708 = bytearray(), False
    for kind, one, two in zip(block[0::3], block[1::3], block[2::3], strict=False):
        if kind & 0x04 and kind & 0x03 < 2 and (one & 0x7F or two & 0x7F):
            kept += bytes((kind, one, two))
        has_708 = has_708 or bool(kind & 0x04 and kind & 0x02)
    return bytes(kept), has_708


def caption_rows(blocks: Iterable[tuple[float, bytes]]) -> dict[str, list[CaptionRow]]:
    """The rows of each service that has any, by its name ("CC1").

    Args:
        blocks: time and triplets, in the order in which they are shown.
    """
    fields = (_Field(1), _Field(3))
    num_rows = 0
    for time_s, block in blocks:
        for kind, one, two in zip(block[0::3], block[1::3], block[2::3], strict=False):
            if kind & 0x04 and kind & 0x03 < 2:
                num_rows += fields[kind & 0x01].take(time_s, one, two)
        if num_rows >= MAX_ROWS:
            break
    services = {f"CC{field.number + place}": service.rows() for field in fields for place, service in enumerate(field.services)}
    return {name: rows for name, rows in services.items() if rows}


class _Field:
    """One field: two services, whose turn the commands say."""

    def __init__(self, number: int) -> None:
        self.number = number
        self.services = (_Service(), _Service())
        self._service: _Service | None = None
        self._last = (_NULL, _NULL)

    def take(self, time_s: float, one: int, two: int) -> int:
        """Two bytes; returns how many rows ended with them."""
        if not _is_odd(one):
            return 0
        pair = (one & 0x7F, two & 0x7F if _is_odd(two) else _NULL)
        if pair == (_NULL, _NULL):
            return 0
        if 0x10 <= pair[0] <= 0x1F:
            is_again = pair == self._last  # commands are sent twice, against noise
            self._last = (_NULL, _NULL) if is_again else pair
            if is_again or pair[1] < 0x20:
                return 0
            self._service = self.services[bool(pair[0] & 0x08)]
            return self._service.command(time_s, pair[0] & 0x17, pair[1])
        self._last = (_NULL, _NULL)
        if pair[0] < 0x10:  # data about the programme, until the next command
            self._service = None
        elif self._service is not None:
            for code in pair:
                if code >= 0x20:
                    self._service.write(time_s, _PLAIN.get(code, chr(code)))
        return 0


class _Memory:
    """What stands, or will stand, on the screen."""

    def __init__(self) -> None:
        self.rows: dict[int, list[str]] = {}
        self.row, self.column = _NUM_ROWS, 0

    def write(self, char: str) -> None:
        self.rows.setdefault(self.row, [" "] * _NUM_COLUMNS)[min(self.column, _NUM_COLUMNS - 1)] = char
        self.column = min(self.column + 1, _NUM_COLUMNS)

    def back(self) -> None:
        self.column = max(0, self.column - 1)
        if self.row in self.rows:
            self.rows[self.row][min(self.column, _NUM_COLUMNS - 1)] = " "

    def clear(self) -> None:
        self.rows.clear()

    def text(self) -> str:
        lines = (" ".join("".join(self.rows[row]).split()) for row in sorted(self.rows))
        return "\n".join(line for line in lines if line)


class _Service:
    """One of CC1 to CC4."""

    def __init__(self) -> None:
        self._rows: list[CaptionRow] = []
        self._shown, self._hidden = _Memory(), _Memory()
        self._mode = ""  # "pop", "roll", "paint", "text"; nothing is believed before the first command says
        self._since_s: float | None = None

    def rows(self) -> list[CaptionRow]:
        """All rows, that on the screen at the end too."""
        return [*self._rows, *self._standing(0.0)]

    def write(self, time_s: float, char: str) -> None:
        """A character."""
        if self._mode == "pop":
            self._hidden.write(char)
        elif self._mode in ("roll", "paint"):
            if self._since_s is None:
                self._since_s = time_s
            self._shown.write(char)

    def command(self, time_s: float, one: int, two: int) -> int:
        """A command, without the bit that names the service; returns how many rows ended."""
        memory = self._hidden if self._mode == "pop" else self._shown
        if two >= 0x40:
            self._place(memory, one, two)
        elif one == 0x11 and two >= 0x30:
            self.write(time_s, _SPECIAL[two - 0x30])
        elif one == 0x11:  # colour and italics take a blank
            self.write(time_s, " ")
        elif one in _EXTENDED:
            memory.back()
            self.write(time_s, _EXTENDED[one][two - 0x20])
        elif one == 0x17 and two in (0x21, 0x22, 0x23):
            memory.column = min(memory.column + two - 0x20, _NUM_COLUMNS)
        elif one in (0x14, 0x15):
            return self._control(time_s, memory, two)
        return 0

    def _place(self, memory: _Memory, one: int, two: int) -> None:
        memory.row = _FIRST_ROW[one] + bool(two & 0x20 and one != 0x10) if self._mode != "roll" else _NUM_ROWS
        if self._mode != "roll" or not memory.rows:
            memory.column = (two & 0x0E) * 2 if two & 0x10 else 0

    def _control(self, time_s: float, memory: _Memory, two: int) -> int:
        num_before = len(self._rows)
        if two == 0x20:
            self._mode = "pop"
        elif two == 0x21:
            memory.back()
        elif two == 0x24 and memory.row in memory.rows:
            memory.rows[memory.row][memory.column :] = [" "] * (_NUM_COLUMNS - memory.column)
        elif two in (0x25, 0x26, 0x27):
            if self._mode != "roll":
                self._end(time_s)
                self._shown.row, self._shown.column = _NUM_ROWS, 0
            self._mode = "roll"
        elif two == 0x29:
            if self._mode != "paint":
                self._end(time_s)
            self._mode = "paint"
        elif two in (0x2A, 0x2B):
            self._mode = "text"
        elif two == 0x2C:
            self._end(time_s)
        elif two == 0x2D and self._mode == "roll":  # the line goes up: what it says has been said
            self._end(time_s)
            self._shown.row, self._shown.column = _NUM_ROWS, 0
        elif two == 0x2E:
            self._hidden.clear()
        elif two == 0x2F:
            self._end(time_s)
            self._shown, self._hidden, self._mode = self._hidden, _Memory(), "pop"
            self._since_s = time_s
        return len(self._rows) - num_before

    def _end(self, time_s: float) -> None:
        self._rows += self._standing(time_s)
        self._shown.clear()
        self._since_s = None

    def _standing(self, end_s: float) -> Iterator[CaptionRow]:
        text = self._shown.text()
        if text and self._since_s is not None and len(self._rows) < MAX_ROWS:
            yield CaptionRow(self._since_s, end_s, text)


def _is_odd(byte: int) -> bool:
    return byte.bit_count() % 2 == 1
