"""Addresses of the API, version 1."""

from django.urls import path, re_path

from . import assets, characters, collections, description, jobs, revisions, saved, scripts, search, segments, writers
from .base import NowhereView

urlpatterns = [
    path("", description.DescriptionView.as_view(), name="api"),
    path("assets", assets.AssetsView.as_view(), name="api-assets"),
    path("assets/<uuid:asset_id>", assets.AssetView.as_view(), name="api-asset"),
    path("assets/<uuid:asset_id>/script", scripts.ScriptView.as_view(), name="api-script"),
    path("assets/<uuid:asset_id>/subtitles", assets.SubtitlesView.as_view(), name="api-subtitles"),
    path("assets/<uuid:asset_id>/subtitles/<int:sidecar_id>", assets.SubtitleView.as_view(), name="api-subtitle"),
    path("assets/<uuid:asset_id>/rerun", assets.RerunView.as_view(), name="api-rerun"),
    path("assets/<uuid:asset_id>/retry-segments", segments.RetrySegmentsView.as_view(), name="api-retry-segments"),
    path("assets/<uuid:asset_id>/undo", revisions.UndoView.as_view(), name="api-undo"),
    path("assets/<uuid:asset_id>/redo", revisions.RedoView.as_view(), name="api-redo"),
    path("assets/<uuid:asset_id>/revisions", revisions.RevisionsView.as_view(), name="api-revisions"),
    path("assets/<uuid:asset_id>/revisions/<int:number>/changes", revisions.ComparisonView.as_view(), name="api-comparison"),
    path("assets/<uuid:asset_id>/revisions/<int:number>/restore", revisions.RestoreView.as_view(), name="api-restore"),
    path("assets/<uuid:asset_id>/corrections", revisions.CorrectionsView.as_view(), name="api-corrections"),
    path("assets/<uuid:asset_id>/corrections/<str:key>", revisions.CorrectionView.as_view(), name="api-correction"),
    path("assets/<uuid:asset_id>/characters/<str:character_id>", characters.CharacterView.as_view(), name="api-character"),
    path("assets/<uuid:asset_id>/characters/<str:character_id>/merge", characters.MergeView.as_view(), name="api-merge"),
    path("collections", collections.CollectionsView.as_view(), name="api-collections"),
    path("collections/<uuid:collection_id>", collections.CollectionView.as_view(), name="api-collection"),
    path("writers", writers.WritersView.as_view(), name="api-writers"),
    path("jobs", jobs.JobsView.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>", jobs.JobView.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancel", jobs.CancelView.as_view(), name="api-cancel"),
    path("jobs/<uuid:job_id>/retry", jobs.RetryView.as_view(), name="api-retry"),
    path("search/completions", search.CompletionsView.as_view(), name="api-completions"),
    path("saved-searches", saved.SavedSearchesView.as_view(), name="api-saved-searches"),
    path("saved-searches/<uuid:saved_id>", saved.SavedSearchView.as_view(), name="api-saved-search"),
    path("saved-searches/<uuid:saved_id>/looked", saved.LookedView.as_view(), name="api-looked"),
    path("search", search.SearchView.as_view(), name="api-search"),
    re_path(r"", NowhereView.as_view()),  # last: whatever else stands below the API's address
]
