"""A company of medium size: some 2,400 accounts, 6,000 contacts, and a little of everything else."""

import re
import unicodedata
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.dataverse.records.dates import store_moment
from sandbox.scenarios.ground import UNITS, Colleague, Ground
from sandbox.scenarios.loader import Loader
from sandbox.scenarios.names import (
    COMPANY_FIRST,
    COMPANY_SECOND,
    FAMILY,
    FORMS,
    GIVEN,
    PLACES,
    STREETS,
    TITLES,
    UNUSUAL,
)

ACCOUNTS, CONTACTS = 2400, 6000
LEADS, OPPORTUNITIES, CASES, TASKS, NOTES, PRODUCTS, PROJECTS = 300, 600, 400, 800, 300, 60, 120
Row = dict[str, Any]
# Rows are dated before this moment, whenever the sandbox is first started.
BEGAN = datetime(2021, 1, 4, 8, tzinfo=UTC)
PERIOD = 4 * 365 * 24 * 3600


class SmallScenario:
    """Everything is drawn from one generator, so that a seed gives one world."""

    units, colleagues = UNITS, tuple[Colleague, ...]()

    def __init__(self, loader: Loader, ground: Ground, seed: int = 1) -> None:
        self.loader = loader
        self.ground = ground
        self.random = Random(f"{loader.name}/{seed}")  # noqa: S311 - believable, not secret

    def load(self) -> None:
        loader = self.loader
        loader.add("product", self._products())
        loader.add("account", self._accounts())
        loader.add("contact", self._contacts())
        loader.add("lead", self._leads())
        loader.add("opportunity", self._opportunities())
        loader.add("incident", self._cases())
        loader.add("task", self._tasks())
        loader.add("annotation", self._notes())
        loader.add("smp_project", self._projects())

    def _moment(self) -> str:
        return store_moment(BEGAN + timedelta(seconds=self.random.randrange(PERIOD)))

    def _day(self, first: int, last: int) -> str:
        return f"{self.random.randint(first, last)}-{self.random.randint(1, 12):02d}-{self.random.randint(1, 28):02d}"

    def _dates(self) -> Row:
        created = self._moment()
        return {"createdon": created, "modifiedon": max(created, self._moment())}

    def _digits(self, pattern: str) -> str:
        return re.sub("#", lambda _: str(self.random.randint(0, 9)), pattern)

    def _amount(self, low: int, high: int) -> Decimal:
        return Decimal(self.random.randint(low * 100, high * 100)).scaleb(-2)

    def _maybe(self, value: Any, chance: float = 0.7) -> Any:
        return value if self.random.random() < chance else None

    def _address(self) -> Row:
        city, region, country, postal, prefix = self.random.choice(PLACES)
        return {
            "address1_line1": f"{self.random.randint(1, 240)} {self.random.choice(STREETS)}",
            "address1_city": city,
            "address1_stateorprovince": region,
            "address1_country": country,
            "address1_postalcode": self._digits(postal),
            "telephone1": f"{prefix} {self._digits('### ####')}",
        }

    def account_id(self, number: int) -> str:
        return self.loader.id("account", number)

    def contact_id(self, number: int) -> str:
        return self.loader.id("contact", number)

    def _company(self, number: int) -> str:
        if number < len(UNUSUAL):
            return UNUSUAL[number]
        first, second = self.random.choice(COMPANY_FIRST), self.random.choice(COMPANY_SECOND)
        return f"{first} {second} {self.random.choice(FORMS)}".replace("_", " ")

    def _accounts(self) -> Iterator[Row]:
        draw = self.random
        for number in range(ACCOUNTS):
            name = self._company(number)
            site = re.sub(r"[^a-z0-9]+", "", name.lower()) or f"company{number}"
            inactive = draw.random() < 0.06
            yield {
                "accountid": self.account_id(number),
                "name": name,
                "accountnumber": f"AC-{number + 10001}",
                "ownerid": draw.choice(self.ground.owners),
                "primarycontactid": self._maybe(self.contact_id(draw.randrange(CONTACTS)), 0.8),
                "parentaccountid": self.account_id(draw.randrange(number))
                if number > 50 and draw.random() < 0.15
                else None,
                "industrycode": self._maybe(draw.randint(1, 33), 0.9),
                "accountcategorycode": self._maybe(draw.randint(1, 2), 0.6),
                "customertypecode": self._maybe(draw.randint(1, 12)),
                "ownershipcode": self._maybe(draw.randint(1, 4), 0.5),
                "paymenttermscode": self._maybe(draw.randint(1, 4), 0.5),
                "revenue": self._maybe(self._amount(50_000, 90_000_000), 0.85),
                "creditlimit": self._maybe(self._amount(1_000, 500_000), 0.4),
                "numberofemployees": self._maybe(draw.randint(1, 20_000), 0.8),
                "creditonhold": int(draw.random() < 0.04),
                "donotbulkemail": int(draw.random() < 0.2),
                "websiteurl": self._maybe(f"https://www.{site[:40]}.example"),
                "emailaddress1": self._maybe(f"info@{site[:40]}.example", 0.9),
                "description": self._maybe(
                    f"{name} has been with us since {draw.randint(1995, 2024)}.\nKeep in touch.", 0.3
                ),
                "statecode": int(inactive),
                "statuscode": 2 if inactive else 1,
                **self._address(),
                **self._dates(),
            }

    def _person(self) -> tuple[str, str]:
        return self.random.choice(GIVEN), self.random.choice(FAMILY).replace("_", " ")

    def _contacts(self) -> Iterator[Row]:
        draw = self.random
        for number in range(CONTACTS):
            given, family = self._person()
            at_person = draw.random() < 0.03
            employer = draw.randrange(ACCOUNTS)
            company = self.contact_id(draw.randrange(CONTACTS)) if at_person else self.account_id(employer)
            plain = (
                unicodedata.normalize("NFKD", f"{given}.{family}".lower()).encode("ascii", "ignore").decode()
            )
            local = re.sub(r"[^a-z]+", ".", plain).strip(".")
            yield {
                "contactid": self.contact_id(number),
                "firstname": given,
                "lastname": family,
                "ownerid": draw.choice(self.ground.owners),
                "parentcustomerid": self._maybe(company, 0.92),
                "parentcustomerid$type": "contact" if at_person else "account",
                "jobtitle": self._maybe(draw.choice(TITLES), 0.85),
                "emailaddress1": self._maybe(f"{local}{number}@mail.example", 0.95),
                "mobilephone": self._maybe(self._digits("+49 15# #######"), 0.6),
                "birthdate": self._maybe(self._day(1950, 2004), 0.5),
                "anniversary": self._maybe(self._day(1990, 2024), 0.1),
                "gendercode": self._maybe(draw.randint(1, 2), 0.6),
                "familystatuscode": self._maybe(draw.randint(1, 4), 0.4),
                "preferredcontactmethodcode": draw.randint(1, 5),
                "annualincome": self._maybe(self._amount(18_000, 400_000), 0.3),
                "donotphone": int(draw.random() < 0.1),
                **self._address(),
                **self._dates(),
            }

    def _leads(self) -> Iterator[Row]:
        draw = self.random
        for number in range(LEADS):
            given, family = self._person()
            state = draw.choice([(0, 1), (0, 2), (1, 3), (2, 4), (2, 6)])
            yield {
                "leadid": self.loader.id("lead", number),
                "subject": f"Interested in {draw.choice(COMPANY_SECOND).lower()}",
                "firstname": given,
                "lastname": family,
                "companyname": self._company(number + 100),
                "ownerid": draw.choice(self.ground.users),
                "leadsourcecode": draw.randint(1, 10),
                "leadqualitycode": draw.randint(1, 3),
                "estimatedamount": self._maybe(self._amount(500, 90_000)),
                "estimatedclosedate": self._maybe(self._day(2025, 2027)),
                "statecode": state[0],
                "statuscode": state[1],
                **self._dates(),
            }

    def _opportunities(self) -> Iterator[Row]:
        draw = self.random
        for number in range(OPPORTUNITIES):
            state = draw.choice([(0, 1), (0, 1), (0, 2), (1, 3), (2, 4), (2, 5)])
            account = self.account_id(draw.randrange(ACCOUNTS))
            value = self._amount(1_000, 900_000)
            yield {
                "opportunityid": self.loader.id("opportunity", number),
                "name": f"{draw.randint(2, 900)} x {draw.choice(COMPANY_SECOND).lower()}",
                "customerid": account,
                "customerid$type": "account",
                "parentaccountid": account,
                "parentcontactid": self._maybe(self.contact_id(draw.randrange(CONTACTS))),
                "ownerid": draw.choice(self.ground.users),
                "estimatedvalue": value,
                "actualvalue": value if state[0] == 1 else None,
                "closeprobability": draw.randint(0, 20) * 5,
                "estimatedclosedate": self._day(2024, 2027),
                "statecode": state[0],
                "statuscode": state[1],
                **self._dates(),
            }

    def _cases(self) -> Iterator[Row]:
        draw = self.random
        problems = (
            "Delivery is late",
            "Invoice is wrong",
            "Machine does not start",
            "Please call back",
            "Part missing",
        )
        for number in range(CASES):
            state = draw.choice([(0, 1), (0, 2), (0, 3), (1, 5), (2, 6)])
            yield {
                "incidentid": self.loader.id("incident", number),
                "title": f"{draw.choice(problems)} ({number + 1})",
                "ticketnumber": f"CAS-{number + 1001:05d}-{self._digits('S##X')}",
                "customerid": self.account_id(draw.randrange(ACCOUNTS)),
                "customerid$type": "account",
                "primarycontactid": self._maybe(self.contact_id(draw.randrange(CONTACTS))),
                "ownerid": draw.choice(self.ground.owners),
                "prioritycode": draw.randint(1, 3),
                "caseorigincode": draw.randint(1, 3),
                "casetypecode": self._maybe(draw.randint(1, 3)),
                "statecode": state[0],
                "statuscode": state[1],
                **self._dates(),
            }

    def _tasks(self) -> Iterator[Row]:
        draw = self.random
        subjects = (
            "Call back",
            "Send offer",
            "Prepare visit",
            "Check invoice",
            "Ask about order",
            "Renew contract",
        )
        for number in range(TASKS):
            state = draw.choice([(0, 2), (0, 3), (1, 5), (2, 6)])
            yield {
                "activityid": self.loader.id("task", number),
                "activitytypecode": "task",
                "subject": draw.choice(subjects),
                "regardingobjectid": self.account_id(draw.randrange(ACCOUNTS)),
                "regardingobjectid$type": "account",
                "ownerid": draw.choice(self.ground.users),
                "scheduledend": self._moment(),
                "prioritycode": draw.randint(0, 2),
                "statecode": state[0],
                "statuscode": state[1],
                **self._dates(),
            }

    def _notes(self) -> Iterator[Row]:
        for number in range(NOTES):
            yield {
                "annotationid": self.loader.id("annotation", number),
                "subject": f"Note {number + 1}",
                "notetext": "Spoke on the phone; wants a quote by Friday.",
                "objectid": self.contact_id(self.random.randrange(CONTACTS)),
                "objectid$type": "contact",
                "ownerid": self.random.choice(self.ground.users),
                **self._dates(),
            }

    def _products(self) -> Iterator[Row]:
        for number in range(PRODUCTS):
            yield {
                "productid": self.loader.id("product", number),
                "name": f"{self.random.choice(COMPANY_FIRST)} {self.random.choice(COMPANY_SECOND)} Kit".replace(
                    "_", " "
                ),
                "productnumber": f"P-{number + 1:04d}",
                "price": self._amount(5, 4000),
                "quantityonhand": Decimal(self.random.randint(0, 10_000)),
                **self._dates(),
            }

    def _projects(self) -> Iterator[Row]:
        draw = self.random
        for number in range(PROJECTS):
            channels = sorted(draw.sample(range(727000000, 727000004), draw.randint(0, 3)))
            yield {
                "smp_projectid": self.loader.id("project", number),
                "smp_name": f"Project {draw.choice(COMPANY_FIRST).replace('_', ' ')} {number + 1}",
                "smp_code": f"PRJ-{number + 1:04d}",
                "smp_channels": ",".join(map(str, channels)) or None,
                "smp_effort": Decimal(draw.randint(-10_000, 9_000_000)).scaleb(-4),
                "smp_budget": self._amount(1_000, 2_000_000),
                "smp_startson": self._day(2022, 2025),
                "smp_accountid": self.account_id(draw.randrange(ACCOUNTS)),
                "smp_parentprojectid": self.loader.id("project", draw.randrange(number))
                if number > 5 and draw.random() < 0.3
                else None,
                "ownerid": draw.choice(self.ground.users),
                **self._dates(),
            }
