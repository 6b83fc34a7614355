"""Where the shelf is searched."""

from django.urls import path

from .views import shelf

urlpatterns = [path("", shelf, name="search")]
