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

from omniscript_mam.errors import NotFoundError, describe, error_body
from omniscript_mam.http_status import status_of
from omniscript_mam.security import confined
from omniscript_mam.selectors.media import MediaFile, media_file
from omniscript_mam.viewer import viewer_of

_RANGE = re.compile(r"bytes=(\d*)-(\d*)")


@confined
@require_safe
def media_view(request: HttpRequest, rendition_id: int, digest: str = "") -> HttpResponseBase:
    """``/media/<rendition>/<digest>``: the file, or the part of it that was asked for."""
    try:
        file = media_file(viewer_of(request), rendition_id, digest)
    except NotFoundError as error:
        described = describe(error)
        return JsonResponse(error_body(described.code, described.message, described.remedy), status=status_of(error))
    response = _respond(request, file)
    response["ETag"] = file.etag
    response["Accept-Ranges"] = "bytes"
    response["Cache-Control"] = "private, max-age=31536000, immutable" if file.immutable else "private, no-cache"
    return response


def byte_range(header: str, num_bytes: int) -> tuple[int, int] | None:
    """The half-open range a ``Range`` header asks for, or ``None`` to ignore it (another unit, a list, nonsense).

    Raises:
        ValueError: it lies outside the file (416).
    """
    asked = _RANGE.fullmatch(header.replace(" ", ""))
    if not asked or asked.groups() == ("", ""):
        return None
    first, last = asked.groups()
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


def _respond(request: HttpRequest, file: MediaFile) -> HttpResponseBase:
    tags = [tag.strip().removeprefix("W/") for tag in request.headers.get("If-None-Match", "").split(",")]
    if file.etag in tags or "*" in tags:
        return HttpResponseNotModified()
    asked = request.headers.get("Range", "")
    if not asked or file.content is not None or request.headers.get("If-Range", file.etag) != file.etag:
        return _whole(request, file)
    try:
        wanted = byte_range(asked, file.num_bytes)
    except ValueError:
        response = HttpResponse(status=416, content_type="text/plain")
        response["Content-Range"] = f"bytes */{file.num_bytes}"
        return response
    if wanted is None:
        return _whole(request, file)
    start, end = wanted
    headers = {"Content-Range": f"bytes {start}-{end - 1}/{file.num_bytes}", "Content-Length": str(end - start)}
    if request.method == "HEAD":
        return HttpResponse(status=206, content_type=file.mime_type, headers=headers)
    part = FileResponse(FilePart(file.path, start, end), status=206, content_type=file.mime_type)
    for name, value in headers.items():
        part[name] = value
    return part


def _whole(request: HttpRequest, file: MediaFile) -> HttpResponseBase:
    if request.method == "HEAD":
        return HttpResponse(headers={"Content-Type": file.mime_type, "Content-Length": str(file.num_bytes)})
    return FileResponse(file.path.open("rb") if file.content is None else io.BytesIO(file.content), content_type=file.mime_type)


class FilePart(io.RawIOBase):
    """Bytes ``start`` to ``end`` of a file, as a file. Servers with ``wsgi.file_wrapper`` (waitress) send it without holding a thread,
    so that players which read slowly do not block others."""

    def __init__(self, path: Path, start: int, end: int) -> None:
        super().__init__()
        self._file = path.open("rb")
        self._start, self._size, self._position = start, end - start, 0

    def readable(self) -> bool:
        """True."""
        return True

    def seekable(self) -> bool:
        """True."""
        return True

    def tell(self) -> int:
        """Where the next read begins, in bytes from the start of the part."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Move to ``offset`` bytes from the start, the present place or the end of the part."""
        base = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, base + offset)
        return self._position

    def readinto(self, buffer: Any) -> int:
        """Fill a buffer from the part; returns how many bytes there were, 0 at its end."""
        self._file.seek(self._start + self._position)
        count = self._file.readinto(memoryview(buffer)[: max(0, self._size - self._position)])
        self._position += count
        return count

    def close(self) -> None:
        """Close the file."""
        self._file.close()
        super().close()
