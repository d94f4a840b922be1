"""Who may change an integration, and holding it still meanwhile."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.urls import reverse

from accounts import audit, gate
from accounts.actors import Actor
from core.problems import BadInput, Clash, Remedy
from integrations.definition import Definition
from integrations.models import Integration


def require(actor: Actor, integration: Integration, revision: int | None = None) -> None:
    """The gate, for one integration, and that what the person saw is still so. Never inside a transaction.

    Raises:
        NotPermitted, GateClosed, Missing: see `accounts.gate.require`.
        Clash: somebody changed the integration since `revision` was read.

    """
    back_to = reverse("integrations:detail", args=[integration.pk])
    gate.require(actor, integration.team, integration.environment.tenant_id, back_to=back_to)
    if revision is not None and integration.revision != revision:
        raise clash(integration)


def hold(integration: Integration, revision: int | None = None) -> Integration:
    """The row, locked until the transaction ends. Raises Clash as `require`."""
    row = Integration.objects.select_for_update().get(pk=integration.pk)
    if revision is not None and row.revision != revision:
        raise clash(row)
    return row


def save(
    actor: Actor,
    row: Integration,
    verb: str,
    *,
    fields: Iterable[str],
    values: Mapping[str, Any] | None = None,
    message: str = "",
) -> None:
    """Write a held row with its next revision, and the audit event, in the transaction that holds the row."""
    row.revision += 1
    row.changed_by = actor.user
    row.save()
    audit.record(actor, verb, row, fields=fields, values=values, message=message)


def save_draft(actor: Actor, row: Integration, definition: Definition, verb: str, message: str = "") -> None:
    """Put the definition into the held row's draft."""
    row.draft = definition
    save(actor, row, verb, fields=["draft"], message=message)


def clash(integration: Integration) -> Clash:
    """Somebody else was faster. Nothing was overwritten, and what this person typed was not kept."""
    latest = Integration.objects.select_related("changed_by").get(pk=integration.pk)
    who = str(latest.changed_by) if latest.changed_by else "Somebody"
    return Clash(
        f"{who} changed {latest.name} after you opened it, so your change was not saved over theirs.",
        title="Somebody else changed this integration",
        advice="Look at how it is now, and make your change again if it is still wanted.",
        remedy=Remedy("See how it is now", reverse("integrations:detail", args=[latest.pk])),
    )


def validated(integration: Integration) -> None:
    """Check the plain columns. Raises BadInput whose `fields` says what to correct."""
    try:
        integration.full_clean(exclude=["sealed_draft", "created_by", "changed_by"])
    except ValidationError as error:
        found = {name: " ".join(texts) for name, texts in error.message_dict.items()}
        if "__all__" in found:
            found["name"] = found.pop("__all__")
        raise BadInput("This cannot be saved: " + " ".join(found.values()), fields=found) from None
    others = Integration.objects.filter(team=integration.team, name__iexact=integration.name)
    if others.exclude(pk=integration.pk).exists():
        text = "The team has an integration of this name already; upper and lower case make no difference."
        raise BadInput(text, fields={"name": text})
