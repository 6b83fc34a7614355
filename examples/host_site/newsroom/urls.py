"""The newsroom's addresses."""

from django.contrib import admin
from django.urls import include, path

urlpatterns = [
    path("admin/", admin.site.urls),
    path("search/", include("search.urls")),
    path("footage/", include("omniscript_mam.urls")),  # OmniScript: any prefix will do
    path("", include("clips.urls")),
]
