"""A company that one can imagine: Contoso sells coffee machines to offices and cafés, and looks after them.

Leads become opportunities with products, won ones become orders and invoices, machines break and cases are
opened, and people write, call and meet. Amounts add up, and what is late is late in the right order.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from random import Random
from typing import Any

from sandbox.dataverse.records.dates import store_moment
from sandbox.scenarios.business import Business
from sandbox.scenarios.correspondence import add_correspondence
from sandbox.scenarios.ground import ROOT, UNITS, Colleague, Ground
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
)
from sandbox.scenarios.orders import add_orders

ACCOUNTS, CASES, LEADS, OPPORTUNITIES = 180, 240, 160, 220
# Everything happens in the two years before this day.
TODAY = datetime(2025, 6, 2, 9, tzinfo=UTC)
AMERICAS = frozenset({"U.S.", "Canada", "Brazil"})
Row = dict[str, Any]

PRODUCTS = (
    ("CM-200", "Aroma 200 Office", 1490, "Machine for up to 20 people"),
    ("CM-350", "Aroma 350 Office Plus", 2390, "Machine for up to 50 people, with fresh milk"),
    ("CM-500", "Aroma 500 Bistro", 4890, "Two groups, for cafés"),
    ("CM-700", "Aroma 700 Barista", 8950, "Three groups, dual boiler"),
    ("GR-10", "Grind 10", 420, "Grinder"),
    ("GR-20", "Grind 20 Silent", 690, "Quiet grinder"),
    ("WF-1", "Pure water filter", 89, "Changed twice a year"),
    ("BN-HS", "House blend, 10 kg", 158, "Beans"),
    ("BN-DC", "Decaf blend, 10 kg", 172, "Beans"),
    ("SV-STD", "Service contract Standard", 360, "One visit a year"),
    ("SV-PRM", "Service contract Premium", 780, "Four visits a year, next-day repair"),
    ("TR-DAY", "Barista training, one day", 650, "Up to eight people"),
)
PROBLEMS = (
    ("Machine does not heat", 2, 1),
    ("Water leaks under the machine", 2, 1),
    ("Grinder is jammed", 2, 2),
    ("Milk froth is too thin", 1, 3),
    ("How do I descale?", 1, 3),
    ("Delivery is incomplete", 3, 2),
    ("Invoice shows the wrong address", 3, 2),
    ("Please move our service visit", 3, 3),
)


class SalesScenario:
    """Everything is drawn from one generator, so that a seed gives one world."""

    units = {**UNITS, "Sales Europe": "Sales", "Sales Americas": "Sales", "Support Desk": "Service"}
    colleagues = (
        Colleague("Helena", "Brandt", "Head of Sales", "Salesperson", "Sales"),
        Colleague("Matteo", "Ricci", "Account Manager", "Salesperson", "Sales Europe", "Helena Brandt"),
        Colleague("Sofie", "Lindqvist", "Account Manager", "Salesperson", "Sales Europe", "Helena Brandt"),
        Colleague("Tomas", "Horak", "Account Manager", "Salesperson", "Sales Europe", "Helena Brandt"),
        Colleague("Grace", "Whitfield", "Account Manager", "Salesperson", "Sales Americas", "Helena Brandt"),
        Colleague("Luis", "Herrera", "Account Manager", "Salesperson", "Sales Americas", "Helena Brandt"),
        Colleague("Priya", "Raman", "Service Manager", "Basic User", "Service"),
        Colleague("Owen", "Baxter", "Service Technician", "Basic User", "Support Desk", "Priya Raman"),
        Colleague("Yuna", "Sato", "Service Technician", "Basic User", "Support Desk", "Priya Raman"),
        Colleague("Ilse", "Vermeer", "Controller", "Basic User", ROOT),
    )

    def __init__(self, loader: Loader, ground: Ground, seed: int = 1) -> None:
        self.business = Business(loader, Random(f"sales/{loader.name}/{seed}"), ground, TODAY)  # noqa: S311
        self.loader, self.draw = loader, self.business.draw
        found = ground.colleagues
        self.europe = [found[name] for name in ("Matteo Ricci", "Sofie Lindqvist", "Tomas Horak")]
        self.americas = [found[name] for name in ("Grace Whitfield", "Luis Herrera")]
        self.support = [found[name] for name in ("Owen Baxter", "Yuna Sato", "Priya Raman")]

    def load(self) -> None:
        loader, business = self.loader, self.business
        self._catalogue()
        loader.add("account", self._accounts())
        loader.add("contact", self._contacts())
        loader.add("lead", self._leads())
        add_orders(business, OPPORTUNITIES)
        loader.add("incident", self._cases())
        add_correspondence(business)

    def _catalogue(self) -> None:
        loader, business = self.loader, self.business
        schedule, unit, prices = (
            business.id("uomschedule", 0),
            business.id("uom", 0),
            business.id("pricelevel", 0),
        )
        loader.add("uomschedule", [{"uomscheduleid": schedule, "name": "Pieces", "baseuomname": "Piece"}])
        piece = {"uomid": unit, "name": "Piece", "quantity": Decimal(1), "isschedulebaseuom": 1}
        loader.add("uom", [piece | {"uomscheduleid": schedule}])
        loader.add(
            "pricelevel", [{"pricelevelid": prices, "name": "List prices 2025", "begindate": "2025-01-01"}]
        )
        products, levels = [], []
        for number, (code, name, price, text) in enumerate(PRODUCTS):
            key = business.id("product", number)
            business.products.append((key, name, Decimal(price)))
            products.append(
                {
                    "productid": key,
                    "name": name,
                    "productnumber": code,
                    "description": text,
                    "price": Decimal(price),
                    "producttypecode": 3 if code[:2] in {"SV", "TR"} else 1,
                    "quantityonhand": Decimal(self.draw.randint(0, 400)),
                    "defaultuomid": unit,
                    "defaultuomscheduleid": schedule,
                    "pricelevelid": prices,
                }
            )
            levels.append(
                {
                    "productpricelevelid": business.id("productpricelevel", number),
                    "pricelevelid": prices,
                    "productid": key,
                    "uomid": unit,
                    "amount": Decimal(price),
                    "productnumber": code,
                }
            )
        loader.add("product", products)
        loader.add("productpricelevel", levels)

    def _accounts(self) -> Iterator[Row]:
        draw, business = self.draw, self.business
        names = [f"{a} {b}".replace("_", " ") for a in COMPANY_FIRST for b in COMPANY_SECOND]
        for number, name in enumerate(draw.sample(names, ACCOUNTS)):
            city, region, country, postal, prefix = draw.choice(PLACES)
            owner = draw.choice(self.americas if country in AMERICAS else self.europe)
            people = draw.choice((8, 15, 25, 40, 70, 120, 300, 900))
            key = business.account(f"{name} {draw.choice(FORMS)}", owner, draw.randint(1, 4))
            site = f"{name.lower().replace(' ', '')}.example"
            yield {
                "accountid": key.id,
                "name": key.name,
                "accountnumber": f"C-{number + 2001}",
                "ownerid": owner,
                "primarycontactid": key.contacts[0],
                "parentaccountid": business.accounts[number // 2].id
                if number > 20 and number % 9 == 0
                else None,
                "customertypecode": 3,
                "industrycode": draw.choice((6, 13, 16, 19, 25, 33)),
                "numberofemployees": people,
                "revenue": Decimal(people * draw.randint(60_000, 140_000)),
                "paymenttermscode": draw.choice((1, 1, 1, 3, 4)),
                "websiteurl": f"https://www.{site}",
                "emailaddress1": f"office@{site}",
                "telephone1": f"{prefix} {business.digits('### ####')}",
                "address1_line1": f"{draw.randint(1, 220)} {draw.choice(STREETS)}",
                "address1_city": city,
                "address1_stateorprovince": region,
                "address1_country": country,
                "address1_postalcode": business.digits(postal),
                **business.dates(business.moment(720, 300)),
            }

    def _contacts(self) -> Iterator[Row]:
        draw = self.draw
        for account in self.business.accounts:
            for position, key in enumerate(account.contacts):
                given, family = draw.choice(GIVEN), draw.choice(FAMILY).replace("_", " ")
                yield {
                    "contactid": key,
                    "firstname": given,
                    "lastname": family,
                    "jobtitle": "Owner" if not position and draw.random() < 0.3 else draw.choice(TITLES),
                    "parentcustomerid": account.id,
                    "parentcustomerid$type": "account",
                    "ownerid": account.owner,
                    "emailaddress1": self.business.address(given, family),
                    "mobilephone": self.business.digits("+49 15# #######"),
                    "accountrolecode": 1 if not position else draw.choice((2, 3)),
                    "preferredcontactmethodcode": draw.choice((1, 2, 3)),
                    **self.business.dates(self.business.moment(700, 280)),
                }

    def _leads(self) -> Iterator[Row]:
        draw, business = self.draw, self.business
        for number in range(LEADS):
            made = business.moment(400, 1)
            age = (TODAY - made).days
            state = (0, draw.choice((1, 2))) if age < 60 else draw.choice(((1, 3), (2, 4), (2, 5), (2, 6)))
            given, family = draw.choice(GIVEN), draw.choice(FAMILY).replace("_", " ")
            company = f"{draw.choice(COMPANY_FIRST)} {draw.choice(COMPANY_SECOND)}".replace("_", " ")
            yield {
                "leadid": business.id("lead", number),
                "subject": f"{draw.choice(PRODUCTS)[1]} for {company}",
                "firstname": given,
                "lastname": family,
                "companyname": company,
                "emailaddress1": business.address(given, family),
                "leadsourcecode": draw.choice((2, 7, 8, 8, 8, 9)),
                "leadqualitycode": draw.choice((1, 2, 2, 3)),
                "estimatedamount": Decimal(draw.randint(10, 160) * 100),
                "estimatedclosedate": (made + timedelta(days=draw.randint(30, 120))).date().isoformat(),
                "numberofemployees": draw.choice((10, 30, 80, 200)),
                "ownerid": draw.choice(self.europe + self.americas),
                "statecode": state[0],
                "statuscode": state[1],
                **business.dates(made),
            }

    def _cases(self) -> Iterator[Row]:
        draw, business = self.draw, self.business
        for number in range(CASES):
            account = draw.choice(business.accounts)
            made = business.moment(360, 0)
            text, kind, priority = draw.choice(PROBLEMS)
            age = (TODAY - made).days
            state = (
                (1, draw.choice((5, 5, 1000)))
                if age > 14 or draw.random() < 0.4
                else (0, draw.choice((1, 2, 3)))
            )
            business.cases.append((business.id("incident", number), account, made))
            yield {
                "incidentid": business.id("incident", number),
                "title": text,
                "ticketnumber": f"CAS-{number + 1001:05d}-{business.digits('S##X')}",
                "description": f"{text}. {draw.choice(PRODUCTS[:4])[1]}, reported by {account.name}.",
                "customerid": account.id,
                "customerid$type": "account",
                "primarycontactid": draw.choice(account.contacts),
                "productid": draw.choice(business.products[:6])[0],
                "casetypecode": kind,
                "prioritycode": priority,
                "caseorigincode": draw.choice((1, 1, 2, 2, 3)),
                "resolveby": store_moment(made + timedelta(days=priority * 2)),
                "ownerid": draw.choice(self.support),
                "statecode": state[0],
                "statuscode": state[1],
                **business.dates(made),
            }
