"""Values as cells of files and back: every kind, in CSV and Excel, as labels and as they are."""

import io
import json
import time
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.problems import BadInput
from entities.bulk.mapping import customs_of, suggested
from entities.bulk.texts import said
from entities.bulk.understanding import Customs, Named, understood
from entities.tables.reading import Reading, distinct, open_table
from entities.tables.safety import guarded, unguarded
from entities.tables.writers import WRITERS
from integrations.records import Link
from integrations.values.scalars import Unfit
from tests.integrations.samples import ATTRIBUTES, entity

BERLIN = ZoneInfo("Europe/Berlin")
ID = "0a1b2c3d-0000-4000-8000-000000000001"
DIFFICULT = {
    "notes": [
        "=1+1", "'=1+1", "''=x", "+49 30 1234", "-5", "@sum", "\tTab", "'quoted'", "0012", "1e5", "true", "a,b;c|d\te",
        'say "yes"', "two\nlines", "three\n\n\nlines", "naïve 🌊👩‍👩‍👧 עִבְרִית سطر", " blanks ", "_x0041_", "2025-01-02", "NULL",
        "x" * 2000,
    ],
    "employees": [0, 1, 1_000_000],
    "version": [2**62, -(2**62)],
    "revenue": [Decimal("922337203685477.0000"), Decimal(-922337203685477), Decimal("0.0001"), Decimal("1234.5")],
    "rate": [Decimal(-100000000000), Decimal("0.0000000001"), Decimal("99999999999.9999999999")],
    "longitude": [0.1, -179.99999, 1e-7, 12.0],
    "on_hold": [True, False],
    "colours": [[1], [1, 7, 2]],
    "state": [0, 1],
    "birthday": [date(1753, 1, 1), date(1900, 1, 1), date(1900, 2, 28), date(1900, 3, 1), date(9999, 12, 30)],
    "meeting": [
        datetime(1753, 1, 2, tzinfo=UTC), datetime(2024, 10, 27, 0, 30, tzinfo=UTC), datetime(2024, 10, 27, 1, 30, tzinfo=UTC),
        datetime(2024, 3, 31, 1, 0, tzinfo=UTC), datetime(2024, 7, 1, 12, 0, 1, tzinfo=UTC),
    ],
    "opening": [datetime(1753, 1, 1), datetime(2024, 7, 1, 12, 0, 59)],  # noqa: DTZ001  it has no zone
    "contact": [Link(ID, "contact")],
    "customer": [Link(ID, "account"), Link(ID, "contact")],
    "process": [ID],
}  # fmt: skip


def through(form, cells):
    """What a file of one column holds after it was written and read."""
    writer = WRITERS[form](["Header"])
    taken = []
    for cell in cells:
        writer.row([cell])
        taken.append(writer.taken())
    stream = io.BytesIO(b"".join([*taken, *writer.close()]))
    return [line.cells[0] for line in open_table(stream).rows()]


def plain(value):
    return (value.entity, value.id) if isinstance(value, Link) else value


@pytest.mark.parametrize("labels", [True, False], ids=["labels", "values"])
@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@pytest.mark.parametrize("name", DIFFICULT)
def test_every_kind_survives(name, form, labels):
    attribute = ATTRIBUTES[name]
    cells = [said(attribute, value, labels=labels, zone=BERLIN) for value in DIFFICULT[name]]
    read = [understood(attribute, unguarded(text), Customs(BERLIN)) for text in through(form, cells)]
    assert [plain(value) for value in read] == [plain(value) for value in DIFFICULT[name]]


TEXT = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=30
)


@settings(max_examples=60, deadline=None)
@given(TEXT)
def test_what_is_guarded_is_harmless_and_comes_back(text):
    safe = guarded(text)
    assert safe[0] not in "=+-@\t\r"
    assert unguarded(safe) == text


# XML has no other control characters, and Dataverse none at all.
CONTROLS = "".join(map(chr, range(32))).replace("\t", "").replace("\n", "") + "\x7f\ufffe\uffff"
WRITTEN = st.text(
    st.characters(codec="utf-8", exclude_categories=["Cs"], exclude_characters=CONTROLS),
    min_size=1,
    max_size=30,
).filter(str.strip)


@pytest.mark.parametrize("form", ["csv", "xlsx", "json"])
@settings(max_examples=20, deadline=None)
@given(texts=st.lists(WRITTEN, min_size=1, max_size=5))
def test_any_text_survives(form, texts):
    assert [unguarded(text) for text in through(form, texts)] == texts


@pytest.mark.parametrize("form", ["csv", "xlsx"])
def test_an_export_of_no_rows_is_a_table_of_none(form):
    assert through(form, []) == []


def test_an_export_of_no_rows_as_json_names_nothing_and_is_refused():
    with pytest.raises(BadInput, match="holds no objects"):
        through("json", [])


def test_json_is_read_as_it_comes():
    made = (
        b'\xef\xbb\xbf [ {"id": "1", "a": 1.50, "b": null},\n{"a": -2, "b": true, "c": [1, 7]},'
        b'{"id": "=x", "c": {"entity": "contact", "id": "y"}}]\n'
    )
    table = open_table(io.BytesIO(made), Reading(decimal=","))
    assert table.headers == ["id", "a", "b", "c"]
    assert [line.cells for line in table.rows()] == [
        ["1", "1,50", "", ""],
        ["", "-2", "true", "1; 7"],
        ["'=x", "", "", "contact:y"],
    ]
    # Larger than what is read at once, and one object larger than that.
    many = [{"n": number, "text": "x" * 300} for number in range(2000)] + [{"n": 1, "text": "y" * 700_000}]
    rows = list(open_table(io.BytesIO(json.dumps(many).encode())).rows())
    assert (len(rows), rows[1999].cells[0], len(rows[2000].cells[1])) == (2001, "1999", 700_000)


@pytest.mark.parametrize(
    "content",
    [b"[]", b'[{"a": 1}', b'[{"a": 1} {"a": 2}]', b'[{"a": NaN}]', b'[{"a": {"b": 1}}]', b'[{"a": 1}, 2]', b'[{"a": 1}] x',
     b'[{"a": "\xff"}]', b'[{"a": ' + b"[" * 100_000, b'[{"a": "' + b"x" * 5_000_000],
)  # fmt: skip
def test_json_that_is_no_table_is_refused(content):
    with pytest.raises(BadInput):
        list(open_table(io.BytesIO(content)).rows())


def test_a_name_that_comes_late_is_refused():
    many = [{"a": 1}] * 1000 + [{"b": 2}]
    with pytest.raises(BadInput, match="Object 1001 has “b”"):
        list(open_table(io.BytesIO(json.dumps(many).encode())).rows())


def test_a_lookup_by_name_is_left_to_be_found():
    cell = said(ATTRIBUTES["contact"], Link(ID, "contact", "Ada"), labels=True, zone=BERLIN)
    assert understood(ATTRIBUTES["contact"], cell, Customs(BERLIN)) == Named("Ada")


@pytest.mark.parametrize(
    ("name", "text", "customs", "meant"),
    [
        ("revenue", "1.234.567,89 €", {"decimal": ","}, Decimal("1234567.89")),
        ("revenue", "$1,234.5", {}, Decimal("1234.5")),
        ("revenue", "1 234,5", {"decimal": ","}, Decimal("1234.5")),
        ("revenue", "1'234.50", {}, Decimal("1234.50")),
        ("revenue", "\u22125", {}, Decimal(-5)),
        ("employees", "12,000", {}, 12000),
        ("on_hold", "YES", {}, True),
        ("on_hold", "0", {}, False),
        ("colours", "red; Blue", {}, [1, 7]),
        ("colours", "1,7", {}, [1, 7]),
        ("state", "inactive", {}, 1),
        ("birthday", "31.12.2024", {"dates": "dmy"}, date(2024, 12, 31)),
        ("birthday", "12/31/2024", {"dates": "mdy"}, date(2024, 12, 31)),
        ("birthday", "2024/12/31", {"dates": "dmy"}, date(2024, 12, 31)),
        ("birthday", "2024-12-31", {"dates": "mdy"}, date(2024, 12, 31)),
        ("meeting", "1.7.2024 14:00", {"dates": "dmy"}, datetime(2024, 7, 1, 12, tzinfo=UTC)),
        ("meeting", "7/1/2024 2:05 pm", {"dates": "mdy"}, datetime(2024, 7, 1, 12, 5, tzinfo=UTC)),
        ("meeting", "2024-07-01T12:00:00Z", {}, datetime(2024, 7, 1, 12, tzinfo=UTC)),
    ],
)  # fmt: skip
def test_how_people_write_values(name, text, customs, meant):
    assert understood(ATTRIBUTES[name], text, Customs(BERLIN, **customs)) == meant


@pytest.mark.parametrize(
    ("name", "text", "customs"),
    [
        ("revenue", "1,23,456", {}),
        ("revenue", "1.234,5", {}),
        ("revenue", "ten", {}),
        ("revenue", "(5)", {}),
        ("on_hold", "perhaps", {}),
        ("state", "gone", {}),
        ("birthday", "31.12.24", {"dates": "dmy"}),
        ("birthday", "31.2.2024", {"dates": "dmy"}),
        ("birthday", "12/31/2024", {"dates": "dmy"}),
        ("birthday", "1752-12-31", {}),
        ("meeting", "2024-07-01 25:00", {}),
        ("contact", "contact:nonsense", {}),
    ],
)  # fmt: skip
def test_what_cannot_be_meant(name, text, customs):
    with pytest.raises(Unfit):
        understood(ATTRIBUTES[name], text, Customs(BERLIN, **customs))


def read(content, **wanted):
    table = open_table(io.BytesIO(content), Reading(**wanted))
    return table, [line.cells for line in table.rows()]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [("utf-8", "utf-8"), ("utf-8-sig", "utf-8-sig"), ("utf-16", "utf-16"), ("windows-1252", "windows-1252")],
)
@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_encodings_and_delimiters_are_found_out(encoding, found, delimiter):
    lines = [["Näme", "Größe"], ["Ærø", f"a{delimiter}b"], ["x", "two\r\nlines"]]
    text = "\r\n".join(delimiter.join(f'"{cell}"' for cell in line) for line in lines)
    table, rows = read(text.encode(encoding))
    assert (table.found.encoding, table.found.delimiter) == (found, delimiter)
    assert table.headers == lines[0]
    assert rows == lines[1:]


def test_headers_are_made_distinct():
    assert distinct(["Name", "name", "", " A\n b ", "Name (2)"]) == [
        "Name",
        "name (2)",
        "Column 3",
        "A b",
        "Name (2) (2)",
    ]


@pytest.mark.parametrize(
    "content",
    [
        b"a,b\r\n1,2,3\r\n",
        b'a,b\r\n"1,2\r\n',
        b"\r\n",
        b"PK\x03\x04",
        b"\x00\x00",
        b"a\xff\x00b",
    ],
)
def test_damaged_files_are_refused(content):
    with pytest.raises(BadInput):
        read(content)


def workbook(sheet, **more):
    made = io.BytesIO()
    with zipfile.ZipFile(made, "w") as archive:
        for name, text in {"xl/worksheets/sheet1.xml": sheet, **SKELETON, **more}.items():
            archive.writestr(name, text)
    return made.getvalue()


MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SKELETON = {
    "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" ContentType="application/vnd.'
    'openxmlformats-package.relationships+xml"/><Override PartName="/xl/workbook.xml" ContentType="application/vnd.'
    'openxmlformats-officedocument.spreadsheetml.sheet.main+xml"/><Override PartName="/xl/worksheets/sheet1.xml" '
    'ContentType="application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"/></Types>',
    "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
    "xl/workbook.xml": f'<workbook xmlns="{MAIN}" xmlns:r="{OFFICE}"><sheets><sheet name="S" sheetId="1" r:id="r1"/></sheets></workbook>',
    "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
}  # fmt: skip
CELL = '<c r="A{0}" t="inlineStr"><is><t>{1}</t></is></c>'


def sheet(rows, before=""):
    return f'<?xml version="1.0"?>{before}<worksheet xmlns="{MAIN}"><sheetData>{rows}</sheetData></worksheet>'


def test_a_plain_workbook_is_read():
    rows = f'<row r="1">{CELL.format(1, "Name")}</row><row r="2"><c r="A2"><v>1.5</v></c></row>'
    table, found = read(workbook(sheet(rows)), decimal=",")
    assert (table.headers, found, table.sheets) == (["Name"], [["1,5"]], ["S"])


@pytest.mark.parametrize(
    "bomb",
    [
        sheet(
            f'<row r="1">{CELL.format(1, "&c;")}</row>',
            '<!DOCTYPE x [<!ENTITY a "ha"><!ENTITY b "&a;&a;&a;"><!ENTITY c "&b;&b;&b;">]>',
        ),
        sheet(
            f'<row r="1">{CELL.format(1, "&e;")}</row>',
            '<!DOCTYPE x [<!ENTITY e SYSTEM "file:///etc/passwd">]>',
        ),
    ],
)
def test_xml_that_would_explode_or_read_files_is_refused(bomb):
    with pytest.raises(BadInput):
        read(workbook(bomb))


def test_a_small_workbook_cannot_fill_the_memory():
    """Each of these is some kilobytes as a zip, and was gigabytes or minutes once it was read."""
    name = f'<row r="1">{CELL.format(1, "Name")}</row>'
    styles = f'<styleSheet xmlns="{MAIN}"><fonts>{"<font/>" * 1_000_000}</fonts></styleSheet>'
    for bomb in (
        workbook(sheet(name), **{"xl/styles.xml": styles}),
        workbook(sheet(name + f'<row r="2">{"<c/>" * 3_000_000}</row>')),
        workbook(sheet(name + f'<row r="2">{"<c/><!-- </row> -->" * 500_000}</row>')),
        workbook(sheet(name + f'<row r="2">{CELL.format(2, "x" * 30_000_000)}</row>')),
        workbook(sheet(name + '<row r="2"><c r="ZZZZZZ2"><v>1</v></c></row>')),
    ):
        began = time.monotonic()
        with pytest.raises(BadInput):
            read(bomb)
        assert time.monotonic() - began < 5


def test_a_row_that_claims_to_be_far_away_costs_nothing():
    rows = f'<row r="1">{CELL.format(1, "Name")}</row><row r="999999999">{CELL.format(999999999, "x")}</row>'
    assert read(workbook(sheet(rows)))[1] == []


def test_columns_are_suggested_by_label_name_and_dataverse_name():
    account = entity()
    columns = suggested(
        ["NUMBEROFEMPLOYEES", "On hold", "Record id", "Problem", "name", "Name", "?"], account
    )
    names = [column.attribute for column in columns]
    assert names == ["employees", "on_hold", "record-id", "", "name", "", ""]


def test_how_a_file_writes_is_seen_from_it():
    columns = suggested(["revenue", "birthday"], entity())
    assert customs_of(columns, entity(), [["1.234,50", "31.12.2024"]]) == (",", "dmy")
    assert customs_of(columns, entity(), [["1,234.50", "12/31/2024"]]) == (".", "mdy")
    assert customs_of(columns, entity(), [["", "2024-12-31"]]) == (".", "ymd")
