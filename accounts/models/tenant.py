from django.conf import settings
from django.db import models


class AllowedTenant(models.Model):
    """A Microsoft tenant whose people may sign in, beside those that ENTRA_ALLOWED_TENANTS names.

    Where neither says anything, the tenant of the very first sign-in is written here and the door closes.
    """

    cloud = models.CharField(max_length=40)
    tenant_id = models.UUIDField()
    note = models.CharField(max_length=200, blank=True)
    added_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, blank=True, editable=False
    )
    added_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["added_at"]
        constraints = [models.UniqueConstraint(fields=["cloud", "tenant_id"], name="allowed_tenant_once")]

    def __str__(self) -> str:
        return str(self.tenant_id)
