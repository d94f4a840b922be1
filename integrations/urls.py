from django.urls import path

from integrations.views import (
    binding,
    docs,
    entities,
    keys,
    listing,
    publishing,
    python,
    starting,
    usage,
    use,
    versions,
)
from integrations.views import names as naming

app_name = "integrations"
urlpatterns = [
    path("", listing.listed, name="list"),
    path("new/", starting.new, name="new"),
    path("sample/", starting.sample, name="sample"),
    path("<uuid:pk>/", listing.detail, name="detail"),
    path("<uuid:pk>/entities/", entities.choose, name="entities"),
    path("<uuid:pk>/entities/refresh/", entities.refresh, name="refresh"),
    path("<uuid:pk>/entities/<slug:logical_name>/", entities.shape, name="entity"),
    path("<uuid:pk>/names/", naming.names, name="names"),
    path("<uuid:pk>/review/", publishing.review, name="review"),
    path("<uuid:pk>/publish/", publishing.publish, name="publish"),
    path("<uuid:pk>/publishing/", publishing.under_way, name="publishing"),
    path("<uuid:pk>/publishing/progress/", publishing.progress, name="publishing_progress"),
    path("<uuid:pk>/versions/", versions.listed, name="versions"),
    path("<uuid:pk>/versions/<int:number>/", versions.detail, name="version"),
    path("<uuid:pk>/versions/<int:number>/deprecate/", versions.deprecate, name="deprecate"),
    path("<uuid:pk>/versions/<int:number>/withdraw/", versions.withdraw, name="withdraw"),
    path("<uuid:pk>/versions/<int:number>/reinstate/", versions.reinstate, name="reinstate"),
    path("<uuid:pk>/versions/<int:number>/restore/", versions.restore, name="restore"),
    path("<uuid:pk>/bind/", binding.bind, name="bind"),
    path("<uuid:pk>/unbind/", binding.unbind, name="unbind"),
    path("<uuid:pk>/use/", use.use, name="use"),
    path("<uuid:pk>/docs/", docs.shown, name="docs"),
    path("<uuid:pk>/openapi.json", docs.document, name="openapi"),
    path("<uuid:pk>/keys/", keys.listed, name="keys"),
    path("<uuid:pk>/keys/new/", keys.new, name="key_new"),
    path("<uuid:pk>/keys/<uuid:key_id>/revoke/", keys.revoke, name="key_revoke"),
    path("<uuid:pk>/usage/", usage.shown, name="usage"),
    path("<uuid:pk>/python/<slug:form>/", python.download, name="python"),
]
