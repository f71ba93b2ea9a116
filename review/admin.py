"""The operators' view: accounts and who is in which project. Everything else has its own pages."""

from django.contrib import admin
from django.contrib.auth.admin import UserAdmin

from .models import Member, Project, User

admin.site.register(User, UserAdmin)


class Members(admin.TabularInline):
    model = Member
    extra = 0
    raw_id_fields = ["user"]


@admin.register(Project)
class ProjectAdmin(admin.ModelAdmin):
    list_display = ["name", "created_at"]
    search_fields = ["name"]
    inlines = [Members]
