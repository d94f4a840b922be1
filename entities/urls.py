from django.urls import path

from entities.many_urls import many
from entities.views import cell, delete, edit, grid, index, layout, lookup, record, views

app_name = "entities"
HERE = "<uuid:integration_id>/<slug:stage>/<str:entity>"
urlpatterns = [
    *many,
    path("", index.index, name="index"),
    path(f"{HERE}/", grid.grid, name="grid"),
    path(f"{HERE}/new/", edit.create, name="new"),
    path(f"{HERE}/views/", views.menu, name="views"),
    path(f"{HERE}/views/save/", views.save, name="view_save"),
    path(f"{HERE}/views/<uuid:view_id>/remove/", views.remove, name="view_remove"),
    path(f"{HERE}/columns/", layout.columns, name="columns"),
    path(f"{HERE}/widths/", layout.widths, name="widths"),
    path(f"{HERE}/lookup/<str:attribute>/", lookup.lookup, name="lookup"),
    path(f"{HERE}/<uuid:record_id>/", record.record, name="record"),
    path(f"{HERE}/<uuid:record_id>/cell/<str:attribute>/", cell.cell, name="cell"),
    path(f"{HERE}/<uuid:record_id>/edit/", edit.edit, name="edit"),
    path(f"{HERE}/<uuid:record_id>/delete/", delete.delete, name="delete"),
]
