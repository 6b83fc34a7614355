"""The exception tree of the application: what a person may meet while using the archive.

    AppError
    ├── SettingError         a setting cannot be understood
    ├── RequestError         a request cannot be answered as it was made
    │   ├── ParameterError       a parameter or a field of the body is not as it must be
    │   │   └── WriterNameError      no writer is called so
    │   ├── HostError            the archive is asked for under a name that it does not know
    │   └── OriginError          another site's page asks for a change
    ├── OpenError            the page would be open to the network without accounts
    ├── ForbiddenError       who asks may not do this, or not there
    ├── NotFoundError        no such asset, job, rendition, revision
    ├── ConflictError        not in the present state (retry of a job that runs, two assets of one title …)
    │   ├── RevisionConflictError  somebody else changed the script meanwhile; carries both versions
    │   └── SameNameError          somebody in the script is called so already
    ├── CollectionError      a collection cannot be made as asked
    ├── CharacterError       a character cannot be changed as asked
    ├── UploadError          the file was not taken; nothing was kept
    │   ├── NoUploadError        there was no file
    │   ├── UploadTooLargeError
    │   ├── UploadEmptyError
    │   ├── UploadBrokenError    the body ended early
    │   ├── UploadFormError      the body is no form
    │   ├── FilesNotTakenError   files where none are taken
    │   ├── BodyTooLargeError    a body that is no upload, and long
    │   ├── NotMediaError        something else than film or sound
    │   └── StorageFullError     no space left, or the quota is used up
    ├── ReadOnlyError        the data folder can be read only
    ├── DatabaseDownError    the database does not answer
    ├── IndexRenewingError   the search index is being made anew
    ├── BrokerError          the message broker does not answer
    ├── PortError            the page's address is taken by another program
    ├── LeaseLostError       another worker took the job over; this one must stop and write nothing
    └── IngestError          a job ended without a script
        └── PoisonError          the worker died again and again on the same job

Every error has a stable ``code``, one sentence and one ``remedy``; :func:`describe` reads the three off any error of the five packages.
The HTTP status that says the same is in one table, :mod:`omniscript_mam.http_status`.
"""

from __future__ import annotations

import errno
from dataclasses import dataclass


class AppError(Exception):
    """Base of every error raised by the application itself."""

    code = "app"
    remedy = "Try again; if it stays, look at the log in the data folder."

    def __init__(self, message: str, *, remedy: str | None = None) -> None:
        super().__init__(message)
        if remedy is not None:
            self.remedy = remedy


class SettingError(AppError):
    """An environment variable cannot be understood."""

    code = "setting"
    remedy = "Correct the variable and start again; `omniscript doctor` lists them."


class RequestError(AppError):
    """A request cannot be answered as it was made."""

    code = "request"
    remedy = "See the API's description, at the API's root."


class ParameterError(RequestError):
    """A parameter of the request, or a field of its body, is not as it must be."""

    code = "request.parameter"


class WriterNameError(ParameterError):
    """No writer is called so. It is said before a film is read, not after."""

    code = "request.writer"


class OriginError(RequestError):
    """Another site's page asks for a change."""

    code = "request.origin"
    remedy = "Send it from the archive's own page or from a program; other origins can be named in OMNISCRIPT_TRUSTED_ORIGINS."


class HostError(RequestError):
    """The archive is asked for under a name that it does not know."""

    code = "request.host"
    remedy = "Use a name that OMNISCRIPT_ALLOWED_HOSTS lists, or add this one to it (commas between names) and start the server again."


class OpenError(AppError):
    """The page would be open to the network, where there are no accounts."""

    code = "open"


class ForbiddenError(AppError):
    """Who asks may not do this, or not to this film."""

    code = "forbidden"
    remedy = "Ask whoever runs the archive for the right to it."


class NotFoundError(AppError):
    """Nothing of that name or id is in the archive."""

    code = "not_found"
    remedy = "Look it up in the library; ids and titles are shown there."


class ConflictError(AppError):
    """The thing is not in a state that allows this."""

    code = "conflict"
    remedy = "Look at its present state, then decide again."


class RevisionConflictError(ConflictError):
    """Somebody else changed the same of a script meanwhile; nothing was changed.

    Attributes:
        revision: the number of the revision that is current now.
        conflicts: what both changed: ``what``, ``field``, ``yours``, ``theirs`` (texts) and ``by`` whom.
    """

    code = "conflict.revision"
    remedy = "Compare both versions, then decide again with the revision that is current now."

    def __init__(self, message: str, revision: int, conflicts: list[dict[str, str]] | None = None) -> None:
        super().__init__(message)
        self.revision = revision
        self.conflicts = conflicts or []

    @property
    def details(self) -> dict[str, object]:
        """What the API adds to the error's body."""
        return {"revision": self.revision, "conflicts": self.conflicts}


class SameNameError(ConflictError):
    """Somebody in the script is called so already; nothing was changed. ``character_id`` and ``name`` are theirs."""

    code = "conflict.same_name"
    remedy = "Merge the two if they are one person; else say that two people have this name (same_name)."

    def __init__(self, message: str, character_id: str, name: str) -> None:
        super().__init__(message)
        self.character_id, self.name = character_id, name

    @property
    def details(self) -> dict[str, object]:
        """What the API adds to the error's body."""
        return {"character_id": self.character_id, "name": self.name}


class CollectionError(AppError):
    """A collection cannot be made as asked."""

    code = "collection"


class CharacterError(AppError):
    """A character cannot be changed as asked."""

    code = "character"


class UploadError(AppError):
    """The file was not taken. Nothing of it was kept."""

    code = "upload"
    remedy = "Check the file and send it again."


class NoUploadError(UploadError):
    """There was no file."""

    code = "upload.none"
    remedy = "Choose one or more video or audio files."


class UploadTooLargeError(UploadError):
    """The file is larger than the limit."""

    code = "upload.too_large"
    remedy = "Raise OMNISCRIPT_MAX_UPLOAD_BYTES, or send a smaller file."


class UploadEmptyError(UploadError):
    """There are no bytes in the file."""

    code = "upload.empty"
    remedy = "Copy it again from its source."


class UploadBrokenError(UploadError):
    """The body ended before all of it had arrived."""

    code = "upload.broken"
    remedy = "Check the connection and send the file again."


class UploadFormError(UploadError):
    """The body is no form that can be read."""

    code = "upload.form"
    remedy = "Send multipart/form-data, as a browser does."


class FilesNotTakenError(UploadError):
    """A file at an address that takes none."""

    code = "upload.not_here"
    remedy = "Send files to the API's `assets`, or drop them onto the library's page."


class BodyTooLargeError(UploadError):
    """A body that is no upload is longer than any such request."""

    code = "upload.body_too_large"
    remedy = "Send less at once; films go to the API's `assets`."


class NotMediaError(UploadError):
    """What came is neither film nor sound."""

    code = "upload.not_media"
    remedy = "Give a video or audio file (MP4, MOV, MKV, MXF, WebM, WAV …)."


class StorageFullError(UploadError):
    """There is no room for the file."""

    code = "upload.storage_full"
    remedy = "Free some space on the disk of the data folder, or raise OMNISCRIPT_QUOTA_BYTES."


class ReadOnlyError(AppError):
    """The data folder can be read only, and what was asked for would write."""

    code = "read_only"
    remedy = "Search and watch as you like; to change anything, make the data folder writable and start again."

    def __init__(self, message: str = "The data folder cannot be written: nothing was changed.", *, remedy: str | None = None) -> None:
        super().__init__(message, remedy=remedy)


class DatabaseDownError(AppError):
    """The database does not answer."""

    code = "database"
    remedy = "Correct OMNISCRIPT_DATABASE_URL, or start the server."


class IndexRenewingError(AppError):
    """The search index was made by another release or cannot be read; a worker makes it anew from the database."""

    code = "index.renewing"
    remedy = "Search again in a few minutes: a worker does it by itself. If none runs, start one, or run `omniscript index rebuild`."


class BrokerError(AppError):
    """The message broker does not answer."""

    code = "broker"
    remedy = "Start the broker or correct OMNISCRIPT_BROKER_URL; waiting jobs are kept and start by themselves."


class PortError(AppError):
    """The page's address is taken."""

    code = "port"


class LeaseLostError(AppError):
    """The lease on a job lapsed and somebody else holds it, or the job was deleted."""

    code = "job.lease_lost"
    remedy = "Nothing to do: another worker goes on from the last checkpoint."


class IngestError(AppError):
    """A job ended without a script."""

    code = "ingest"


class PoisonError(IngestError):
    """The worker died again and again on the same job."""

    code = "job.poison"
    remedy = "Look at logs/worker.log in the data folder (often there is too little memory), then retry the job."


@dataclass(frozen=True)
class Description:
    """What a person is told about an error."""

    code: str
    message: str
    remedy: str


def error_body(code: str, message: str, remedy: str) -> dict[str, dict[str, str]]:
    """The body of every error answer of the API."""
    return {"error": {"code": code, "message": sendable(message), "remedy": sendable(remedy)}}


def sendable(text: str) -> str:
    """The text as UTF-8 can carry it: halves of surrogate pairs (from a file name that is no UTF-8, or a request) become “?”."""
    return text.encode("utf-8", "replace").decode("utf-8")


def is_full_disk(error: BaseException) -> bool:
    """Whether the disk is full, whoever found it: the system, the database (SQLite and PostgreSQL say it in words), the search index."""
    if isinstance(error, OSError) and error.errno in (errno.ENOSPC, errno.EDQUOT):
        return True
    said = str(error).casefold()
    return "database or disk is full" in said or "no space left on device" in said


def describe(error: BaseException) -> Description:
    """Code, sentence and remedy of any error; an unforeseen one gets code ``unexpected`` and its type's name."""
    code, remedy = getattr(error, "code", None), getattr(error, "remedy", None)
    if is_full_disk(error) and code != StorageFullError.code:
        return Description(StorageFullError.code, "There is no space left on the disk.", StorageFullError.remedy)
    if isinstance(code, str) and isinstance(remedy, str):
        return Description(code, str(error), remedy)
    if isinstance(error, MemoryError):
        return Description("memory", "There was not enough memory.", "Close other programs, or use a machine with more memory.")
    text = str(error).strip().splitlines()
    return Description("unexpected", f"{type(error).__name__}: {text[0] if text else 'no message'}"[:500], AppError.remedy)
