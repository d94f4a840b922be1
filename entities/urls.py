from django.urls import path

from entities.many_urls import many
from entities.views import (
    cell,
    delete,
    edit,
    grid,
    history,
    index,
    layout,
    link,
    lookup,
    record,
    state,
    views,
)

app_name = "entities"
HERE = "<uuid:integration_id>/<slug:stage>/<str:entity>"
RECORD = f"{HERE}/<uuid:record_id>"
urlpatterns = [
    *many,
    path("", index.index, name="index"),
    path("<uuid:integration_id>/history/", history.of_integration, name="changes"),
    path(f"{HERE}/", grid.grid, name="grid"),
    path(f"{HERE}/new/", edit.create, name="new"),
    path(f"{HERE}/views/", views.menu, name="views"),
    path(f"{HERE}/views/save/", views.save, name="view_save"),
    path(f"{HERE}/views/<uuid:view_id>/remove/", views.remove, name="view_remove"),
    path(f"{HERE}/columns/", layout.columns, name="columns"),
    path(f"{HERE}/widths/", layout.widths, name="widths"),
    path(f"{HERE}/lookup/<str:attribute>/", lookup.lookup, name="lookup"),
    path(f"{HERE}/joined/<str:relation>/", link.suggest, name="suggest"),
    path(f"{RECORD}/", record.record, name="record"),
    path(f"{RECORD}/cell/<str:attribute>/", cell.cell, name="cell"),
    path(f"{RECORD}/edit/", edit.edit, name="edit"),
    path(f"{RECORD}/assign/", edit.assign, name="assign"),
    path(f"{RECORD}/assign/me/", edit.assign_to_me, name="assign_to_me"),
    path(f"{RECORD}/state/", state.state, name="state"),
    path(f"{RECORD}/delete/", delete.delete, name="delete"),
    path(f"{RECORD}/history/", history.of_record, name="history"),
    path(f"{RECORD}/history/<uuid:change_id>/revert/", history.revert, name="revert"),
    path(f"{RECORD}/joined/<str:relation>/add/", link.link, name="link"),
    path(f"{RECORD}/joined/<str:relation>/remove/", link.unlink, name="unlink"),
]
