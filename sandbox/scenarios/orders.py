"""Opportunities with their products; quotes for the serious ones, orders and invoices for those won."""

from datetime import datetime, timedelta
from decimal import Decimal
from typing import Any

from sandbox.scenarios.business import Business, Customer

Row = dict[str, Any]
Line = tuple[str, str, int, Decimal]
TABLES = {
    "opportunity": ("opportunityproduct", "opportunityid"),
    "quote": ("quotedetail", "quoteid"),
    "salesorder": ("salesorderdetail", "salesorderid"),
    "invoice": ("invoicedetail", "invoiceid"),
}


class Pipeline:
    """Collects rows by table, to load them parents first."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.draw = business.draw
        self.rows: dict[str, list[Row]] = {
            name: [] for pair in TABLES.items() for name in (pair[0], pair[1][0])
        }

    def opportunity(self, number: int) -> None:
        business, draw = self.business, self.draw
        customer = draw.choice(business.accounts)
        made = business.moment(420, 2)
        lines = self._lines()
        total = _total(lines)
        close = made + timedelta(days=draw.randint(20, 110))
        closed = close < business.today
        state = draw.choice(((1, 3), (1, 3), (2, 4), (2, 5))) if closed else (0, draw.choice((1, 1, 1, 2)))
        stage = 3 if closed else min(3, (business.today - made).days // 25)
        won = state[0] == 1
        key = business.id("opportunity", number)
        business.opportunities.append((key, customer, made))
        self._add(
            "opportunity",
            key,
            lines,
            {
                "name": f"{lines[0][2]} x {lines[0][1]}",
                **_customer(customer),
                "parentaccountid": customer.id,
                "parentcontactid": customer.contacts[0],
                "pricelevelid": business.id("pricelevel", 0),
                "isrevenuesystemcalculated": 1,
                "estimatedvalue": total,
                "actualvalue": total if won else None,
                "totalamount": total,
                "totallineitemamount": total,
                "closeprobability": (100 if won else 0) if closed else (10, 30, 60, 80)[stage],
                "salesstage": stage,
                "opportunityratingcode": draw.choice((1, 2, 2, 3)),
                "estimatedclosedate": close.date().isoformat(),
                "actualclosedate": close.date().isoformat() if closed else None,
                "ownerid": customer.owner,
                "statecode": state[0],
                "statuscode": state[1],
                **business.dates(made),
            },
        )
        if closed or stage >= 2:
            self._papers(number, customer, lines, made=made, close=close, won=won, closed=closed)

    def _papers(
        self,
        number: int,
        customer: Customer,
        lines: list[Line],
        *,
        made: datetime,
        close: datetime,
        won: bool,
        closed: bool,
    ) -> None:
        """What is written down: a quote, and after a success an order and an invoice."""
        offered = made + (close - made) / 2
        state = (2, 4) if won else (3, 5) if closed else (1, 2)
        common: Row = {
            "name": f"{lines[0][2]} x {lines[0][1]}",
            "opportunityid": self.business.id("opportunity", number),
        }
        quote = self.business.id("quote", number)
        dates = {
            "effectivefrom": offered.date().isoformat(),
            "effectiveto": (offered + timedelta(days=60)).date().isoformat(),
        }
        facts: Row = {"quotenumber": f"QUO-{number + 1001:05d}-{self.business.digits('A##C')}", **dates}
        self._document(
            "quote",
            quote,
            customer,
            lines,
            made=min(offered, self.business.today),
            state=state,
            facts=common | facts,
        )
        if not won:
            return
        order = self.business.id("salesorder", number)
        billed = close + timedelta(days=10) < self.business.today
        delivered = (close + timedelta(days=9)).date().isoformat() if billed else None
        facts = {
            "ordernumber": f"ORD-{number + 1001:05d}-{self.business.digits('B##D')}",
            "quoteid": quote,
            "datefulfilled": delivered,
        }
        state = (4, 100003) if billed else (0, 1)
        self._document("salesorder", order, customer, lines, made=close, state=state, facts=common | facts)
        if not billed:
            return
        paid = close + timedelta(days=45) < self.business.today and self.draw.random() < 0.9
        due = (close + timedelta(days=40)).date().isoformat()
        facts = {
            "invoicenumber": f"INV-{number + 1001:05d}-{self.business.digits('C##E')}",
            "salesorderid": order,
            "duedate": due,
        }
        state = (2, 100001) if paid else (0, 4)
        made = close + timedelta(days=10)
        self._document(
            "invoice",
            self.business.id("invoice", number),
            customer,
            lines,
            made=made,
            state=state,
            facts=common | facts,
        )

    def _document(
        self,
        table: str,
        key: str,
        customer: Customer,
        lines: list[Line],
        *,
        made: datetime,
        state: tuple[int, int],
        facts: Row,
    ) -> None:
        total = _total(lines)
        self._add(
            table,
            key,
            lines,
            {
                **facts,
                **_customer(customer),
                "pricelevelid": self.business.id("pricelevel", 0),
                "totallineitemamount": total,
                "totalamountlessfreight": total,
                "totalamount": total,
                "paymenttermscode": 1,
                "ownerid": customer.owner,
                "statecode": state[0],
                "statuscode": state[1],
                **self.business.dates(made),
            },
        )

    def _lines(self) -> list[Line]:
        draw = self.draw
        machine = draw.choice(self.business.products[:4])
        chosen = [machine, *draw.sample(self.business.products[4:], draw.randint(0, 3))]
        return [(key, name, draw.choice((1, 1, 2, 3, 5)), price) for key, name, price in chosen]

    def _add(self, table: str, key: str, lines: list[Line], row: Row) -> None:
        self.rows[table].append({f"{table}id": key, **row})
        detail, parent = TABLES[table]
        for position, (product, name, count, price) in enumerate(lines, start=1):
            self.rows[detail].append(
                {
                    f"{detail}id": self.business.id(detail, f"{key}/{position}"),
                    f"{detail}name": name,
                    parent: key,
                    "productid": product,
                    "uomid": self.business.id("uom", 0),
                    "quantity": Decimal(count),
                    "priceperunit": price,
                    "baseamount": count * price,
                    "extendedamount": count * price,
                    "lineitemnumber": position,
                    "ownerid": row["ownerid"],
                    "createdon": row["createdon"],
                    "modifiedon": row["modifiedon"],
                }
            )


def add_orders(business: Business, count: int) -> None:
    """Load so many opportunities and what follows from them."""
    pipeline = Pipeline(business)
    for number in range(count):
        pipeline.opportunity(number)
    for table, rows in pipeline.rows.items():
        business.loader.add(table, rows)


def _customer(customer: Customer) -> Row:
    return {"customerid": customer.id, "customerid$type": "account"}


def _total(lines: list[Line]) -> Decimal:
    return sum((count * price for _, _, count, price in lines), Decimal(0))
