"""The app's addresses: the page, the API under ``api/v1/``, files under ``media/``.

A site adds them under any prefix: ``path("footage/", include("omniscript_mam.urls"))``.
"""

from django.urls import include, path, re_path

from omniscript_mam.api.base import NowhereView
from omniscript_mam.api.media import media_view
from omniscript_mam.api.urls import urlpatterns as api
from omniscript_mam.web.urls import urlpatterns as pages

app_name = "omniscript"

urlpatterns = [
    path("media/<int:rendition_id>/<str:digest>", media_view, name="media"),
    path("media/<int:rendition_id>", media_view, name="media-current"),
    path("api/v1/", include(api)),
    re_path(r"^api(/|$)", NowhereView.as_view()),
    *pages,
]
