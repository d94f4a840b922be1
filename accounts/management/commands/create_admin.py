from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils.crypto import get_random_string

from accounts import audit
from accounts.actors import Actor
from accounts.models import User


class Command(BaseCommand):
    help = "Create the first administrator and print the password, once. Does nothing where there is one already."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--username", default="admin")

    def handle(self, *args: Any, username: str, **options: Any) -> None:
        if User.objects.filter(is_superuser=True, is_active=True).exists():
            self.stdout.write("There is an administrator already; nothing was changed.")
            return
        password = get_random_string(20)
        person, made = User.objects.get_or_create(username=username)
        person.is_staff = person.is_superuser = person.is_active = True
        person.name = person.name or "Administrator"
        person.set_password(password)
        person.save()
        audit.record(Actor.system("first start"), "created" if made else "made an administrator", person)
        self.stdout.write("The first administrator (shown this once; change it under Administration):")
        self.stdout.write(f"  username: {username}\n  password: {password}")
