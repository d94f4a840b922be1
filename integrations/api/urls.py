from django.urls import path, register_converter
from django.urls.converters import StringConverter

from integrations.api import views


class Anything(StringConverter):
    """Also line breaks, which `path` does not match: every call is answered in the one shape of services."""

    regex = "(?s:.+)"


register_converter(Anything, "anything")

app_name = "service"
urlpatterns = [
    path("<str:service>/", views.service, name="root"),
    path("<str:service>/<anything:path>", views.service, name="call"),
]
