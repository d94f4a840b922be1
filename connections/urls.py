from django.urls import path

from connections.views import actions, creation, editing, inventory, manual, pages

app_name = "connections"
urlpatterns = [
    path("", pages.listed, name="list"),
    path("inventory.<slug:form>", inventory.download, name="inventory"),
    path("new/", creation.new, name="new"),
    path("<uuid:pk>/", pages.detail, name="detail"),
    path("<uuid:pk>/steps/", pages.steps, name="steps"),
    path("<uuid:pk>/load/", pages.load, name="load"),
    path("<uuid:pk>/provision/", actions.provision, name="provision"),
    path("<uuid:pk>/test/", actions.test, name="test"),
    path("<uuid:pk>/role/", actions.apply_role, name="apply_role"),
    path("<uuid:pk>/role/choose/", editing.choose_role, name="choose_role"),
    path("<uuid:pk>/check/", actions.check, name="check"),
    path("<uuid:pk>/rotate/", actions.rotate, name="rotate"),
    path("<uuid:pk>/compromised/", actions.compromise, name="compromise"),
    path("<uuid:pk>/rename/", editing.rename, name="rename"),
    path("<uuid:pk>/move/", editing.move, name="move"),
    path("<uuid:pk>/disable/", actions.disable, name="disable"),
    path("<uuid:pk>/enable/", actions.enable, name="enable"),
    path("<uuid:pk>/remove/", editing.remove, name="remove"),
    path("<uuid:pk>/abandon/", actions.abandon, name="abandon"),
    path("<uuid:pk>/administrator/", manual.hand_over, name="hand_over"),
    path("<uuid:pk>/administrator/send/", manual.send, name="send_instructions"),
    path("<uuid:pk>/administrator/isthmus.<slug:what>", manual.download, name="download"),
    path("<uuid:pk>/certificates/<uuid:certificate>/deleted/", manual.deleted, name="certificate_deleted"),
]
