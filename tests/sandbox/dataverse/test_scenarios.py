"""What a new environment is filled with: the same every time, and hanging together."""

from decimal import Decimal

import pytest

from sandbox.dataverse.records.decimals import load_decimal, load_money
from sandbox.world import World


def organization(folder, scenario):
    return World(folder, scenario=scenario).environment("contoso").organization


@pytest.fixture(scope="module")
def sales(tmp_path_factory):
    there = organization(tmp_path_factory.mktemp("sales"), "sales")
    yield there.read()
    there.database.close()


def dump(connection):
    rows = {}
    for table in (
        "account",
        "contact",
        "opportunity",
        "salesorderdetail",
        "email",
        "activityparty",
        "systemuser",
    ):
        cursor = connection.execute(f"SELECT * FROM {table} ORDER BY 1")
        names = [column[0] for column in cursor.description]
        timeless = [
            n for n in names if n not in {"createdon", "modifiedon", "versionnumber"} or table != "systemuser"
        ]
        rows[table] = [tuple(row[name] for name in timeless) for row in cursor]
    return rows


def test_the_same_seed_gives_the_same_company(sales, tmp_path):
    assert dump(sales) == dump(organization(tmp_path, "sales").read())


def test_amounts_add_up(sales):
    for table, detail, key in (("opportunity", "opportunityproduct", "opportunityid"), ("quote", "quotedetail", "quoteid"),
                               ("salesorder", "salesorderdetail", "salesorderid"), ("invoice", "invoicedetail", "invoiceid")):  # fmt: skip
        rows = sales.execute(f"SELECT {key}, totalamount FROM {table}").fetchall()
        assert rows
        for row in rows:
            lines = sales.execute(
                f"SELECT quantity, priceperunit, extendedamount FROM {detail} WHERE {key} = ?", (row[0],)
            ).fetchall()
            assert lines
            assert sum(load_money(line[2]) for line in lines) == load_money(row[1])
            assert all(
                load_decimal(line[0], 5) * load_money(line[1]) == load_money(line[2]) for line in lines
            )
    assert sales.execute("SELECT sum(estimatedvalue) FROM opportunity").fetchone()[0] > Decimal(0)


def test_orders_follow_from_what_was_won(sales):
    won = {row[0] for row in sales.execute("SELECT opportunityid FROM opportunity WHERE statecode = 1")}
    assert {row[0] for row in sales.execute("SELECT opportunityid FROM salesorder")} == won
    assert {row[0] for row in sales.execute("SELECT opportunityid FROM invoice")} <= won
    late = "SELECT count(*) FROM opportunity o JOIN salesorder s USING (opportunityid) WHERE s.createdon < o.createdon"
    assert sales.execute(late).fetchone()[0] == 0


@pytest.mark.parametrize("scenario", ["sales", "small"])
def test_every_link_leads_somewhere(scenario, sales, sandbox, tmp_path):
    there = (
        organization(tmp_path, "sales")
        if scenario == "sales"
        else sandbox.environment("contoso").organization
    )
    connection, snapshot = there.read(), there.snapshot
    for entity in snapshot.entities.values():
        if entity.table.is_view:
            continue
        for column in entity.lookups:
            companion = f'AND "{column.name}$type" = ?' if column.is_polymorphic else ""
            for target in column.targets:
                if target not in snapshot.entities:
                    continue
                other = snapshot.entities[target]
                lost = connection.execute(
                    f'SELECT count(*) FROM "{entity.name}" WHERE "{column.name}" IS NOT NULL {companion}'
                    f' AND "{column.name}" NOT IN (SELECT "{other.id}" FROM "{target}")',
                    (target,) if companion else (),
                ).fetchone()[0]
                assert not lost, f"{entity.name}.{column.name} -> {target}"


def test_people_sit_in_several_units_with_roles(sales):
    found = sales.execute(
        "SELECT u.name, count(*) FROM systemuser s JOIN businessunit u USING (businessunitid) GROUP BY 1"
    ).fetchall()
    assert {row[0] for row in found} >= {
        "Contoso Sales",
        "Sales",
        "Sales Europe",
        "Sales Americas",
        "Support Desk",
    }
    without = (
        "SELECT count(*) FROM systemuser WHERE systemuserid NOT IN (SELECT systemuserid FROM systemuserroles)"
    )
    assert sales.execute(without).fetchone()[0] == 0
    wrong = ("SELECT count(*) FROM systemuserroles ur JOIN role r USING (roleid) JOIN systemuser u USING (systemuserid)"
             " WHERE r.businessunitid <> u.businessunitid")  # fmt: skip
    assert sales.execute(wrong).fetchone()[0] == 0


@pytest.mark.long
def test_large_is_large_and_kept(tmp_path, monkeypatch):
    monkeypatch.setenv("SANDBOX_CACHE", str(tmp_path / "cache"))
    kept = []
    for folder in ("first", "second"):
        there = organization(tmp_path / folder, "large")
        assert len(there.snapshot.entities) == 900
        counts = there.read().execute("SELECT count(*), count(DISTINCT accountid) FROM account").fetchone()
        assert tuple(counts) == (200_000, 200_000)
        kept.append([path.name for path in (tmp_path / "cache").iterdir()])
    assert len(kept[0]) == 1
    assert kept[0] == kept[1]
