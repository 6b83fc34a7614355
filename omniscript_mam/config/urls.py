"""Addresses of our own project: the app at the root; errors that Django answers itself are JSON below the API's address."""

from django.urls import include, path

urlpatterns = [path("", include("omniscript_mam.urls"))]
handler400 = "omniscript_mam.api.errors.bad_request"
handler500 = "omniscript_mam.api.errors.server_error"
