"""Integrations: chosen entities, attributes and operations, and the services they offer.

In code of this installation: `integrations.service("sales_is").entity("account").search(top=10)`.
"""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from integrations.operations import Service


def service(name: str, stage: str = "development", version: int | None = None) -> "Service":
    """The service of this name, for code that runs in this installation: it acts as the application.

    Raises:
        core.problems.Missing: when there is no such service, or it is not published or not bound there.
        core.problems.NotPermitted: when the integration acts as the signed-in person.

    """
    from core.problems import Missing
    from integrations.models import Integration
    from integrations.operations import Service

    rows = Integration.objects.select_related("team").defer("sealed_draft")
    try:
        integration = rows.get(service_name=name)
    except Integration.DoesNotExist:
        raise Missing(f"There is no service {name[:60]!r}.") from None
    return Service.on(integration, stage, version=version)
