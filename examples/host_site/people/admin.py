"""Journalists in the admin."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Journalist

admin.site.register(Journalist, UserAdmin)
