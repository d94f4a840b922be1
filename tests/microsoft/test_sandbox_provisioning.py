"""What provisioning needs: an application with a certificate, its principal, its user, its role, its proof."""

import uuid

import pytest

from microsoft import errors
from microsoft.certificates import make_certificate
from microsoft.dataverse import Dataverse
from microsoft.graph import Graph, sign_proof
from microsoft.identity import CertificateTokens

TENANT = "contoso.example"


@pytest.fixture
def graph(sandbox_door, ana):
    return Graph(sandbox_door, ana)


@pytest.fixture
def environment(sandbox_door, ana, world):
    return Dataverse(sandbox_door, world.places.environments["contoso"], ana)


@pytest.fixture
def pair():
    return make_certificate("isthmus-test")


@pytest.fixture
def registered(graph, pair):
    """An application with a service principal."""
    application, _ = graph.ensure_application(f"isthmus-{uuid.uuid4()}", "Isthmus test", pair.der_base64)
    graph.ensure_service_principal(application.app_id)
    return application


def machine(door, application, pair):
    return CertificateTokens(door, TENANT, application.app_id, pair.private_key_pem, pair.certificate_pem)


def test_making_an_application_twice_makes_one(graph, pair):
    name = f"isthmus-{uuid.uuid4()}"
    assert graph.find_application(name) is None
    first, created = graph.ensure_application(name, "Isthmus test", pair.der_base64)
    assert created
    again, created = graph.ensure_application(name, "Isthmus test", make_certificate("other").der_base64)
    assert not created
    assert again.id == first.id
    assert [key.thumbprint for key in again.keys] == [pair.thumbprint_sha1]
    assert graph.application(first.id).unique_name == name
    principal, created = graph.ensure_service_principal(first.app_id)
    assert created
    assert graph.ensure_service_principal(first.app_id) == (principal, False)
    assert principal.enabled


def test_keys_can_be_changed_by_a_person(graph, registered, pair):
    other = make_certificate("second")
    both = graph.set_keys(registered.id, keep=graph.application(registered.id).keys, add=[other.der_base64])
    assert {key.thumbprint for key in both.keys} == {pair.thumbprint_sha1, other.thumbprint_sha1}
    kept = [key for key in both.keys if key.thumbprint == other.thumbprint_sha1]
    left = graph.set_keys(registered.id, keep=kept)
    assert [(key.key_id, key.thumbprint) for key in left.keys] == [(kept[0].key_id, other.thumbprint_sha1)]


def test_an_application_rolls_its_own_key(sandbox_door, graph, registered, pair, sandbox_cloud):
    own = Graph(sandbox_door, machine(sandbox_door, registered, pair), default_scope=True)
    other = make_certificate("next")
    proof = sign_proof(registered.id, pair.private_key_pem, pair.certificate_pem)
    added = own.add_key(registered.id, other.der_base64, proof)
    assert added.thumbprint == other.thumbprint_sha1
    assert machine(sandbox_door, registered, other).token(sandbox_cloud.graph_scope(".default"))
    old = next(key for key in graph.application(registered.id).keys if key.thumbprint == pair.thumbprint_sha1)
    own.remove_key(
        registered.id, old.key_id, sign_proof(registered.id, other.private_key_pem, other.certificate_pem)
    )
    assert [key.key_id for key in graph.application(registered.id).keys] == [added.key_id]
    with pytest.raises(errors.CredentialRejected):
        machine(sandbox_door, registered, pair).token(sandbox_cloud.graph_scope(".default"))


def test_a_proof_by_a_stranger_is_refused(sandbox_door, registered, pair):
    own = Graph(sandbox_door, machine(sandbox_door, registered, pair), default_scope=True)
    stranger = make_certificate("stranger")
    proof = sign_proof(registered.id, stranger.private_key_pem, stranger.certificate_pem)
    with pytest.raises(errors.Refused):
        own.add_key(registered.id, stranger.der_base64, proof)


def test_renaming_owning_disabling_deleting(sandbox_door, sandbox_cloud, graph, registered, pair):
    graph.rename_application(registered.id, "Another name")
    assert graph.application(registered.id).display_name == "Another name"
    me = graph.me()
    graph.add_owner(registered.id, me.id)
    graph.add_owner(registered.id, me.id)
    principal = graph.find_service_principal(registered.app_id)
    graph.set_service_principal_enabled(principal.id, False)
    assert not graph.find_service_principal(registered.app_id).enabled
    with pytest.raises(errors.CredentialRejected):
        machine(sandbox_door, registered, pair).token(sandbox_cloud.graph_scope(".default"))
    graph.delete_application(registered.id)
    graph.delete_application(registered.id)
    assert graph.find_service_principal(registered.app_id) is None
    with pytest.raises(errors.NotFound):
        graph.application(registered.id)


def test_an_ordinary_member_needs_the_permission_consented(person, sandbox_door):
    cleo = person("cleo@contoso.example", permissions=("User.Read",))
    with pytest.raises(errors.ConsentRequired):
        Graph(sandbox_door, cleo).find_application("x")


def test_entra_takes_its_time(world, sandbox_door, sandbox_cloud, graph, pair):
    world.directory.settings.change({"replication_delay": 30.0})
    try:
        application, _ = graph.ensure_application(f"isthmus-{uuid.uuid4()}", "Slow", pair.der_base64)
        with pytest.raises(errors.NotReplicated):
            machine(sandbox_door, application, pair).fresh().token(sandbox_cloud.graph_scope(".default"))
        with pytest.raises(errors.NotReplicated):
            graph.ensure_service_principal(application.app_id)
    finally:
        world.directory.settings.change({"replication_delay": 0.0})


def test_from_nothing_to_a_proven_connection(sandbox_door, environment, registered, pair):
    url = environment.origin
    own = Dataverse(sandbox_door, url, machine(sandbox_door, registered, pair), default_scope=True)
    with pytest.raises(errors.Forbidden) as caught:
        own.who_am_i()
    assert "no user" in caught.value.advice.lower()

    root = environment.root_business_unit()
    assert environment.application_user(registered.app_id) is None
    user_id = environment.create_application_user(registered.app_id, root)
    user = environment.application_user(registered.app_id)
    assert (user.id, user.disabled, user.business_unit_id) == (user_id, False, root)
    with pytest.raises(errors.Duplicate):
        environment.create_application_user(registered.app_id, root)

    name = f"Isthmus {uuid.uuid4()}"
    assert environment.roles(name, root) == []
    role_id = environment.create_role(name, root)
    wanted = {"prvReadAccount": "Global", "prvCreateAccount": "Local"}
    environment.set_role_privileges(role_id, {**wanted, "prvDeleteAccount": "Basic"})
    environment.set_role_privileges(role_id, wanted)
    assert environment.role_privileges(role_id).items() >= wanted.items()
    assert "prvDeleteAccount" not in environment.role_privileges(role_id)
    environment.assign_role(user_id, role_id)
    environment.assign_role(user_id, role_id)
    assert [role.id for role in environment.user_roles(user_id)] == [role_id]
    assert [role.name for role in environment.roles(name, root)] == [name]

    assert own.who_am_i().user_id == user_id
    assert own.list("accounts", top=1).records
    with pytest.raises(errors.Forbidden) as caught:
        own.list("contacts", top=1)
    assert caught.value.privilege == "prvReadContact"
    assert environment.user_privileges(user_id).items() >= wanted.items()

    environment.disable_user(user_id)
    with pytest.raises(errors.Refused):
        own.who_am_i()
    environment.enable_user(user_id)
    environment.remove_role(user_id, role_id)
    environment.remove_role(user_id, role_id)
    with pytest.raises(errors.Forbidden):
        own.list("accounts", top=1)


def test_an_unknown_application_gets_no_user(environment):
    with pytest.raises((errors.NotReplicated, errors.Refused)):
        environment.create_application_user(str(uuid.uuid4()), environment.root_business_unit())


@pytest.mark.parametrize("kind", ["drop_response", "reset"])
def test_a_lost_answer_makes_no_second_application(graph, pair, world, kind):
    name = f"isthmus-{uuid.uuid4()}"
    world.faults.add({"kind": kind, "service": "graph", "method": "PATCH", "count": 1})
    with pytest.raises(errors.Unreachable):
        graph.ensure_application(name, "Isthmus test", pair.der_base64)
    application, created = graph.ensure_application(name, "Isthmus test", pair.der_base64)
    assert created == (kind == "reset")
    assert [key.thumbprint for key in application.keys] == [pair.thumbprint_sha1]
    world.faults.add({"kind": kind, "service": "graph", "method": "POST", "count": 1})
    with pytest.raises(errors.Unreachable):
        graph.ensure_service_principal(application.app_id)
    _, created = graph.ensure_service_principal(application.app_id)
    assert created == (kind == "reset")
