"""Who wrote, called and met whom: activities with their parties, and notes."""

from datetime import datetime, timedelta
from typing import Any

from sandbox.dataverse.records.dates import store_moment
from sandbox.scenarios.business import Business, Customer

Row = dict[str, Any]
SENDER, TO, REQUIRED, ORGANIZER = 1, 2, 5, 7
EMAILS = (
    ("Our offer", "Dear customer,\nplease find our offer attached. It is valid for 60 days."),
    ("Your visit last week", "Thank you for showing us your kitchen. I will be back with numbers."),
    ("Delivery date", "The machine leaves our warehouse on Thursday."),
)
CALLS = (
    "First call",
    "Asked about budget",
    "Clarified delivery",
    "Reminder of the offer",
    "Satisfaction call",
)
MEETINGS = ("Demonstration at the customer's", "Tasting", "Contract talks", "Yearly review")
TASKS = ("Prepare offer", "Check stock", "Send contract", "Update forecast")
NOTES = (
    "Wants to decide before summer.",
    "Competitor offers leasing.",
    "Kitchen has no water pipe; ask technician.",
)


class Correspondence:
    """Collects activities and their parties."""

    def __init__(self, business: Business) -> None:
        self.business = business
        self.draw = business.draw
        names = ("task", "phonecall", "email", "appointment", "activityparty", "annotation")
        self.rows: dict[str, list[Row]] = {name: [] for name in names}

    def about(self, table: str, key: str, customer: Customer, began: datetime) -> None:
        """What happened about one opportunity or case."""
        moment = began
        for _ in range(self.draw.randint(1, 4)):
            moment += timedelta(days=self.draw.randint(1, 15))
            kind = self.draw.choice(("email", "phonecall", "task", "appointment"))
            self._activity(kind, table, key, customer, moment)
        if self.draw.random() < 0.3:
            note = {"subject": "Note", "notetext": self.draw.choice(NOTES), "ownerid": customer.owner}
            subject = {"objectid": key, "objectid$type": table}
            number = len(self.rows["annotation"])
            self.rows["annotation"].append(
                {
                    "annotationid": self.business.id("note", number),
                    **note,
                    **subject,
                    **self.business.dates(began),
                }
            )

    def _activity(self, kind: str, table: str, key: str, customer: Customer, moment: datetime) -> None:
        number = len(self.rows[kind])
        activity = self.business.id(kind, number)
        done = moment < self.business.today
        row: Row = {
            "activityid": activity,
            "regardingobjectid": key,
            "regardingobjectid$type": table,
            "ownerid": customer.owner,
            "scheduledstart": store_moment(moment),
            "scheduledend": store_moment(moment + timedelta(minutes=30)),
            "actualend": store_moment(moment) if done else None,
            **self.business.dates(min(moment, self.business.today)),
        }
        self.rows[kind].append(row | getattr(self, f"_{kind}")(done))
        contact = self.draw.choice(customer.contacts)
        if kind == "appointment":
            self._party(activity, kind, ORGANIZER, "systemuser", customer.owner.id, customer)
            self._party(activity, kind, REQUIRED, "contact", contact, customer)
        elif kind != "task":
            self._party(activity, kind, SENDER, "systemuser", customer.owner.id, customer)
            self._party(activity, kind, TO, "contact", contact, customer)

    def _task(self, done: bool) -> Row:
        return {"subject": self.draw.choice(TASKS), "statecode": int(done), "statuscode": 5 if done else 2}

    def _phonecall(self, done: bool) -> Row:
        state = {"statecode": 1, "statuscode": 2} if done else {"statecode": 0, "statuscode": 1}
        return {"subject": self.draw.choice(CALLS), "directioncode": 1, **state}

    def _email(self, done: bool) -> Row:
        subject, text = self.draw.choice(EMAILS)
        state = {"statecode": 1, "statuscode": 3} if done else {"statecode": 0, "statuscode": 1}
        return {"subject": subject, "description": text, "directioncode": 1, **state}

    def _appointment(self, done: bool) -> Row:
        state = {"statecode": 1, "statuscode": 3} if done else {"statecode": 3, "statuscode": 5}
        return {"subject": self.draw.choice(MEETINGS), "location": "At the customer's", **state}

    def _party(self, activity: str, kind: str, mask: int, table: str, key: str, customer: Customer) -> None:  # noqa: PLR0917
        self.rows["activityparty"].append(
            {
                "activitypartyid": self.business.id("party", f"{activity}/{mask}"),
                "activityid": activity,
                "activityid$type": kind,
                "partyid": key,
                "partyid$type": table,
                "participationtypemask": mask,
                "ownerid": customer.owner,
            }
        )


def add_correspondence(business: Business) -> None:
    """Load the activities about all opportunities and cases."""
    letters = Correspondence(business)
    for key, customer, began in business.opportunities:
        letters.about("opportunity", key, customer, began)
    for key, customer, began in business.cases:
        letters.about("incident", key, customer, began)
    for table, rows in letters.rows.items():
        business.loader.add(table, rows)
