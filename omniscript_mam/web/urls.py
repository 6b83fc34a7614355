"""Addresses of the page."""

from django.urls import path

from .views import asset, characters, collections, history, jobs, library, search

urlpatterns = [
    path("", library.index, name="library"),
    path("library/pulse/", library.pulse, name="pulse"),
    path("upload/", library.upload, name="upload"),
    path("assets/<uuid:asset_id>/", asset.show, name="asset"),
    path("assets/<uuid:asset_id>/delete/", asset.delete, name="delete_asset"),
    path("assets/<uuid:asset_id>/progress/", asset.progress, name="progress"),
    path("assets/<uuid:asset_id>/captions.vtt", asset.captions, name="captions"),
    path("assets/<uuid:asset_id>/rerun/", jobs.rerun, name="rerun"),
    path("assets/<uuid:asset_id>/segments/retry/", jobs.retry_segments, name="retry_segments"),
    path("assets/<uuid:asset_id>/characters/<str:character_id>/", characters.edit, name="character"),
    path("assets/<uuid:asset_id>/undo/", history.undo, name="undo"),
    path("assets/<uuid:asset_id>/redo/", history.redo, name="redo"),
    path("assets/<uuid:asset_id>/history/", history.show, name="history"),
    path("assets/<uuid:asset_id>/history/<int:revision>/", history.look, name="revision"),
    path("assets/<uuid:asset_id>/history/<int:revision>/restore/", history.restore, name="restore"),
    path("assets/<uuid:asset_id>/corrections/<str:key>/", history.decide, name="correction"),
    path("collections/", collections.index, name="collections"),
    path("collections/move/", collections.move, name="move"),
    path("collections/<uuid:collection_id>/", collections.show, name="collection"),
    path("collections/<uuid:collection_id>/rewrite/", collections.rewrite, name="rewrite_collection"),
    path("collections/<uuid:collection_id>/delete/", collections.delete, name="delete_collection"),
    path("search/", search.show, name="search"),
    path("search/completions/", search.complete, name="completions"),
    path("search/save/", search.save, name="save_search"),
    path("search/saved/<uuid:saved_id>/", search.saved, name="saved_search"),
    path("search/saved/<uuid:saved_id>/looked/", search.looked, name="looked"),
    path("search/saved/<uuid:saved_id>/delete/", search.forget, name="forget_search"),
    path("jobs/", jobs.index, name="jobs"),
    path("jobs/<uuid:job_id>/retry/", jobs.act, {"verb": "retry"}, name="retry"),
    path("jobs/<uuid:job_id>/cancel/", jobs.act, {"verb": "cancel"}, name="cancel"),
]
