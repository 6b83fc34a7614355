"""Serves renditions with byte ranges, so that a player can seek: 206, 416, If-Range, ETag, HEAD (RFC 9110, section 14).

Only files in the rendition table are served, under the type stored there. Addresses that hold the content's digest may be cached
for ever. One range per request is honoured; a list of ranges gets the whole file, as the RFC allows.
"""

from __future__ import annotations

import io
import re
from pathlib import Path
from typing import Any

from django.http import (
    FileResponse,
    HttpRequest,
    HttpResponse,
    HttpResponseBase,
    HttpResponseNotModified,
    JsonResponse,
)
from django.views.decorators.http import require_safe

from omniscript_mam.errors import NotFoundError, error_body
from omniscript_mam.selectors.media import MediaFile, media_file

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@require_safe
def media_view(request: HttpRequest, rendition_id: int, digest: str = "") -> HttpResponseBase:
    """``/media/<rendition>/<digest>``: the file, or the part of it that was asked for."""
    try:
        found = media_file(rendition_id, digest)
    except NotFoundError as error:
        return JsonResponse(error_body(error.code, str(error), error.remedy), status=404)
    response = _respond(request, found)
    response["ETag"] = found.etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=31536000, immutable" if found.immutable else "private, no-cache"
    return response


def byte_range(header: str, num_bytes: int) -> tuple[int, int] | None:
    """The half-open range a ``Range`` header asks for, or ``None`` to ignore it (another unit, a list, nonsense).

    Raises:
        ValueError: it lies outside the file (416).
    """
    found = _RANGE.fullmatch(header.replace(" ", ""))
    if not found or found.groups() == ("", ""):
        return None
    first, last = found.groups()
    if not first:  # the last so many bytes
        if not int(last) or not num_bytes:
            raise ValueError("empty suffix")
        return max(0, num_bytes - int(last)), num_bytes
    start = int(first)
    end = min(int(last) + 1, num_bytes) if last else num_bytes
    if last and int(last) < start:
        return None
    if start >= num_bytes:
        raise ValueError("beyond the end")
    return start, end


def _respond(request: HttpRequest, found: MediaFile) -> HttpResponseBase:
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    if found.etag in tags or "*" in tags:
        return HttpResponseNotModified()
    asked = request.headers.get("Range", "")
    if not asked or request.headers.get("If-Range", found.etag) != found.etag:
        return _whole(request, found)
    try:
        wanted = byte_range(asked, found.num_bytes)
    except ValueError:
        response = HttpResponse(status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{found.num_bytes}"
        return response
    if wanted is None:
        return _whole(request, found)
    start, end = wanted
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{found.num_bytes}", "Content-Length": str(end - start)}
    if request.method == "HEAD":
        return HttpResponse(status=206, content_type=found.mime_type, headers=headers)
    part = FileResponse(FilePart(found.path, start, end), status=206, content_type=found.mime_type)
    for name, value in headers.items():
        part[name] = value
    return part


def _whole(request: HttpRequest, found: MediaFile) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Type": found.mime_type, "Content-Length": str(found.num_bytes)})
    return FileResponse(found.path.open("rb"), content_type=found.mime_type)


class FilePart(io.RawIOBase):
    """Bytes ``start`` to ``end`` of a file, as a file. Servers with ``wsgi.file_wrapper`` (waitress) send it without holding a thread,
    so that players which read slowly do not block others."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._start, self._size, self._position = start, end - start, 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        self._file.seek(self._start + self._position)
        count = self._file.readinto(memoryview(buffer)[: max(0, self._size - self._position)])
        self._position += count
        return count

    def close(self) -> None:
        self._file.close()
        super().close()
