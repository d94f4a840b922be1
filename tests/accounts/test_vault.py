"""The vault: one refresh for many callers, nothing lost on a failure, nothing opened elsewhere."""

import base64
import threading
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction

from accounts import vault
from accounts.models import Authorization, User
from accounts.reach import Reach
from core import clock
from core.fields import Undecryptable
from core.problems import NotPermitted
from microsoft.certificates import make_certificate
from microsoft.errors import InteractionRequired, MicrosoftError, SignInExpired, Unreachable
from sandbox.directory.cast import CONTOSO
from sandbox.directory.credentials import KeyCredential, read_certificate
from tests.people import authorise, sign_in, visitor

pytestmark = pytest.mark.django_db
threaded = pytest.mark.django_db(transaction=True)
State = Authorization.State


@pytest.fixture
def ana(world):
    client = visitor(world)
    sign_in(client, "ana")
    authorise(client, "ana", tenant=CONTOSO)
    world.journal.clear()
    return Authorization.objects.get()


@pytest.fixture
def scope(world):
    """A permission for which there is no access token yet."""
    return f"{world.places.environments['contoso-dev']}/user_impersonation"


def asked(world):
    """How often Microsoft was asked for a token."""
    return len([one for one in world.journal.entries({"service": "login"}) if one["path"].endswith("/token")])


def register_certificate(world, pair):
    """As an administrator would upload it to the sign-in app."""
    application = world.directory.applications.by_app_id(world.front_app.client_id)
    certificate = read_certificate(base64.b64decode(pair.der_base64))
    key = KeyCredential(
        key_id=str(uuid.uuid4()),
        type="AsymmetricX509Cert",
        usage="Verify",
        display_name=None,
        identifier="",
        certificate=certificate.der,
        sha1=certificate.sha1,
        sha256=certificate.sha256,
        start=certificate.start,
        end=certificate.end,
        usable_at=0,
    )
    world.directory.credentials.replace_keys(application.id, [key])


def at_once(number, call):
    """What `number` threads get from calling at the same moment."""
    barrier, got = threading.Barrier(number), []

    def run():
        barrier.wait()
        try:
            got.append(call())
        except MicrosoftError as error:
            got.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(number)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return got


@threaded
def test_a_hundred_callers_make_one_refresh(world, ana, scope):
    tokens = at_once(100, lambda: vault.tokens(ana).token(scope))
    assert len(set(tokens)) == 1
    assert tokens[0].count(".") == 2
    assert asked(world) == 1


@threaded
def test_many_proofs_make_one_refresh(world, ana):
    assert at_once(4, lambda: vault.prove(ana, Reach.IDENTITY.scope)) == [None] * 4
    assert asked(world) == 1


def test_a_token_that_ends_within_minutes_is_replaced_before_it_does(world, ana):
    world.directory.settings.change({"access_token_seconds": 290})
    try:
        first = vault.tokens(ana).token(Reach.IDENTITY.scope, claims="{}")
        assert asked(world) == 1
        world.directory.settings.change({"access_token_seconds": 3599})
        second = vault.tokens(ana).token(Reach.IDENTITY.scope)
    finally:
        world.directory.settings.change({"access_token_seconds": 3599})
    assert first != second
    assert asked(world) == 2
    assert vault.tokens(ana).token(Reach.IDENTITY.scope) == second


def test_a_token_that_is_good_costs_no_request(world, ana):
    assert vault.tokens(ana).token(Reach.IDENTITY.scope) == vault.tokens(ana).token(Reach.IDENTITY.scope)
    assert asked(world) == 0


@threaded
def test_a_failure_is_not_asked_for_again_at_once(world, ana, scope):
    world.faults.add({"kind": "status", "service": "login", "path": "/token", "status": 503})
    got = at_once(4, lambda: vault.tokens(ana).token(scope))
    assert [type(one) for one in got] == [Unreachable] * 4
    assert asked(world) == 1


def test_it_is_asked_for_again_after_the_pause_and_nothing_was_lost(world, ana, scope):
    world.faults.add({"kind": "status", "service": "login", "path": "/token", "status": 503, "count": 1})
    before = ana.token_cache
    with pytest.raises(Unreachable):
        vault.tokens(ana).token(scope)
    ana.refresh_from_db()
    assert (ana.token_cache, ana.state) == (before, State.LIVE)
    Authorization.objects.update(failure={**ana.failure, "until": clock.now().isoformat()})
    assert vault.tokens(ana).token(scope)
    ana.refresh_from_db()
    assert ana.failure == {}


def test_a_refusal_about_one_permission_leaves_the_others_alone(world, ana, scope):
    world.directory.settings.change({"require_mfa": ["contoso-dev"]})
    for _ in range(2):
        with pytest.raises(InteractionRequired) as caught:
            vault.tokens(ana).token(scope)
        assert caught.value.claims
    assert asked(world) == 1
    vault.prove(ana, Reach.IDENTITY.scope)
    ana.refresh_from_db()
    assert (ana.state, ana.blocked_scope) == (State.NEEDS_INTERACTION, scope)
    assert ana.claims


def test_a_holder_who_died_is_overtaken(world, ana, scope):
    Authorization.objects.update(lease=uuid.uuid4(), leased_until=clock.now() - timedelta(seconds=1))
    assert vault.tokens(ana).token(scope)


def test_a_holder_who_is_too_slow_does_not_undo_what_a_later_one_wrote(world, ana):
    with vault._lease(ana.pk) as slow:
        Authorization.objects.update(leased_until=clock.now() - timedelta(seconds=1))
        with vault._lease(ana.pk) as quick:
            quick.reason = "quick"
            vault._save(quick)
        slow.reason = "slow"
        vault._save(slow)
    ana.refresh_from_db()
    assert ana.reason == "quick"


def test_waiting_has_an_end(world, ana, scope, monkeypatch):
    monkeypatch.setattr(vault, "PATIENCE", 0.2)
    with vault._lease(ana.pk), pytest.raises(Unreachable):
        vault.tokens(ana).token(scope)


@threaded
def test_microsoft_is_never_waited_for_within_a_transaction(world, ana, scope):
    with pytest.raises(RuntimeError), transaction.atomic():
        vault.tokens(ana).token(scope)
    assert asked(world) == 0


def test_a_cache_opens_in_its_own_row_only(world, ana):
    ben = visitor(world)
    sign_in(ben, "ben")
    other = Authorization.objects.get(account_name="ben@contoso.example")
    Authorization.objects.filter(pk=other.pk).update(token_cache=ana.token_cache)
    with pytest.raises(Undecryptable):
        vault.tokens(other).token(Reach.IDENTITY.scope)


def test_another_persons_row_is_not_overwritten(world, ana):
    stranger = User.objects.create_user("stranger")
    with pytest.raises(NotPermitted):
        vault.keep(stranger, ana.tenant_id, ana.object_id, account_name="x", answer={}, scopes=[])
    ana.refresh_from_db()
    assert ana.account_name == "ana@contoso.example"


def test_signing_in_again_keeps_what_was_authorised(world, ana):
    sign_in(visitor(world), "ana")
    ana.refresh_from_db()
    assert ana.scopes == [Reach.IDENTITY.scope]
    vault.prove(ana, Reach.IDENTITY.scope)


def test_the_provider_holds_no_secret(ana):
    provider = vault.tokens(ana)
    token = provider.token(Reach.IDENTITY.scope)
    assert token not in repr(provider) + repr(vars(provider) if hasattr(provider, "__dict__") else "")


def test_the_sign_in_app_may_prove_itself_with_a_certificate(world, settings, tmp_path):
    pair = make_certificate("sign-in")
    pem = tmp_path / "sign-in.pem"
    pem.write_text(pair.private_key_pem + pair.certificate_pem)
    register_certificate(world, pair)
    settings.ENTRA_CLIENT_CERTIFICATE = str(pem)
    settings.ENTRA_CLIENT_SECRET = settings.SOCIAL_AUTH_ENTRA_SECRET = ""
    client = visitor(world)
    assert sign_in(client, "ana").status_code == 302
    authorise(client, "ana", tenant=CONTOSO)
    vault.prove(Authorization.objects.get(), Reach.IDENTITY.scope)


def test_a_sign_in_that_is_over_leaves_no_token(world, ana):
    world.directory.sign_ins.revoke_refresh_tokens()
    with pytest.raises(SignInExpired):
        vault.prove(ana, Reach.IDENTITY.scope)
    world.journal.clear()
    with pytest.raises(SignInExpired):
        vault.tokens(ana).token(Reach.IDENTITY.scope)
    assert asked(world) == 0
