"""The newsroom's search."""

from clips.models import Clip
from django.db.models import Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render


def shelf(request: HttpRequest) -> HttpResponse:
    """Clips whose slug line or shelf holds the words."""
    text = request.GET.get("q", "")
    clips = Clip.objects.filter(Q(slug_line__icontains=text) | Q(shelf__icontains=text)) if text else []
    return render(request, "search/shelf.html", {"clips": clips, "q": text})
