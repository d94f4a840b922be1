"""The builder as a person walks it, page by page, on the sandbox."""

import re

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Role
from core import clock
from integrations.definition import ActsAs, Operation
from integrations.metadata.catalogue import KEPT_FOR
from integrations.models import CatalogueEntry, Integration
from jobs.testing import run_due
from tests.connections import cast


def in_front(actor_or_user):
    client = Client()
    client.force_login(
        getattr(actor_or_user, "user", actor_or_user), backend="django.contrib.auth.backends.ModelBackend"
    )
    return client


def at(name, integration, *more):
    return reverse(f"integrations:{name}", args=[integration.pk, *more])


def revision(page):
    return re.search(r'name="revision" value="(\d+)"', page.content.decode())[1]


def test_from_nothing_to_a_bound_service(ana, connection):
    client = in_front(ana)
    assert "No integrations yet" in client.get(reverse("integrations:list")).content.decode()
    page = client.get(reverse("integrations:new"))
    assert "Contoso Sales (Development)" in page.content.decode()

    made = client.post(
        reverse("integrations:new"),
        {"name": "Web shop", "team": connection.team_id, "environment": connection.environment.url},
    )
    shop = Integration.objects.get(name="Web shop")
    assert made["Location"] == at("entities", shop)
    assert shop.service_name == "web_shop_is"

    page = client.get(at("entities", shop))
    assert 'value="account"' in page.content.decode()
    chosen = client.post(
        at("entities", shop),
        {"revision": revision(page), "entity": ["account", "contact"], "access": "read_only"},
    )
    assert chosen["Location"] == at("entity", shop, "account")

    page = client.get(at("entity", shop, "account"))
    assert "1 choice<" in page.content.decode()
    shaped = client.post(
        at("entity", shop, "account"),
        {
            "revision": revision(page),
            "access": "single",
            "operation": ["create", "search"],
            "attribute": ["telephone1"],
            "called:telephone1": "phone",
        },
    )
    assert shaped["Location"] == at("entity", shop, "contact")
    shop.refresh_from_db()
    account = shop.draft.entity("account")
    assert account.operations == {Operation.CREATE, Operation.SEARCH}
    assert {each.name for each in account.attributes} == {"name", "phone"}  # the mandatory one was not ticked

    page = client.get(at("names", shop))
    named = client.post(
        at("names", shop),
        {
            "revision": revision(page),
            "name": "Web shop",
            "service_name": "shop",
            "acts_as": "application",
            "entity_account": "company",
            "entity_contact": "person",
        },
    )
    assert named["Location"] == at("review", shop)

    page = client.get(at("review", shop))
    text = page.content.decode()
    assert "company.create({name: str, …})" in text
    assert "prvCreateAccount" in text
    assert "prvWriteAccount" not in text
    published = client.post(at("publish", shop), {"revision": revision(page), "notes": "First"})
    assert published["Location"] == at("publishing", shop)
    assert 'hx-get="' + at("publishing_progress", shop) in client.get(at("publishing", shop)).content.decode()
    run_due()
    done = client.get(at("publishing_progress", shop)).content.decode()
    assert "Version 1 of Web shop is published" in done
    assert at("bind", shop) in done
    assert "hx-get" not in done

    bound = client.post(at("bind", shop), {"stage": "development", "connection": connection.pk})
    assert bound["Location"] == at("use", shop)
    text = client.get(f"{at('use', shop)}?way=here").content.decode()
    assert "integrations.service(&quot;shop&quot;, stage=&quot;development&quot;)" in text
    assert '<span class="stepper-label">Bind</span>' in text
    assert (
        reverse("entities:grid", args=[shop.pk, "development", "company"])
        in client.get(at("use", shop)).content.decode()
    )
    run_due(early=True)
    connection.refresh_from_db()
    assert connection.state == "ready"
    used_by = client.get(reverse("connections:detail", args=[connection.pk])).content.decode()
    assert f'<a href="{shop.get_absolute_url()}">Web shop on Development uses {connection}</a>' in used_by
    assert "shop" in client.get(reverse("integrations:list")).content.decode()
    assert "Version 1" not in client.get(at("review", shop)).content.decode()
    assert (
        "Nothing has changed"
        in client.post(at("publish", shop), {"revision": Integration.objects.get().revision}).content.decode()
    )


def test_many_entities_are_read_by_a_job_that_says_how_far_it_is(ana, draft):
    client = in_front(ana)
    assert client.get(at("choosing", draft))["Location"] == at("entities", draft)
    many = ["account", "contact", "lead", "opportunity", "product", "quote", "incident"]
    form = {"revision": draft.revision, "entity": many, "access": "read_only"}
    assert client.post(at("entities", draft), form)["Location"] == at("choosing", draft)
    assert "hx-get" in client.get(at("choosing", draft)).content.decode()
    (run,) = [each for each in run_due() if each.kind == "integrations.choose_entities"]
    assert (run.state, run.done, run.result) == ("succeeded", 6, {"chosen": 7})
    done = client.get(at("choosing", draft)).content.decode()
    assert at("entity", draft, "account") in done
    draft.refresh_from_db()
    assert [each.logical_name for each in draft.draft.entities] == many
    assert draft.draft.entity("account").attribute("phone")  # what was there stays as it was


def test_the_sample_is_one_click(ana, connection):
    client = in_front(ana)
    assert "Make the sample integration" in client.get("/").content.decode()
    made = client.post(reverse("integrations:sample"))
    sample = Integration.objects.get()
    assert made["Location"] == at("use", sample)
    assert "Make the sample integration" not in client.get("/").content.decode()
    assert "Ready to use" in client.get("/").content.decode()

    client.post(reverse("integrations:sample"))
    assert Integration.objects.count() == 1
    assert sample.versions.count() == 1


def test_an_earlier_page_cannot_overwrite_a_later_change(sample_owner, sample_integration):
    client, shop = in_front(sample_owner), sample_integration
    stale = revision(client.get(at("entity", shop, "account")))
    form = {"access": "read_only", "attribute": ["name"]}
    assert client.post(at("entity", shop, "account"), {**form, "revision": stale}).status_code == 302

    second = client.post(at("entity", shop, "contact"), {**form, "called:fullname": "who", "revision": stale})
    assert second.status_code == 409
    assert "Ana changed" in second.content.decode()
    assert at("detail", shop) in second.content.decode()
    assert 'value="who"' in second.content.decode()  # nothing typed is lost
    shop.refresh_from_db()
    assert shop.draft.entity("contact").attribute("lastname")
    named = client.post(at("names", shop), {"name": "Other", "service_name": "x", "revision": stale})
    assert named.status_code in {409, 422}
    shop.refresh_from_db()
    assert shop.name != "Other"

    # Saved once more, knowing it, it goes in the place of the other.
    mine = {**form, "called:fullname": "who", "revision": revision(second)}
    assert client.post(at("entity", shop, "contact"), mine).status_code == 302
    shop.refresh_from_db()
    assert shop.draft.entity("contact").attribute("who")


@pytest.mark.parametrize(
    ("page", "form", "says"),
    [
        ("entity", {"access": "single", "revision": "R"}, "at least one operation"),
        ("entity", {"access": "nonsense", "revision": "R"}, "Say whether"),
        ("entity", {"access": "single", "operation": "explode", "revision": "R"}, "no such operation"),
        (
            "entity",
            {"access": "read_only", "attribute": ["fax"], "called:fax": "import", "revision": "R"},
            "means something else",
        ),
        (
            "entities",
            {"entity": ["account", "nonesuch"], "access": "read_only", "revision": "R"},
            "no entity",
        ),
        ("names", {"name": "", "service_name": "x", "acts_as": "application", "revision": "R"}, "required"),
        ("bind", {"stage": "development", "connection": "nonsense"}, "no such connection"),
        ("bind", {"stage": "nowhere", "connection": "nonsense"}, "no stage"),
        ("publish", {"revision": "old"}, "not complete"),
    ],
)
def test_what_is_wrong_is_said(sample_owner, sample_integration, page, form, says):
    more = ["account"] if page == "entity" else []
    sent = {**form, **({"revision": sample_integration.revision} if form.get("revision") == "R" else {})}
    answer = in_front(sample_owner).post(at(page, sample_integration, *more), sent)

    assert answer.status_code in {400, 404, 422}
    assert says in answer.content.decode()


def test_pages_that_are_not_there(sample_owner, sample_integration):
    client = in_front(sample_owner)
    assert client.get(at("entity", sample_integration, "lead")).status_code == 404
    nobody = Integration(pk="00000000-0000-4000-8000-000000000000")
    for name in ("detail", "entities", "names", "review", "bind", "use"):
        assert client.get(at(name, nobody)).status_code == 404, name


def test_dynamics_does_not_answer(sample_owner, sample_integration, world):
    """An old catalogue goes on serving; without any the page says what is the matter."""
    client = in_front(sample_owner)
    CatalogueEntry.objects.update(fetched_at=clock.now() - 2 * KEPT_FOR)
    world.faults.add({"kind": "status", "service": "dataverse", "status": 503})
    try:
        kept = client.get(at("entities", sample_integration))
        CatalogueEntry.objects.all().delete()
        nothing = client.get(at("entities", sample_integration))
    finally:
        world.faults.remove()
    assert kept.status_code == 200
    assert 'value="account"' in kept.content.decode()
    assert nothing.status_code == 503
    assert "Traceback" not in nothing.content.decode()
    assert client.get(at("entities", sample_integration)).status_code == 200


def test_acting_as_a_person_says_so_where_it_is_used(sample_owner, sample_integration):
    client, shop = in_front(sample_owner), sample_integration
    page = client.get(at("names", shop))
    answer = client.post(
        at("names", shop),
        {
            "revision": revision(page),
            "name": shop.name,
            "service_name": shop.service_name,
            "acts_as": "person",
            "entity_account": "account",
            "entity_contact": "contact",
        },
    )
    assert answer.status_code == 302, answer.content.decode()
    page = client.get(at("review", shop))
    assert "who acts" in page.content.decode()
    client.post(at("publish", shop), {"revision": revision(page)})
    run_due()
    assert shop.versions.first().definition.acts_as is ActsAs.PERSON
    assert "Programs cannot use it on their own" in client.get(f"{at('use', shop)}?way=rest").content.decode()


@pytest.mark.parametrize("name", ["viewer", "builder", "superuser"])
def test_others_read_but_do_not_change(sample_team, sample_integration, name):
    """A viewer, a builder without an authorization of their own, and whoever administers the site."""
    shop = sample_integration
    role = {"viewer": Role.VIEWER, "builder": Role.BUILDER}.get(name)
    user = cast.member("ben", sample_team, role)
    user.is_superuser = user.is_staff = name == "superuser"
    user.save()
    client = in_front(user)

    before = Integration.objects.values().get(pk=shop.pk)
    for page in ("detail", "entities", "names", "review", "bind", "use"):
        text = client.get(at(page, shop)).content.decode()
        assert shop.name in text or "account" in text, page
        assert 'name="revision"' not in text, page
        if name == "builder" and page != "use":
            assert "Authorise with Microsoft" in text, page
    posts = {
        "entities": {"revision": shop.revision, "entity": [], "access": "read_only"},
        "names": {
            "revision": shop.revision,
            "name": "Taken over",
            "service_name": shop.service_name,
            "acts_as": "application",
            "entity_account": "a",
            "entity_contact": "c",
        },
        "publish": {"revision": shop.revision},
        "bind": {"stage": "test", "connection": shop.bindings.get().connection_id},
        "unbind": {"stage": "development"},
        "refresh": {},
    }
    for page, form in posts.items():
        answer = client.post(at(page, shop), form)
        assert answer.status_code == 403, (page, answer.content.decode())
        assert ("Authorise with Microsoft" in answer.content.decode()) == (name == "builder"), page
    answer = client.post(at("entity", shop, "account"), {"revision": shop.revision, "access": "read_only"})
    assert answer.status_code == 403
    assert Integration.objects.values().get(pk=shop.pk) == before

    for kind in ("integration", "version", "binding", "stage"):
        listed = reverse(f"admin:integrations_{kind}_changelist")
        assert client.get(listed).status_code == (200 if name == "superuser" else 302), kind
    if name == "superuser":
        admin = reverse("admin:integrations_integration_change", args=[shop.pk])
        assert "sales_sample_is" in client.get(admin).content.decode()
        assert client.post(admin, {"name": "Taken over"}).status_code == 403
        assert Integration.objects.values().get(pk=shop.pk) == before


def test_strangers_see_nothing(world, sample_integration):
    stranger = in_front(cast.member("dara", sample_integration.team, None))
    for page in ("detail", "entities", "names", "review", "bind", "use"):
        assert stranger.get(at(page, sample_integration)).status_code == 404, page
    assert stranger.post(at("publish", sample_integration), {"revision": 1}).status_code == 404
    assert sample_integration.name not in stranger.get(reverse("integrations:list")).content.decode()
    assert stranger.get(reverse("integrations:new")).status_code == 403
