from django.conf import settings
from django.db import models


class Role(models.IntegerChoices):
    """Each role may do all that the one below it may."""

    VIEWER = 10, "Viewer"
    EDITOR = 20, "Editor"
    BUILDER = 30, "Builder"
    OWNER = 40, "Owner"


class Team(models.Model):
    name = models.CharField(max_length=100, unique=True)
    created_at = models.DateTimeField(auto_now_add=True)
    is_default = models.BooleanField(default=False, editable=False, help_text="The team that newcomers join.")
    claimed_at = models.DateTimeField(null=True, editable=False, help_text="When its first owner came.")
    members = models.ManyToManyField(settings.AUTH_USER_MODEL, through="Membership", related_name="teams")

    class Meta:
        ordering = ["name"]
        constraints = [
            models.UniqueConstraint(
                fields=["is_default"], condition=models.Q(is_default=True), name="one_default_team"
            )
        ]

    def __str__(self) -> str:
        return self.name


class Membership(models.Model):
    team = models.ForeignKey(Team, models.CASCADE, related_name="memberships")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="memberships")
    role = models.PositiveSmallIntegerField(choices=Role, default=Role.VIEWER)
    joined_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["team", "-role"]
        constraints = [models.UniqueConstraint(fields=["team", "user"], name="one_role_per_team")]

    def __str__(self) -> str:
        return f"{self.user} is {self.get_role_display().lower()} of {self.team}"
