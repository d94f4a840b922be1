from django.conf import settings
from django.db import models

from core.fields import SealedTextField


class AuthorizationQuerySet(models.QuerySet["Authorization"]):
    def here(self) -> "AuthorizationQuerySet":
        """Those of the cloud this installation speaks to."""
        return self.filter(cloud=settings.CLOUD.name)

    def needing_the_person(self) -> "AuthorizationQuerySet":
        """Those that stopped working without their person's doing, and that a visit to Microsoft can mend.

        What was taken back here was meant, and what waits for an administrator is not the person's to mend.
        """
        state = Authorization.State
        stopped = models.Q(state__in=(state.NEEDS_CONSENT, state.NEEDS_INTERACTION))
        ended = models.Q(state=state.REVOKED, failed_at__isnull=False)
        waits = ~models.Q(awaited_scope="") & models.Q(awaited_scope=models.F("blocked_scope"))
        return self.here().filter(stopped | ended).exclude(waits)


class Authorization(models.Model):
    """One person's own Microsoft sign-in for one tenant. Valid for that person only.

    Only `accounts.vault` opens `token_cache`; everyone else receives a token provider.
    """

    class State(models.TextChoices):
        LIVE = "live", "Live"
        NEEDS_CONSENT = "needs_consent", "Needs consent"
        NEEDS_INTERACTION = "needs_interaction", "Needs you"
        REVOKED = "revoked", "Revoked"

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="authorizations")
    cloud = models.CharField(max_length=40)
    tenant_id = models.UUIDField()
    object_id = models.UUIDField()
    account_name = models.CharField(max_length=320, blank=True, help_text="For display only.")
    token_cache: "models.Field[str, str]" = SealedTextField(blank=True, default="", editable=False)
    scopes = models.JSONField(default=list, blank=True)
    state = models.CharField(max_length=20, choices=State, default=State.LIVE)
    blocked_scope = models.CharField(
        max_length=300, blank=True, help_text="The permission that the state is about."
    )
    awaited_scope = models.CharField(
        max_length=300, blank=True, help_text="The permission that an administrator has to agree to first."
    )
    awaited_since = models.DateTimeField(null=True, blank=True)
    claims = models.TextField(blank=True, help_text="The challenge to repeat to Microsoft, word for word.")
    reason = models.TextField(blank=True, help_text="Why the state is what it is, for the person.")
    proven_at = models.DateTimeField(null=True, blank=True)
    failed_at = models.DateTimeField(null=True, blank=True)
    failure = models.JSONField(
        default=dict, blank=True, help_text="The last failure, repeated while it cools."
    )
    lease = models.UUIDField(null=True, blank=True, editable=False, help_text="Who is refreshing just now.")
    leased_until = models.DateTimeField(null=True, blank=True, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    objects = AuthorizationQuerySet.as_manager()

    class Meta:
        ordering = ["account_name"]
        constraints = [
            models.UniqueConstraint(
                fields=["cloud", "tenant_id", "object_id"], name="one_person_per_microsoft_identity"
            )
        ]

    def __str__(self) -> str:
        return self.account_name or f"{self.tenant_id}.{self.object_id}"
