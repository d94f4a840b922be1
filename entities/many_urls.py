"""The addresses of work on many records, of files and of the query console."""

from django.urls import path

from entities.views import bulk, console, files, transfer

HERE = "<uuid:integration_id>/<slug:stage>/<str:entity>"
ONE = f"{HERE}/bulk/<uuid:bulk_id>"
FILES = f"{HERE}/<uuid:record_id>/files"
CONSOLE = "console/<uuid:integration_id>/<slug:stage>"

many = [
    path(f"{HERE}/import/", transfer.begin_import, name="import"),
    path(f"{HERE}/export/", transfer.export, name="export"),
    path(f"{HERE}/bulk/", bulk.index, name="bulks"),
    path(f"{HERE}/bulk/edit/", bulk.edit, name="bulk_edit"),
    path(f"{HERE}/bulk/delete/", bulk.delete, name="bulk_delete"),
    path(f"{ONE}/", bulk.detail, name="bulk"),
    path(f"{ONE}/mapping/", transfer.mapping, name="mapping"),
    path(f"{ONE}/check/", bulk.check, name="bulk_check"),
    path(f"{ONE}/begin/", bulk.begin, name="bulk_begin"),
    path(f"{ONE}/retry/", bulk.retry, name="bulk_retry"),
    path(f"{ONE}/undo/", bulk.undo, name="bulk_undo"),
    path(f"{ONE}/discard/", bulk.discard, name="bulk_discard"),
    path(f"{ONE}/errors/", bulk.errors, name="bulk_errors"),
    path(f"{ONE}/download/", bulk.download, name="bulk_download"),
    path(f"{HERE}/files/<uuid:transfer_id>/", files.piece, name="file_piece"),
    path(f"{FILES}/", files.index, name="files"),
    path(f"{FILES}/<str:attribute>/", files.download, name="file"),
    path(f"{FILES}/<str:attribute>/upload/", files.upload, name="file_upload"),
    path(f"{FILES}/<str:attribute>/remove/", files.remove, name="file_remove"),
    path(f"{CONSOLE}/", console.console, name="console"),
    path(f"{CONSOLE}/words/", console.words, name="console_words"),
]
