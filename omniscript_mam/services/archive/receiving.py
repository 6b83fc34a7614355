"""Receive the files of a form straight into ``incoming/``: written once, hashed on the way, never spooled before.

Django hands the parts of a multipart body to *upload handlers*. The views that take files in install :class:`IncomingFiles` for their
one request; every other address of the API installs :class:`NoFiles`. A site's own FILE_UPLOAD_HANDLERS mean nothing to either, and
stay as they are for the site's own forms.

Contents: :func:`receiving` (the whole way, as a context manager), :class:`ArrivedFile`, :class:`NoFiles`.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.exceptions import SuspiciousOperation
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler
from django.http import HttpRequest, UnreadablePostError
from django.http.multipartparser import MultiPartParserError

from omniscript_mam.errors import AppError, FilesNotTakenError, UploadBrokenError, UploadFormError
from omniscript_mam.lengths import declared_length

from .arrivals import Arrival, Arrived, check_length
from .sidecars import is_subtitle_name

FORM_OVERHEAD_BYTES = 1 << 20
"""What a form adds to the file it carries, at most."""
MAX_FILES = 1_000
"""Files of one form, at most."""


class ArrivedFile(UploadedFile):
    """A file of a form that lies whole in ``incoming/``, or the error for which it was not taken."""

    def __init__(self, name: str, arrived: Arrived | None, error: AppError | None = None) -> None:
        super().__init__(name=name, size=arrived.num_bytes if arrived else 0)
        self.arrived = arrived
        self.error = error


class IncomingFiles(FileUploadHandler):
    """Streams each file of a form into an :class:`~.arrivals.Arrival`.

    A file that is refused is dropped from there on, and the others of the form go on; ``stops`` gives up at the first instead. A body
    beyond the limit or the room always stops.
    """

    def __init__(self, request: HttpRequest, *, stops: bool) -> None:
        super().__init__(request)
        self.stops = stops
        self.arrivals: list[Arrival] = []
        self._arrival: Arrival | None = None
        self._error: AppError | None = None

    def new_file(self, *arguments: Any, **named: Any) -> None:
        super().new_file(*arguments, **named)
        if len(self.arrivals) >= MAX_FILES:
            raise UploadFormError(f"There are more than {MAX_FILES} files in one form.")
        self._error = None
        name = self.file_name or "upload"
        self._arrival = Arrival(name, is_text=is_subtitle_name(name))
        self.arrivals.append(self._arrival)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        if self._arrival is not None and self._error is None:
            self._unless_refused(lambda arrival: arrival.write(raw_data))

    def file_complete(self, file_size: int) -> ArrivedFile:
        arrived = None if self._error else self._unless_refused(Arrival.finish)
        return ArrivedFile(self.file_name or "upload", arrived, self._error)

    def discard(self) -> None:
        """Remove what nobody has taken over."""
        for arrival in self.arrivals:
            arrival.discard()

    def _unless_refused(self, act: Any) -> Any:
        try:
            return act(self._arrival)
        except AppError as error:
            assert self._arrival is not None
            self._arrival.discard()
            if self.stops or error.code in ("upload.storage_full", "upload.too_large"):
                raise
            self._error = error
            return None


class NoFiles(FileUploadHandler):
    """For addresses that take no files: the first one ends the request."""

    def new_file(self, *arguments: Any, **named: Any) -> None:
        raise FilesNotTakenError("This address takes no files.")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


@contextmanager
def receiving(request: HttpRequest, *, stops: bool) -> Iterator[None]:
    """Inside it, reading ``request.POST`` or ``request.FILES`` takes the form's files in; what is not registered by its end is removed.

    Args:
        request: whose body nobody has read yet.
        stops: give up at the first file that is refused.

    Raises:
        UploadTooLargeError, StorageFullError: by the declared length, before a byte was read.
        UploadBrokenError, UploadFormError: the body ended early, or is no form.
    """
    check_length(max(0, declared_length(request.META) - FORM_OVERHEAD_BYTES))
    incoming = IncomingFiles(request, stops=stops)
    request.upload_handlers = [incoming]
    try:
        yield
    except UnreadablePostError as error:
        raise UploadBrokenError("The upload ended before all of it had arrived. Nothing of it was kept.") from error
    except (MultiPartParserError, SuspiciousOperation) as error:
        raise UploadFormError(f"What was sent is no form that can be read: {error}") from error
    finally:
        incoming.discard()


def check_whole(request: HttpRequest) -> None:
    """Make sure that a body that was read ended where it said it would: some servers end a broken one as if it were whole.

    Raises:
        UploadBrokenError
    """
    position = getattr(getattr(request, "_stream", None), "_pos", None)
    if isinstance(position, int) and position < declared_length(request.META):
        raise UploadBrokenError("The upload ended before all of it had arrived. Nothing of it was kept.")
