"""The scopes that can be asked for, in words a person can judge."""

from dataclasses import dataclass

from sandbox.directory.model import DATAVERSE_APP_ID, GRAPH_APP_ID

OPENID = ("openid", "profile", "email", "offline_access")


@dataclass(frozen=True, slots=True)
class Permission:
    """`admin_only` ones need an administrator's consent."""

    id: str
    title: str
    explanation: str
    admin_only: bool = False


# Ids as in https://learn.microsoft.com/graph/permissions-reference
GRAPH: dict[str, Permission] = {
    "openid": Permission(
        "37f7f235-527c-4136-accd-4a02d197296e",
        "Sign you in",
        "Lets the app know who you are when you sign in to it.",
    ),
    "profile": Permission(
        "14dad69e-099b-42c9-810b-d002981feec1",
        "View your basic profile",
        "The app sees your name, user name and the organization you belong to.",
    ),
    "email": Permission(
        "64a6cdd6-aab1-4aaf-94b8-3cc8405e90d0",
        "View your email address",
        "The app sees your primary email address.",
    ),
    "offline_access": Permission(
        "7427e0e9-2fba-42fe-b0c0-848c9e6a8182",
        "Maintain access to data you have given it access to",
        "The app keeps this access while you are not using it.",
    ),
    "User.Read": Permission(
        "e1fe6dd8-ba31-4d61-89e7-88639da4683d",
        "Sign in and read your profile",
        "The app reads your own entry in your organization's directory.",
    ),
    "User.ReadBasic.All": Permission(
        "b340eb25-3456-403f-be2f-af7a0d370277",
        "Read everybody's basic profile",
        "The app sees names and addresses of the people in your organization.",
    ),
    "Application.Read.All": Permission(
        "c79f8feb-a9db-4090-85f9-90d820caa0eb",
        "Read applications",
        "The app reads all app registrations of your organization.",
        admin_only=True,
    ),
    "Application.ReadWrite.All": Permission(
        "bdfbf15f-ee85-4955-8675-146e8e5296b5",
        "Read and write applications",
        "The app creates, changes and removes app registrations as far as you may do so yourself.",
        admin_only=True,
    ),
    "AppRegistration.Create": Permission(
        "80b4a2a6-1f5d-4b0e-a4b8-7b0e1a4f9c63",
        "Create app registrations",
        "The app creates new app registrations as you.",
        admin_only=True,
    ),
    "Directory.Read.All": Permission(
        "06da0dbc-49e2-44d2-8312-53f166ab848a",
        "Read directory data",
        "The app reads people, groups and apps of your organization's directory.",
        admin_only=True,
    ),
    "Organization.Read.All": Permission(
        "4908d5b9-3fb2-4b1e-9336-1888b7937185",
        "Read organization information",
        "The app reads your organization's name, domains and settings.",
        admin_only=True,
    ),
    "Policy.Read.All": Permission(
        "572fea84-0151-49b2-9301-11cb16974376",
        "Read your organization's policies",
        "The app reads all policies of your organization.",
        admin_only=True,
    ),
}
DATAVERSE: dict[str, Permission] = {
    "user_impersonation": Permission(
        "78ce3f0f-a1ce-49c2-8cde-64b5c0896db4",
        "Access Dynamics 365 and Dataverse as you",
        "The app reads and changes business data within the rights you have yourself.",
    ),
}
BY_RESOURCE = {GRAPH_APP_ID: GRAPH, DATAVERSE_APP_ID: DATAVERSE}
RESOURCE_NAMES = {GRAPH_APP_ID: "Microsoft Graph", DATAVERSE_APP_ID: "Dataverse"}


def name_of(resource: str, permission_id: str) -> str | None:
    """The scope with this id, as `requiredResourceAccess` names it."""
    catalogue = BY_RESOURCE.get(resource, {})
    return next((name for name, one in catalogue.items() if one.id == permission_id), None)
