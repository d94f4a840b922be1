from django.urls import path

from integrations.views import binding, entities, listing, publishing, python, starting, use
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
    path("<uuid:pk>/bind/", binding.bind, name="bind"),
    path("<uuid:pk>/unbind/", binding.unbind, name="unbind"),
    path("<uuid:pk>/use/", use.use, name="use"),
    path("<uuid:pk>/python/<slug:form>/", python.download, name="python"),
]
