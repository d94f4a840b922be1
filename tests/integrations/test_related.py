"""Alternate keys, entities that are brought along, and lists on a record's page: chosen in the builder."""

import pytest

from core.problems import BadInput
from integrations.definition import READ_ONLY, READ_WRITE
from integrations.metadata.related import Parts
from integrations.privileges import needed
from integrations.services import drafts

CODE_KEY = "smp_codekey"


@pytest.fixture
def projects(ana, team, environment):
    made = drafts.create(ana, team, environment, "Projects")
    return drafts.choose_entities(ana, made, made.revision, ["smp_project", "contact", "account"])


def shape(actor, integration, logical_name="smp_project", operations=READ_WRITE, *, chosen=(), parts=None):
    return drafts.shape_entity(
        actor,
        integration,
        integration.revision,
        logical_name,
        operations=operations,
        chosen=chosen,
        called={},
        parts=parts,
    )


def test_lists_between_chosen_entities_are_there_at_first(projects):
    project = projects.draft.entity("smp_project")
    listed = {(each.target, each.kind) for each in project.relationships}

    assert ("contact", "ManyToMany") in listed
    assert ("smp_project", "OneToMany") in listed  # its child projects
    assert {each.target for each in project.relationships} <= {"smp_project", "contact", "account"}
    assert project.expand == ()
    assert project.keys == ()


def test_keys_and_related_entities_under_names_of_ones_own(ana, projects):
    parts = Parts(
        {CODE_KEY: "code"},
        {"smp_AccountId": "customer", "smp_project_contact": ""},
        {"smp_project_contact": ""},
    )
    shaped = shape(ana, projects, operations=READ_ONLY, parts=parts)
    project = shaped.draft.entity("smp_project")
    assert project.key("code").attributes == ("smp_code",)
    assert project.attribute_of("smp_code")  # a key brings its attributes
    assert [(each.name, each.target, each.collection) for each in project.expand] == [
        ("customer", "account", False),
        ("smp_project_contact", "contact", True),
    ]
    assert [each.intersect for each in project.relationships] == ["smp_project_contact"]

    again = shape(ana, shaped, chosen=["smp_budget"])  # says nothing of parts, so it keeps them
    project = again.draft.entity("smp_project")
    assert [len(project.keys), len(project.expand), len(project.relationships)] == [1, 2, 1]

    fewer = drafts.choose_entities(ana, again, again.revision, ["smp_project"])
    project = fewer.draft.entity("smp_project")  # what leads to an entity goes with it
    assert (project.expand, project.relationships) == ((), ())


def test_names_of_parts_clash_with_those_of_attributes(ana, projects):
    with pytest.raises(BadInput) as caught:
        shape(ana, projects, parts=Parts({}, {"smp_AccountId": "SMP_NAME"}, {}))
    assert set(caught.value.fields) == {"smp_name", "way:smp_AccountId"}

    with pytest.raises(BadInput) as caught:
        shape(ana, projects, parts=Parts({CODE_KEY: "two words"}, {}, {}))
    assert set(caught.value.fields) == {f"key:{CODE_KEY}"}


def test_privileges_follow(ana, projects):
    fewer = drafts.choose_entities(ana, projects, projects.revision, ["smp_project", "contact"])
    bare = shape(ana, fewer, operations=READ_ONLY, parts=Parts({}, {}, {})).draft
    fewer.refresh_from_db()
    along = shape(ana, fewer, parts=Parts({}, {}, {"smp_project_contact": ""})).draft

    contact = along.entity("contact").privileges
    only_projects = bare.model_copy(update={"entities": (bare.entity("smp_project"),)})
    assert set(needed(only_projects)) == {bare.entity("smp_project").privileges["Read"]}
    assert {contact["AppendTo"], along.entity("smp_project").privileges["Append"]} <= set(needed(along))
