"""A new key first, everything rewritten with it, while others write, and again after an interruption."""

import threading

import pytest
from cryptography.fernet import Fernet, MultiFernet
from django.core.management import CommandError, call_command
from django.db import connection, connections, models
from encrypted_model_fields import fields as library

from core import fields, rekeying
from core.fields import SealedTextField, Undecryptable
from core.models import Canary

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.services]


@pytest.fixture
def use_keys(settings, monkeypatch):
    def use(*keys):
        settings.FIELD_ENCRYPTION_KEY = list(keys)
        crypter = MultiFernet([Fernet(key) for key in keys])
        for module in (library, fields, rekeying):
            monkeypatch.setattr(module, "CRYPTER", crypter)

    return use


@pytest.fixture
def old(settings):
    return settings.FIELD_ENCRYPTION_KEY[0]


@pytest.fixture
def new():
    return Fernet.generate_key().decode()


@pytest.fixture
def canaries(transactional_db):
    Canary.objects.all().delete()
    return Canary.objects.bulk_create(Canary(pk=number, song=f"song {number}") for number in range(1, 451))


def _songs():
    return dict(Canary.objects.values_list("pk", "song"))


def test_every_encrypted_column_is_known():
    known = set(rekeying.columns())
    for model in [one for one, _name in known]:
        assert issubclass(model, models.Model)
    names = {f"{model._meta.label}.{name}" for model, name in known}
    assert {
        "core.Canary.song",
        "accounts.Authorization.token_cache",
        "connections.Certificate.sealed_key",
    } <= names
    assert all(isinstance(model._meta.get_field(name), SealedTextField) for model, name in known)


def test_afterwards_the_new_key_alone_opens_everything(canaries, use_keys, old, new, capsys):
    use_keys(new, old)
    call_command("rotate_keys", dry_run=True)
    assert "core.Canary.song: 450 to rewrite" in capsys.readouterr().out
    call_command("rotate_keys")
    assert "The other keys can go" in capsys.readouterr().out
    use_keys(new)
    assert _songs() == {number: f"song {number}" for number in range(1, 451)}
    use_keys(old)
    with pytest.raises(Undecryptable):
        _songs()


def test_interrupted_it_goes_on_where_it_stopped(canaries, use_keys, old, new, capsys):
    use_keys(new, old)
    batches = rekeying.rewrite(Canary, "song")
    next(batches)
    batches.close()
    call_command("rotate_keys")
    assert "core.Canary.song: 250 rewritten, 200 current already" in capsys.readouterr().out


def test_a_writer_is_never_overwritten(canaries, use_keys, old, new):
    """A value that changes between being read and being written anew keeps the change."""
    use_keys(new, old)
    over, written = threading.Event(), {}

    def write():
        try:
            number = 0
            while not over.is_set():
                number += 1
                pk = number % 450 + 1
                Canary.objects.filter(pk=pk).update(song=f"changed {number}")
                written[pk] = f"changed {number}"
        finally:
            connections.close_all()

    writer = threading.Thread(target=write)
    writer.start()
    try:
        for _ in range(3):
            for _tally in rekeying.rewrite(Canary, "song"):
                pass
    finally:
        over.set()
        writer.join()
    assert len(written) > 10
    use_keys(new)
    assert _songs() == {number: f"song {number}" for number in range(1, 451)} | written


def test_a_value_written_by_an_old_process_in_between_is_rewritten_too(canaries, use_keys, old, new):
    """The compare-and-set itself: the ciphertext that was read is no longer there."""
    use_keys(new, old)
    rows = Canary.objects.annotate(ciphertext=rekeying.Cast("song", models.TextField()))
    stale = rows.values_list("ciphertext", flat=True).get(pk=7)
    with connection.cursor() as cursor:
        late = Fernet(old).encrypt(b"written late").decode()
        cursor.execute("UPDATE core_canary SET song = %s WHERE id = 7", [late])
    tally = rekeying.Tally("song")
    rekeying._bring(rows, "song", 7, stale, tally, dry_run=False)
    assert tally.rewritten == 1
    use_keys(new)
    assert Canary.objects.get(pk=7).song == "written late"


def test_what_no_key_opens_is_named_and_left_as_it_is(canaries, use_keys, old, new, capsys):
    stranger = Fernet(Fernet.generate_key()).encrypt(b"lost").decode()
    with connection.cursor() as cursor:
        cursor.execute("UPDATE core_canary SET song = %s WHERE id = 3", [stranger])
    use_keys(new, old)
    with pytest.raises(CommandError, match="1 values"):
        call_command("rotate_keys")
    said = capsys.readouterr()
    assert "core.Canary.song 3" in said.err
    assert "lost" not in said.out + said.err
    with connection.cursor() as cursor:
        cursor.execute("SELECT song FROM core_canary WHERE id = 3")
        assert cursor.fetchone()[0] == stranger
