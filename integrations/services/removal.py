"""Doing away with an integration."""

from django.db import models, transaction
from django.urls import reverse

from accounts import audit
from accounts.actors import Actor
from core.problems import Clash, Remedy
from integrations.models import Integration
from integrations.services import access


def remove(actor: Actor, integration: Integration, revision: int) -> None:
    """Delete an integration that nothing uses any more, with all its versions. The audit trail stays.

    Raises:
        Clash: it is bound, has keys that work, or something else depends on it; or somebody was faster.
        NotPermitted, GateClosed: see `access.require`.

    """
    access.require(actor, integration, revision)
    try:
        with transaction.atomic():
            row = access.hold(integration, revision)
            _require_unused(row)
            numbers = list(row.versions.values_list("number", flat=True))
            message = f"{row.service_name}, {len(numbers)} version{'' if len(numbers) == 1 else 's'}"
            audit.record(actor, "deleted", row, fields=["name", "versions"], message=message)
            row.versions.all().delete()
            row.delete()
    except models.ProtectedError:
        raise Clash(
            f"Something still depends on {integration.name}, such as a sync of its records.",
            title="It is in use",
            advice="Remove what works with it first.",
        ) from None


def _require_unused(row: Integration) -> None:
    bound = [binding.stage.name for binding in row.bindings.select_related("stage")]
    if bound:
        raise Clash(
            f"{row.name} is bound on {', '.join(bound)}.",
            title="It is in use",
            advice="Unbind it first; callers are refused from then on.",
            remedy=Remedy("Stages and connections", reverse("integrations:bind", args=[row.pk])),
        )
    keys = [key.name for key in row.keys.filter(revoked_at=None) if key.state == key.State.ACTIVE]
    if keys:
        raise Clash(
            f"{row.name} has keys that work: {', '.join(keys)}.",
            title="It is in use",
            advice="Revoke them first.",
            remedy=Remedy("Keys", reverse("integrations:keys", args=[row.pk])),
        )
