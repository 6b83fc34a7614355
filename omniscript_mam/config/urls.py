"""Addresses: the page at the root, the API under ``/api/v1/``, files under ``/media/``."""

from django.urls import include, path

from omniscript_mam.api.media import media_view

urlpatterns = [
    path("media/<int:rendition_id>/<str:digest>", media_view, name="media"),
    path("media/<int:rendition_id>", media_view, name="media-current"),
    path("api/v1/", include("omniscript_mam.api.urls")),
    path("", include("omniscript_mam.web.urls")),
]
