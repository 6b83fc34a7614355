"""The newsroom's pages: the list, one clip, and taking a clip in."""

from typing import Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render

from omniscript_mam.services.links import asset_of, ingest_for
from omniscript_mam.viewer import viewer_of

from .models import Clip


class ClipForm(forms.ModelForm):
    """What is known of a clip when it comes in."""

    class Meta:
        model = Clip
        fields = ["number", "slug_line", "shelf", "file"]


def index(request: HttpRequest) -> HttpResponse:
    """All clips, and the form of a new one. A clip that comes in is handed to OmniScript."""
    form = ClipForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        clip = form.save(commit=False)
        clip.added_by = request.user if request.user.is_authenticated else None
        clip.save()
        ingest_for(viewer_of(request), clip, clip.file)  # OmniScript: from here on its workers do the rest
        return redirect(clip)
    return render(request, "clips/index.html", {"clips": Clip.objects.order_by("number"), "form": form})


def show(request: HttpRequest, number: str) -> HttpResponse:
    """One clip: the newsroom's own data, and OmniScript's player and script beside them."""
    clip = get_object_or_404(Clip, number=number)
    context: dict[str, Any] = {"clip": clip, "asset": asset_of(viewer_of(request), clip)}
    return render(request, "clips/show.html", context)


def element(request: HttpRequest, number: str) -> HttpResponse:
    """The same for a page that knows nothing of Django: the web component."""
    clip = get_object_or_404(Clip, number=number)
    return render(request, "clips/element.html", {"asset": asset_of(viewer_of(request), clip)})
