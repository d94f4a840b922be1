"""Definitions as YAML files: they read back to the same bytes, and move to another, empty installation."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from accounts.models import Membership, Role, Team, User
from core.problems import BadInput
from integrations.definition import Expand, Key, Relationship
from integrations.document import Document, from_yaml, to_yaml
from integrations.models import Integration
from integrations.published import definition_of, version_of
from integrations.services import publishing, transfer
from tests.integrations.samples import definition, entity
from tests.people import PEOPLE


def everything() -> Document:
    """A definition in which every kind of attribute and part occurs, and text that YAML could misread."""
    account = entity(
        label="Yes: #1 “Ünïcode”\nnext",
        description="- not a list",
        keys=(Key(logical_name="k", name="k", attributes=("name",)),),
        expand=(Expand(name="parent", navigation="parentaccountid", target="account", attribute="parent"),),
        relationships=(
            Relationship(
                schema_name="account_parent",
                name="children",
                kind="OneToMany",
                navigation="children",
                target="account",
                attribute="parent",
            ),
        ),
    )
    return Document(name="All: of it", service="all_is", definition=definition(account))


def test_a_file_reads_back_to_the_same_definition_and_the_same_bytes():
    text = to_yaml(everything())
    assert from_yaml(text) == everything()
    assert to_yaml(from_yaml(text)) == text
    money = next(line for line in text.splitlines() if "logical_name: revenue" in line)
    assert "maximum: '922337203685477'" in money  # one attribute, one line; numbers stay exact text


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("format: 1", "format: 2", "format 1"),
        ("service: all_is", "servise: all_is", "at service"),
        ("logical_name: revenue", "logical_name: 'revenue,ownerid'", "not a name"),
        ("entity_set: accounts", "entity_set: ../accounts", "not a name"),
        ("type: Money", "type: Money, requierd: true", "requierd"),
        ("type: Money, ", "", "type"),
        ("acts_as: application", "acts_as: *other", "aliases"),
        ("acts_as: application", "acts_as: [", "not YAML"),
        ("acts_as: application", "acts_as: !!python/object/apply:os.system ['true']", "not YAML"),
    ],
)
def test_a_file_that_is_not_right_is_refused_with_the_reason(old, new, said):
    text = to_yaml(everything())
    assert old in text
    with pytest.raises(BadInput, match=said):
        from_yaml(text.replace(old, new, 1))


def test_export_and_import_into_an_installation_that_has_nothing(ana, draft, tmp_path, django_user_model):
    publishing.publish(ana, draft, draft.revision, "First")
    file = tmp_path / "sales.yaml"
    call_command("integrations", "export", "sales_is", out=file)
    text = file.read_text()
    definition_before = definition_of(version_of(draft).pk)
    environment = draft.environment
    assert "prvReadAccount" in text
    assert environment.url not in text

    draft.versions.all().delete()
    Integration.objects.all().delete()
    fresh = Team.objects.create(name="Fresh")
    said = StringIO()
    options = {"person": PEOPLE["ana"], "team": "Fresh", "environment": environment.url, "stdout": said}
    with pytest.raises(CommandError, match="in no team"):
        call_command("integrations", "import", str(file), **options)
    membership = Membership.objects.create(team=fresh, user=ana.user, role=Role.VIEWER)
    with pytest.raises(CommandError, match="builder"):
        call_command("integrations", "import", str(file), **options)
    assert not Integration.objects.exists()

    Membership.objects.filter(pk=membership.pk).update(role=Role.BUILDER)
    call_command("integrations", "import", str(file), publish="As over there", **options)
    made = Integration.objects.get()
    assert "Created sales_is" in said.getvalue()
    assert made.team == fresh
    assert definition_of(version_of(made).pk) == definition_before
    call_command("integrations", "export", "sales_is", out=file)
    assert file.read_text() == text

    stranger = User.objects.create(username="nobody")
    with pytest.raises(CommandError, match="in no team"):
        call_command("integrations", "import", str(file), **{**options, "person": stranger.username})


def test_a_file_cannot_widen_a_role_nor_take_another_teams_service(ana, draft):
    text = transfer.exported(ana, draft, draft=True)
    greedy = text.replace("prvReadAccount", "prvActOnBehalfOfAnotherUser").replace(
        "prvAppendToContact", "prvWriteRole"
    )
    came = transfer.import_document(ana, draft.team, draft.environment, from_yaml(greedy))
    assert came.changes == []
    assert transfer.exported(ana, came.integration, draft=True) == text

    other = Team.objects.create(name="Other")
    Membership.objects.create(team=other, user=ana.user, role=Role.OWNER)
    with pytest.raises(BadInput, match="another team"):
        transfer.import_document(ana, other, draft.environment, from_yaml(text))


def test_what_the_environment_lacks_is_said(ana, draft):
    text = transfer.exported(ana, draft, draft=True).replace("logical_name: telephone1", "logical_name: gone")
    came = transfer.import_document(ana, draft.team, draft.environment, from_yaml(text))
    assert came.warnings == ["the attribute Main Phone (gone) of Account"]
    assert any(change.breaking for change in came.changes)
