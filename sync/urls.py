from django.urls import path

from sync.views import actions, editing, pages

app_name = "sync"
urlpatterns = [
    path("", pages.listed, name="list"),
    path("new/", editing.new, name="new"),
    path("<uuid:pk>/", pages.detail, name="detail"),
    path("<uuid:pk>/live/", pages.live, name="live"),
    path("<uuid:pk>/edit/", editing.edit, name="edit"),
    path("<uuid:pk>/run/", actions.run, name="run"),
    path("<uuid:pk>/refresh/", actions.refresh, name="refresh"),
    path("<uuid:pk>/pause/", actions.pause, name="pause"),
    path("<uuid:pk>/resume/", actions.resume, name="resume"),
    path("<uuid:pk>/remove/", actions.remove, name="remove"),
    path("<uuid:pk>/entities/<int:row>/", pages.entity, name="entity"),
    path("<uuid:pk>/entities/<int:row>/run/", actions.run_entity, name="run_entity"),
    path("<uuid:pk>/entities/<int:row>/switch/", actions.switch, name="switch"),
    path("<uuid:pk>/entities/<int:row>/accept/", actions.accept, name="accept"),
]
