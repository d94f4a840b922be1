from django.contrib import admin
from django.urls import include, path

from config import home

admin.site.site_header = admin.site.site_title = "Isthmus administration"

urlpatterns = [
    path("", home.home, name="home"),
    path("", include("core.urls")),
    path("", include("accounts.urls")),
    path("", include("social_django.urls", namespace="social")),
    path("jobs/", include("jobs.urls")),
    path("connections/", include("connections.urls")),
    path("integrations/", include("integrations.urls")),
    path("api/", include("integrations.api.urls")),
    path("syncs/", include("sync.urls")),
    path("records/", include("entities.urls")),
    path("admin/", admin.site.urls),
]

handler400 = "core.views.bad_request"
handler403 = "core.views.forbidden"
handler404 = "core.views.not_found"
handler500 = "core.views.server_error"
