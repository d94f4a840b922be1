from django.urls import path

from accounts.views import audit, authorizations, identity, profile, teams, webhooks

app_name = "accounts"
urlpatterns = [
    path("sign-in/", identity.SignIn.as_view(), name="sign_in"),
    path("sign-out/", identity.SignOut.as_view(), name="sign_out"),
    path("signed-out/", identity.signed_out, name="signed_out"),
    # These stand before social-auth's own addresses of the same name, whose errors would be bare.
    path("login/<str:backend>/", identity.begin, name="begin"),
    path("complete/<str:backend>/", identity.complete, name="complete"),
    path("disconnect/<str:backend>/", identity.no_disconnect),
    path("disconnect/<str:backend>/<int:association_id>/", identity.no_disconnect),
    path("profile/", profile.edit, name="profile"),
    path("authorizations/", authorizations.listed, name="authorizations"),
    path("authorizations/authorise/", authorizations.authorise, name="authorise"),
    path("authorizations/admin-consent/", authorizations.admin_consent, name="admin_consent"),
    path("authorizations/admin-consent/state/", authorizations.consent_state, name="consent_state"),
    path("authorizations/consented/", authorizations.consented, name="consented"),
    path("authorizations/<int:pk>/revoke/", authorizations.revoke, name="revoke"),
    path("teams/", teams.listed, name="teams"),
    path("teams/new/", teams.new, name="team_new"),
    path("teams/<int:pk>/", teams.detail, name="team"),
    path("teams/<int:pk>/rename/", teams.rename, name="team_rename"),
    path("teams/<int:pk>/choose/", teams.choose, name="team_choose"),
    path("teams/<int:pk>/members/add/", teams.add_member, name="team_add"),
    path("teams/<int:pk>/members/<int:member>/role/", teams.change_role, name="team_role"),
    path("teams/<int:pk>/members/<int:member>/remove/", teams.remove_member, name="team_remove"),
    path("teams/<int:pk>/notices/", webhooks.notices, name="notices"),
    path("teams/<int:pk>/notices/<uuid:webhook>/secret/", webhooks.renew_secret, name="webhook_secret"),
    path("teams/<int:pk>/notices/<uuid:webhook>/test/", webhooks.test, name="webhook_test"),
    path("teams/<int:pk>/notices/<uuid:webhook>/remove/", webhooks.remove, name="webhook_remove"),
    path("audit/", audit.listed, name="audit"),
]
