"""Addresses of the newsroom's clips."""

from django.urls import path

from . import views

urlpatterns = [
    path("", views.index, name="clips"),
    path("clips/<str:number>/", views.show, name="clip"),
    path("clips/<str:number>/element/", views.element, name="clip-element"),
]
