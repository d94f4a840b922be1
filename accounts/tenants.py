"""Which Microsoft tenants' people may come in."""

from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.models import AllowedTenant
from accounts.services.default_team import locked_default_team
from core.cloud import cloud
from core.problems import NotPermitted


def admit(tenant_id: UUID) -> None:
    """Let people of this tenant pass, or say why not.

    ENTRA_ALLOWED_TENANTS, a single-tenant ENTRA_TENANT and the rows that administrators add all count. Where
    nothing is configured at all, the first sign-in decides: its tenant becomes the only one. A production
    installation does not leave that to chance, and refuses until it is configured.

    Raises:
        NotPermitted: for everybody else, naming the tenant, so that an administrator can add it.

    """
    configured = _configured()
    rows = AllowedTenant.objects.filter(cloud=cloud().name)
    if tenant_id in configured or rows.filter(tenant_id=tenant_id).exists():
        return
    if not configured and not settings.PRODUCTION and _is_first(tenant_id):
        return
    raise NotPermitted(
        "People of your Microsoft tenant may not sign in here.",
        title="This tenant is not admitted",
        advice=f"An administrator can add the tenant {tenant_id} to ENTRA_ALLOWED_TENANTS, or under Allowed tenants.",
        code="tenant",
    )


def _configured() -> set[UUID]:
    names = [*settings.ENTRA_ALLOWED_TENANTS, settings.ENTRA_TENANT]
    return {tenant for name in names if (tenant := _guid(name)) is not None}


def _is_first(tenant_id: UUID) -> bool:
    """Whether this tenant gets in as the first one; two at once are put in line by the default team's row."""
    with transaction.atomic():
        locked_default_team()
        rows = AllowedTenant.objects.filter(cloud=cloud().name)
        if rows.exists():
            return rows.filter(tenant_id=tenant_id).exists()
        rows.create(cloud=cloud().name, tenant_id=tenant_id, note="The tenant of the first sign-in")
        return True


def _guid(name: str) -> UUID | None:
    try:
        return UUID(name.strip())
    except ValueError:
        return None
