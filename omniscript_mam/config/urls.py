"""Addresses of our own project: the app at the root."""

from django.urls import include, path

urlpatterns = [path("", include("omniscript_mam.urls"))]
