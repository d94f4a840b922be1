from django.urls import path

from entities.views import delete, edit, grid, index, lookup, record

app_name = "entities"
HERE = "<uuid:integration_id>/<slug:stage>/<str:entity>"
urlpatterns = [
    path("", index.index, name="index"),
    path(f"{HERE}/", grid.grid, name="grid"),
    path(f"{HERE}/new/", edit.create, name="new"),
    path(f"{HERE}/lookup/<str:attribute>/", lookup.lookup, name="lookup"),
    path(f"{HERE}/<uuid:record_id>/", record.record, name="record"),
    path(f"{HERE}/<uuid:record_id>/edit/", edit.edit, name="edit"),
    path(f"{HERE}/<uuid:record_id>/delete/", delete.delete, name="delete"),
]
