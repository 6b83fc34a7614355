"""Addresses of the API, version 1."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.DescriptionView.as_view(), name="api"),
    path("assets", views.AssetsView.as_view(), name="api-assets"),
    path("assets/<uuid:asset_id>", views.AssetView.as_view(), name="api-asset"),
    path("assets/<uuid:asset_id>/script", views.ScriptView.as_view(), name="api-script"),
    path("assets/<uuid:asset_id>/rerun", views.RerunView.as_view(), name="api-rerun"),
    path("jobs", views.JobsView.as_view(), name="api-jobs"),
    path("jobs/<uuid:job_id>", views.JobView.as_view(), name="api-job"),
    path("jobs/<uuid:job_id>/cancel", views.CancelView.as_view(), name="api-cancel"),
    path("jobs/<uuid:job_id>/retry", views.RetryView.as_view(), name="api-retry"),
    path("search", views.SearchView.as_view(), name="api-search"),
]
