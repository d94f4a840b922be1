from django.urls import path

from integrations.api import views

app_name = "service"
urlpatterns = [
    path("<slug:service>/", views.service, name="root"),
    path("<slug:service>/<path:path>", views.service, name="call"),
]
