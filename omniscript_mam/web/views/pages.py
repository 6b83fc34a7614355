"""What several pages share: reading numbers from addresses, and our own errors as a page (Django finds 403, 404 and 500.html itself)."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from omniscript_mam.errors import AppError, describe


def number(text: str | None, default: int) -> int:
    """A whole number that is not negative; the default for anything else."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else default


def problem(request: HttpRequest, error: AppError) -> HttpResponse:
    """An error of ours as a page, with its own status and remedy."""
    found = describe(error)
    return render(request, "problem.html", {"message": found.message, "remedy": found.remedy, "status": found.status}, status=found.status)
