"""What the parts of the sales scenario share: its generator, its calendar, its customers."""

import re
import unicodedata
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.dataverse.records.dates import store_moment
from sandbox.scenarios.ground import Ground
from sandbox.scenarios.loader import Loader, Owner


@dataclass(frozen=True)
class Customer:
    """An account with its contacts' ids; the first is the primary one."""

    id: str
    name: str
    owner: Owner
    contacts: tuple[str, ...]


@dataclass
class Business:
    """One company's year. Lists fill up in the order in which things are made."""

    loader: Loader
    draw: Random
    ground: Ground
    today: datetime
    accounts: list[Customer] = field(default_factory=list)
    products: list[tuple[str, str, Decimal]] = field(default_factory=list)
    opportunities: list[tuple[str, Customer, datetime]] = field(default_factory=list)
    cases: list[tuple[str, Customer, datetime]] = field(default_factory=list)

    def id(self, kind: str, number: object) -> str:
        return self.loader.id("sales", kind, number)

    def account(self, name: str, owner: Owner, contacts: int) -> Customer:
        """Enter a new customer."""
        number = len(self.accounts)
        keys = tuple(self.id("contact", f"{number}/{position}") for position in range(contacts))
        self.accounts.append(Customer(self.id("account", number), name, owner, keys))
        return self.accounts[-1]

    def digits(self, pattern: str) -> str:
        return re.sub("#", lambda _: str(self.draw.randint(0, 9)), pattern)

    def address(self, given: str, family: str) -> str:
        """An e-mail address of somebody."""
        plain = unicodedata.normalize("NFKD", f"{given}.{family}".lower()).encode("ascii", "ignore").decode()
        return f"{re.sub(r'[^a-z]+', '.', plain).strip('.')}{self.draw.randint(1, 99)}@mail.example"

    def moment(self, most: int, least: int) -> datetime:
        """In office hours, between so many days ago."""
        day = self.today.replace(hour=8) - timedelta(days=self.draw.randint(least, most))
        while day.weekday() > 4:
            day -= timedelta(days=1)
        return day + timedelta(minutes=self.draw.randint(0, 540))

    def dates(self, made: datetime) -> dict[str, Any]:
        """When a row was made and last changed."""
        changed = min(made + timedelta(minutes=self.draw.randint(0, 40_000)), self.today)
        return {"createdon": store_moment(made), "modifiedon": store_moment(max(made, changed))}
