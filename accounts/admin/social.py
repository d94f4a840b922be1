"""social-auth's own tables: the link between a person and `tid.oid`, to look at. The rest is plumbing."""

from django.contrib import admin
from social_django.models import Association, Nonce, UserSocialAuth

from accounts.admin.readonly import ReadOnly

admin.site.unregister([UserSocialAuth, Nonce, Association])


@admin.register(UserSocialAuth)
class LinkAdmin(ReadOnly):
    list_display = ("user", "provider", "uid", "created", "modified")
    search_fields = ("uid", "user__username", "user__name")
    fields = ("user", "provider", "uid", "created", "modified")
