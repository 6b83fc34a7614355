"""Addresses of the page."""

from django.urls import path

from .views import asset, jobs, library, search

app_name = "web"

urlpatterns = [
    path("", library.index, name="library"),
    path("library/pulse/", library.pulse, name="pulse"),
    path("upload/", library.upload, name="upload"),
    path("assets/<uuid:asset_id>/", asset.show, name="asset"),
    path("assets/<uuid:asset_id>/progress/", asset.progress, name="progress"),
    path("assets/<uuid:asset_id>/captions.vtt", asset.captions, name="captions"),
    path("assets/<uuid:asset_id>/rerun/", jobs.rerun, name="rerun"),
    path("search/", search.show, name="search"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<uuid:job_id>/retry/", jobs.act, {"verb": "retry"}, name="retry"),
    path("jobs/<uuid:job_id>/cancel/", jobs.act, {"verb": "cancel"}, name="cancel"),
]
