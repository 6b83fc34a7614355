"""Addresses of the API, version 1."""

from django.urls import path

from . import collections, views

urlpatterns = [
    path("", views.DescriptionView.as_view(), name="api"),
    path("assets", views.AssetsView.as_view(), name="api-assets"),
    path("assets/<uuid:asset_id>", views.AssetView.as_view(), name="api-asset"),
    path("assets/<uuid:asset_id>/script", views.ScriptView.as_view(), name="api-script"),
    path("assets/<uuid:asset_id>/rerun", views.RerunView.as_view(), name="api-rerun"),
    path("assets/<uuid:asset_id>/retry-segments", views.RetrySegmentsView.as_view(), name="api-retry-segments"),
    path("assets/<uuid:asset_id>/undo", collections.UndoView.as_view(), name="api-undo"),
    path("assets/<uuid:asset_id>/characters/<str:character_id>", collections.CharacterView.as_view(), name="api-character"),
    path("assets/<uuid:asset_id>/characters/<str:character_id>/merge", collections.MergeView.as_view(), name="api-merge"),
    path("collections", collections.CollectionsView.as_view(), name="api-collections"),
    path("collections/<uuid:collection_id>", collections.CollectionView.as_view(), name="api-collection"),
    path("writers", collections.WritersView.as_view(), name="api-writers"),
    path("jobs", views.JobsView.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>", views.JobView.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancel", views.CancelView.as_view(), name="api-cancel"),
    path("jobs/<uuid:job_id>/retry", views.RetryView.as_view(), name="api-retry"),
    path("search", views.SearchView.as_view(), name="api-search"),
]
