"""The form of a new key. Its scope is a grid of boxes, one for each operation that the version offers."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django import forms
from django.http import QueryDict

from core import clock
from integrations.definition import Definition, Operation
from integrations.models import Stage, Version

LIFETIMES = (("30", "30 days"), ("90", "90 days"), ("365", "A year"), ("", "Never: until it is revoked"))
FOLLOW = ""
ALLOW = "allow"


class KeyForm(forms.Form):
    name = forms.CharField(max_length=100, help_text="Which program it is for, such as “Webshop”.")
    stage = forms.ModelChoiceField(
        Stage.objects.none(),
        to_field_name="slug",
        empty_label=None,
        help_text="It opens this stage and no other.",
    )
    version = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        help_text="A key that follows moves on by itself, as long as nothing breaks for a program made for today's.",
    )
    lifetime = forms.ChoiceField(choices=LIFETIMES, required=False, initial="365", label="Ends after")
    calls_per_minute = forms.IntegerField(
        min_value=1, max_value=100_000, initial=600, help_text="Calls beyond that wait for the next minute."
    )
    reach = forms.ChoiceField(
        label="Operations",
        widget=forms.RadioSelect,
        initial="all",
        choices=(
            ("all", "Everything the version offers: also what later versions add"),
            ("chosen", "Chosen operations: only those ticked below"),
        ),
    )

    def __init__(
        self, *args: Any, stages: Sequence[Stage], versions: Sequence[Version], **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stage"].queryset = Stage.objects.filter(pk__in=[each.pk for each in stages])  # type: ignore[attr-defined]
        usable = [each for each in versions if each.state != Version.State.WITHDRAWN]
        latest = usable[0].number if usable else 0
        self.fields["version"].choices = [  # type: ignore[attr-defined]
            (FOLLOW, f"Follow compatible versions (now v{latest})"),
            *((each.number, f"Stay with v{each.number}") for each in usable),
        ]

    def expires_at(self) -> datetime | None:
        days = self.cleaned_data["lifetime"]
        return clock.now() + timedelta(days=int(days)) if days else None


def chosen_scope(post: QueryDict) -> dict[str, list[Operation]] | None:
    """What is ticked, None for everything. What nobody offers is refused by the service."""
    if post.get("reach") != "chosen":
        return None
    scope: dict[str, list[Operation]] = {}
    for text in post.getlist(ALLOW):
        logical_name, _, operation = text.partition(":")
        if operation in {each.value for each in Operation}:
            scope.setdefault(logical_name, []).append(Operation(operation))
    return scope


def grid(definition: Definition, ticked: Sequence[str]) -> list[dict[str, Any]]:
    """One row for each entity: its operations, offered or not, ticked or not."""
    return [
        {
            "entity": entity,
            "cells": [
                {
                    "operation": each.value,
                    "value": f"{entity.logical_name}:{each.value}",
                    "offered": each in entity.operations,
                    "ticked": f"{entity.logical_name}:{each.value}" in ticked,
                }
                for each in Operation
            ],
        }
        for entity in definition.entities
    ]
