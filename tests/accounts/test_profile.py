from django.http import HttpResponse
from django.test import RequestFactory
from django.utils import timezone

from accounts.middleware import time_zone
from accounts.models import User


def test_a_person_sets_their_name_and_time_zone(sales):
    client = sales.client("vera")
    assert client.post("/profile/", {"name": "Vera Lund", "time_zone": "Europe/Oslo"}).status_code == 302
    sales.vera.refresh_from_db()
    assert (sales.vera.name, sales.vera.time_zone) == ("Vera Lund", "Europe/Oslo")
    refused = client.post("/profile/", {"name": "Vera", "time_zone": "Mars/Olympus", "is_superuser": "on"})
    assert refused.status_code == 422
    assert not User.objects.get(pk=sales.vera.pk).is_superuser


def test_what_they_type_is_read_in_their_time_zone(sales):
    request = RequestFactory().get("/")
    for person, zone in ((sales.vera, "Asia/Tokyo"), (sales.sam, "nonsense"), (sales.olga, "UTC")):
        person.time_zone = zone
        request.user = person
        seen = time_zone(lambda _: HttpResponse(timezone.get_current_timezone_name()))(request)
        assert seen.content.decode() == {"nonsense": "UTC"}.get(zone, zone)
    assert timezone.get_current_timezone_name() == "UTC"


def test_a_page_without_anything_says_what_comes_next(sales):
    client = sales.client("sam")
    assert "Ask an owner" in client.get("/teams/").content.decode()
    assert "Authorise with Microsoft" in client.get("/authorizations/").content.decode()
    assert "Nothing has happened yet" in client.get("/audit/").content.decode()
