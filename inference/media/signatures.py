"""Signatures: what the first bytes of a file say, before FFmpeg sees it.

Problem: FFmpeg trusts content, not names, and some "media" are lists of other files and addresses (HLS, DASH, concat, SDP …) or
anything but film. These are told by their first bytes and refused here, each with a reason in words. The second wall, the demuxer
whitelist of :mod:`inference.media.admission`, stands behind this one.

It runs outside the sandbox, in the process that takes a file in, so it is made of linear scans: fixed words are looked for at fixed
places or by :meth:`bytes.find`, and no pattern ever meets a file's bytes.

Contents: :func:`verdict_of`, :func:`refusal_of_beginning` (of a file that is still arriving), :func:`names_other_files` (QuickTime
reference movies).
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import IO

HEAD_BYTES = 65_536

_BEGINNINGS: tuple[tuple[bytes, str], ...] = (
    (b"#extm3u", "an M3U/HLS playlist, which names other files"),
    (b"#ext-x-", "an HLS playlist, which names other files"),
    (b"[playlist]", "a PLS playlist, which names other files"),
    (b"[reference]", "an ASX reference list, which names other files"),
    (b"ffconcat", "a concat script, which names other files"),
    (b"#!", "a script"),
    *((scheme + b"://", "a list of addresses") for scheme in (b"rtsp", b"rtspt", b"rtsps", b"rtspu", b"rtmp", b"rtmpt", b"rtmps", b"http")),
    *((scheme + b"://", "a list of addresses") for scheme in (b"https", b"ftp", b"ftps", b"file", b"mms", b"mmst", b"mmsu")),
    (b"rtsptext", "a QuickTime link file"),
    (b"<qtmedia", "a QuickTime link file"),
    (b"<?qtmedia", "a QuickTime link file"),
    (b"<qtsrc", "a QuickTime link file"),
    (b"<?qtsrc", "a QuickTime link file"),
    (b"qtmedia", "a QuickTime link file"),
    (b"qtsrc", "a QuickTime link file"),
    (b";ffmetadata", "a metadata text"),
)
"""How texts begin that stand for other things, in small letters."""

_ELEMENTS = {
    b"mpd": "a DASH manifest, which names other files",
    **dict.fromkeys((b"smil", b"asx", b"wpl", b"playlist", b"rss"), "a playlist, which names other files"),
    **dict.fromkeys((b"html", b"head", b"body"), "a web page"),
    b"svg": "an SVG picture",
}
"""First element of an XML text, without its namespace → what the text is."""

_MAGIC: tuple[tuple[int, bytes, str], ...] = (
    (0, b"\x89PNG\r\n\x1a\n", "a still picture (PNG)"),
    (0, b"\x8aMNG", "a still picture (MNG)"),
    (0, b"GIF8", "a picture (GIF)"),
    (0, b"\xff\xd8\xff", "a still picture (JPEG)"),
    (0, b"BM", "a still picture (BMP)"),
    (0, b"II*\x00", "a still picture (TIFF)"),
    (0, b"MM\x00*", "a still picture (TIFF)"),
    (8, b"WEBP", "a picture (WebP)"),
    (0, b"8BPS", "a picture (Photoshop)"),
    (0, b"SDPX", "one picture of an image sequence (DPX)"),
    (0, b"XPDS", "one picture of an image sequence (DPX)"),
    (0, b"\x76\x2f\x31\x01", "one picture of an image sequence (EXR)"),
    (0, b"\x00\x00\x00\x0cjP  ", "a still picture (JPEG 2000)"),
    (0, b"\xff\x4f\xff\x51", "a still picture (JPEG 2000)"),
    (0, b"\x00\x00\x00\x0cJXL ", "a still picture (JPEG XL)"),
    (0, b"\xff\x0a", "a still picture (JPEG XL)"),
    (0, b"\x00\x00\x01\x00", "an icon"),
    (4, b"ftyphei", "a still picture (HEIF)"),
    (4, b"ftypmif1", "a still picture (HEIF)"),
    (4, b"ftypavif", "a still picture (AVIF)"),
    (0, b"PK\x03\x04", "a ZIP archive"),
    (0, b"PK\x05\x06", "a ZIP archive"),
    (0, b"\x1f\x8b", "a gzip archive"),
    (0, b"BZh", "a bzip2 archive"),
    (0, b"\xfd7zXZ\x00", "an xz archive"),
    (0, b"\x28\xb5\x2f\xfd", "a zstd archive"),
    (0, b"\x04\x22\x4d\x18", "an lz4 archive"),
    (0, b"7z\xbc\xaf\x27\x1c", "a 7z archive"),
    (0, b"Rar!", "a RAR archive"),
    (0, b"MSCF", "a cabinet archive"),
    (0, b"!<arch>", "an archive"),
    (257, b"ustar", "a tar archive"),
    (0, b"%PDF", "a PDF document"),
    (0, b"{\\rtf", "a text document (RTF)"),
    (0, b"\xd0\xcf\x11\xe0", "an office document"),
    (0, b"\x7fELF", "a program"),
    (0, b"MZ", "a program"),
    (0, b"\xca\xfe\xba\xbe", "a program"),
    (0, b"SQLite format 3\x00", "a database"),
)

_CONTAINERS: tuple[tuple[int, bytes], ...] = (
    (4, b"ftyp"),
    (4, b"moov"),
    (4, b"mdat"),
    (4, b"free"),
    (4, b"wide"),
    (4, b"skip"),
    (0, b"\x1aE\xdf\xa3"),
    (0, b"RIFF"),
    (0, b"RF64"),
    (0, b"OggS"),
    (0, b"fLaC"),
    (0, b"FLV\x01"),
    (0, b"\x06\x0e\x2b\x34"),
    (0, b"\x30\x26\xb2\x75"),
    (0, b"\x00\x00\x01\xba"),
    (0, b"\x00\x00\x01\xb3"),
    (0, b"FORM"),
    (0, b"caff"),
    (0, b"G@"),
)
"""Beginnings of containers that are media beyond doubt: a failure to open one of these is damage, not a wrong kind of file."""

_BOXES = frozenset({b"ftyp", b"moov", b"mdat", b"free", b"wide", b"skip"})
"""First boxes of ISO and QuickTime files, which may name other files inside."""

_TEXT_BYTES = bytes(range(0x20, 0x7F)) + b"\t\r\n\f\x1b"


@dataclass(frozen=True)
class Verdict:
    """``refusal``: what the file is instead of media, or "". ``is_container``: begins as a known media container does."""

    refusal: str
    is_container: bool


def verdict_of(stream: IO[bytes]) -> Verdict:
    """Judge a file by its content.

    Args:
        stream: the file, opened for reading; it is read from its start.
    """
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    if not head:
        return Verdict("empty", False)
    verdict = _verdict_of_body(_after_id3(stream, head))
    if not verdict.is_container or verdict.refusal:
        return verdict
    other = names_other_files(stream) if head[4:8] in _BOXES else ""
    return Verdict(f"a reference movie whose picture or sound is in another file ({other})" if other else "", True)


def refusal_of_beginning(head: bytes) -> str:
    """What a file is instead of media by its first bytes alone, or "" where the rest has to come first (leading ID3 tags)."""
    return "" if not head or head[:3] == b"ID3" else _verdict_of_body(head[:HEAD_BYTES]).refusal


def _verdict_of_body(body: bytes) -> Verdict:
    text = body.lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n\x00")
    if _looks_textual(text[:64]) and (what := _what_text(text[:4096].lower())):
        return Verdict(what, False)
    for offset, magic, what in _MAGIC:
        if body[offset : offset + len(magic)] == magic and not _is_media_after_all(magic, body):
            return Verdict(what, False)
    if _is_text(body):
        return Verdict("a text file", False)
    return Verdict("", any(body[offset : offset + len(magic)] == magic for offset, magic in _CONTAINERS))


def _what_text(text: bytes) -> str:
    """What a text in small letters is a list of, or ""; each step looks for one fixed word and goes on behind it, so time is linear."""
    for beginning, what in _BEGINNINGS:
        if text.startswith(beginning):
            return what
    words = text.split(maxsplit=1)
    if len(words) == 2 and words[0] == b"file":
        return "a concat script, which names other files"
    if len(words) == 2 and words[0] == b"v=0" and words[1][1:2] == b"=":
        return "an SDP session, which names network addresses"
    if text.startswith(b"<"):
        return _what_markup(text)
    return ""


def _what_markup(text: bytes) -> str:
    """What an XML or HTML text is by its first element, behind its declaration, comments and document type."""
    if text.startswith(b"<!doctype html"):
        return "a web page"
    rest = text
    for opening, closing in ((b"<?xml", b">"), (b"<!--", b"-->"), (b"<!doctype", b">")):
        while rest.startswith(opening):
            _, end, behind = rest.partition(closing)
            if not end:
                return "an XML or HTML text"
            rest = behind.lstrip()
            if opening != b"<!--":
                break
    name = rest[1:65].replace(b"/", b" ").replace(b">", b" ").partition(b" ")[0].split(maxsplit=1) if rest.startswith(b"<") else []
    element = name[0].rpartition(b":")[2] if name else b""
    if element in _ELEMENTS:
        return _ELEMENTS[element]
    return "an XML or HTML text" if text[1:2].isalpha() or text[1:2] == b"!" or text.startswith(b"<?xml") else ""


def _is_media_after_all(magic: bytes, body: bytes) -> bool:
    """Short magics that media can begin with too: MPEG-4 video like an icon without pictures, anything like the two letters of BMP."""
    if magic == b"\x00\x00\x01\x00":
        return len(body) < 6 or body[4] == 0 or body[5] != 0
    return magic == b"BM" and body[6:10] != b"\x00\x00\x00\x00"


def _after_id3(stream: IO[bytes], head: bytes) -> bytes:
    """The first bytes after leading ID3v2 tags: FFmpeg skips them before it looks, so a playlist can hide behind one."""
    offset = 0
    body = head
    for _ in range(16):
        if body[:3] != b"ID3" or len(body) < 10:
            break
        size = (body[6] & 127) << 21 | (body[7] & 127) << 14 | (body[8] & 127) << 7 | (body[9] & 127)
        offset += 10 + size + (10 if body[5] & 0x10 else 0)
        stream.seek(offset)
        body = stream.read(HEAD_BYTES)
    return body


def _looks_textual(start: bytes) -> bool:
    return not start.translate(None, _TEXT_BYTES + bytes(range(0x80, 0x100)))


def _is_text(body: bytes) -> bool:
    if body[:2] in {b"\xff\xfe", b"\xfe\xff"}:
        try:
            decoded = body[: len(body) // 2 * 2].decode("utf-16")
        except UnicodeDecodeError:
            return False
        return decoded.isprintable() or all(c.isprintable() or c.isspace() for c in decoded[:2000])
    if body[1:64:2].strip(b"\x00") == b"" and _looks_textual(body[:64:2]) and len(body) >= 8:
        return True  # UTF-16 without a mark
    if not _looks_textual(body):
        return False
    try:
        body[:-4].decode("utf-8") if len(body) == HEAD_BYTES else body.decode("utf-8")
    except UnicodeDecodeError as error:
        return error.start > len(body) - 8 and len(body) == HEAD_BYTES
    return True


_MAX_BOXES = 20_000


def names_other_files(stream: IO[bytes]) -> str:
    """Find a picture or sound track whose data reference points outside the file (QuickTime ``dref``).

    Returns:
        The kind of the reference (``alis``, ``url `` …), or "" where the file stands alone.
    """
    stream.seek(0, 2)
    end = stream.tell()
    budget = [_MAX_BOXES]
    for kind, start, stop in _boxes(stream, 0, end, budget):
        if kind == b"moov":
            for track_kind, track_start, track_stop in _boxes(stream, start, stop, budget):
                if track_kind == b"trak":
                    reference = _outside_reference(stream, track_start, track_stop, budget)
                    if reference:
                        return reference
    return ""


def _boxes(stream: IO[bytes], start: int, stop: int, budget: list[int]) -> list[tuple[bytes, int, int]]:
    """The ISO boxes between two offsets: (type, start of content, end of content). Bounded against hostile sizes."""
    boxes = []
    while start + 8 <= stop and budget[0] > 0:
        budget[0] -= 1
        stream.seek(start)
        header = stream.read(16)
        if len(header) < 8:
            break
        size, skip = int.from_bytes(header[:4], "big"), 8
        if size == 1 and len(header) == 16:
            size, skip = int.from_bytes(header[8:], "big"), 16
        elif size == 0:
            size = stop - start
        if size < skip:
            break
        boxes.append((header[4:8], start + skip, min(start + size, stop)))
        start += size
    return boxes


def _outside_reference(stream: IO[bytes], start: int, stop: int, budget: list[int]) -> str:
    kind_of_track, entries = b"", []
    for kind, media_start, media_stop in _boxes(stream, start, stop, budget):
        if kind != b"mdia":
            continue
        for inner, inner_start, inner_stop in _boxes(stream, media_start, media_stop, budget):
            if inner == b"hdlr":
                stream.seek(inner_start + 8)
                kind_of_track = stream.read(4)
            elif inner == b"minf":
                entries += _reference_entries(stream, inner_start, inner_stop, budget)
    if kind_of_track not in {b"vide", b"soun"}:
        return ""
    return next((name for name, is_inside in entries if not is_inside), "")


def _reference_entries(stream: IO[bytes], start: int, stop: int, budget: list[int]) -> list[tuple[str, bool]]:
    entries = []
    for kind, dinf_start, dinf_stop in _boxes(stream, start, stop, budget):
        if kind != b"dinf":
            continue
        for inner, dref_start, dref_stop in _boxes(stream, dinf_start, dinf_stop, budget):
            if inner != b"dref":
                continue
            for name, entry_start, _ in _boxes(stream, dref_start + 8, dref_stop, budget):
                stream.seek(entry_start)
                flags = stream.read(4)
                entries.append((name.decode("latin-1").strip(), len(flags) == 4 and flags[3] & 1 == 1))
    return entries
