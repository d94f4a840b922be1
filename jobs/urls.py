from django.urls import path

from jobs import views

app_name = "jobs"
urlpatterns = [
    path("", views.index, name="list"),
    path("<uuid:run_id>/", views.detail, name="detail"),
    path("<uuid:run_id>/row/", views.row, name="row"),
    path("<uuid:run_id>/panel/", views.panel, name="panel"),
    path("<uuid:run_id>/facts/", views.facts, name="facts"),
    path("<uuid:run_id>/cancel/", views.cancel, name="cancel"),
    path("<uuid:run_id>/retry/", views.retry, name="retry"),
    path("<uuid:run_id>/resume/", views.resume, name="resume"),
]
