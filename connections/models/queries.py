"""What lists and pages ask of connections."""

from typing import TYPE_CHECKING, Any, Self

from django.db import models
from django.db.models import Max, Q

from accounts.rules import for_person
from core.problems import Missing

if TYPE_CHECKING:
    from connections.models.connection import Connection


class ConnectionQuerySet(models.QuerySet["Connection"]):
    def visible_to(self, user: Any) -> Self:
        """Those of the person's teams that have not been removed."""
        rows: Self = for_person(self, user)  # type: ignore[assignment]
        return rows.exclude(state="removed").select_related("team", "environment")

    def with_expiry(self) -> Self:
        """With `expires_at`: when the certificate in use ends, None where there is none."""
        return self.annotate(
            expires_at=Max("certificates__not_after", filter=Q(certificates__state="active"))
        )

    def one_for(self, user: Any, pk: Any) -> "Connection":
        """The connection as this person may see it, removed ones included: their page says what became of them.

        Raises:
            Missing: not there, or another team's.

        """
        row = for_person(self, user).select_related("team", "environment").filter(pk=pk).first()
        if row is None:
            raise Missing(
                "There is no such connection, or it belongs to a team you are not in.",
                advice="Open the list of connections, or ask an owner of the team.",
            )
        return row
