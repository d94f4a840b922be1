"""$metadata: well-formed, consistent in itself, and consistent with what the service does."""

import xml.etree.ElementTree as ET

import pytest

EDM = "{http://docs.oasis-open.org/odata/ns/edm}"
PRIMITIVES = {
    f"Edm.{name}"
    for name in "Binary Boolean Date DateTimeOffset Decimal Double Guid Int32 Int64 String".split()  # noqa: SIM905
}


class Model:
    """The document, read."""

    def __init__(self, content):
        self.root = ET.fromstring(content)
        self.schema = next(self.root.iter(f"{EDM}Schema"))
        self.types = {e.get("Name"): e for e in self.schema.findall(f"{EDM}EntityType")}
        self.container = self.schema.find(f"{EDM}EntityContainer")
        self.sets = {e.get("Name"): e for e in self.container.findall(f"{EDM}EntitySet")}

    def chain(self, name):
        while name:
            element = self.types[name]
            yield element
            name = (element.get("BaseType") or "").removeprefix("mscrm.")

    def names(self, name, kind):
        return [e.get("Name") for t in self.chain(name) for e in t.findall(f"{EDM}{kind}")]


@pytest.fixture(scope="module")
def response(api):
    return api.send("GET", "$metadata")


@pytest.fixture(scope="module")
def model(response):
    return Model(response.content)


@pytest.fixture(scope="module")
def annotated(api):
    return Model(api.send("GET", "$metadata?annotations=true").content)


def target(element):
    return element.get("Type").removeprefix("Collection(").removesuffix(")").removeprefix("mscrm.")


def test_what_comes(response, model):
    assert response.status_code == 200
    assert response.headers["Content-Type"] == "application/xml"
    assert model.root.get("Version") == "4.0"
    assert model.schema.get("Namespace") == "Microsoft.Dynamics.CRM"
    assert model.schema.get("Alias") == "mscrm"
    assert model.container.get("Name") == "System"


def test_sets_are_those_of_the_service_document(api, model):
    assert set(model.sets) == {entry["name"] for entry in api.get("")["value"]}
    assert {e.get("EntityType").removeprefix("mscrm.") for e in model.sets.values()} <= set(model.types)


def test_the_base_types(model):
    assert model.types["crmbaseentity"].get("Abstract") == "true"
    assert model.types["expando"].get("OpenType") == "true"
    assert model.types["account"].get("BaseType") == "mscrm.crmbaseentity"
    assert (
        model.types["systemuser"].get("BaseType") == model.types["team"].get("BaseType") == "mscrm.principal"
    )
    assert model.types["task"].get("BaseType") == "mscrm.activitypointer"
    key = model.types["principal"].find(f"{EDM}Key/{EDM}PropertyRef")
    assert key.get("Name") == "ownerid"
    assert model.types["systemuser"].find(f"{EDM}Key") is None


def test_names_are_unique_and_types_are_known(model):
    for name, element in model.types.items():
        names = model.names(name, "Property") + model.names(name, "NavigationProperty")
        assert len(names) == len(set(names)), name
        for property_ in element.findall(f"{EDM}Property"):
            assert property_.get("Type").removeprefix("Collection(").removesuffix(")") in PRIMITIVES


def test_navigation_properties_lead_somewhere_and_back(model):
    seen = 0
    for name, element in model.types.items():
        for navigation in element.findall(f"{EDM}NavigationProperty"):
            there = target(navigation)
            assert there in model.types
            partner = navigation.get("Partner")
            assert partner is None or partner in model.names(there, "NavigationProperty")
            for constraint in navigation.findall(f"{EDM}ReferentialConstraint"):
                seen += 1
                assert constraint.get("Property") in model.names(name, "Property")
                assert constraint.get("ReferencedProperty") in model.names(there, "Property")
    assert seen > 200


def test_bindings(model):
    for element in model.sets.values():
        kind = element.get("EntityType").removeprefix("mscrm.")
        for binding in element.findall(f"{EDM}NavigationPropertyBinding"):
            assert binding.get("Target") in model.sets
            assert binding.get("Path") in model.names(kind, "NavigationProperty")


def test_properties_are_those_of_rows(api, model):
    for name, element in model.sets.items():
        if name.endswith("Definitions"):
            continue
        row = next(iter(api.rows(name, top=1)), None)
        if row is None:
            continue
        properties = set(model.names(element.get("EntityType").removeprefix("mscrm."), "Property"))
        wire = {key for key in row if "@" not in key}
        assert wire - properties <= {"name", "yominame"} if name == "owners" else wire == properties, name


def test_a_lookup_and_an_n_to_n(model):
    account = model.types["account"]
    navigation = next(
        n for n in account.findall(f"{EDM}NavigationProperty") if n.get("Name") == "primarycontactid"
    )
    assert navigation.get("Type") == "mscrm.contact"
    assert navigation.get("Partner") == "account_primary_contact"
    assert navigation[0].attrib == {"Property": "_primarycontactid_value", "ReferencedProperty": "contactid"}
    both = next(
        n
        for n in model.types["systemuser"].findall(f"{EDM}NavigationProperty")
        if n.get("Name") == "systemuserroles_association"
    )
    assert both.get("Partner") == both.get("Name")


def test_no_annotations_unless_asked(model):
    assert not list(model.root.iter(f"{EDM}Annotation"))


def test_annotations(api, annotated):
    terms = {a.get("Term") for a in annotated.root.iter(f"{EDM}Annotation")}
    assert terms == {
        "Org.OData.Core.V1.Description",
        "Org.OData.Core.V1.Computed",
        "Org.OData.Core.V1.Permissions",
        "Org.OData.Capabilities.V1.ChangeTracking",
        "OData.Community.Keys.V1.AlternateKeys",
    }
    keyed = annotated.types["smp_project"].findall(f"{EDM}Annotation")
    assert "smp_code" in ET.tostring(keyed[-1], encoding="unicode")
    preferred = api.send("GET", "$metadata", headers={"Prefer": 'odata.include-annotations="*"'})
    assert b"Org.OData.Core.V1.Computed" in preferred.content


def test_functions(model):
    functions = {e.get("Name"): e for e in model.schema.findall(f"{EDM}Function")}
    assert functions["WhoAmI"].find(f"{EDM}ReturnType").get("Type") == "mscrm.WhoAmIResponse"
    assert functions["RetrieveUserPrivileges"].get("IsBound") == "true"
    imported = {e.get("Name") for e in model.container.findall(f"{EDM}FunctionImport")}
    assert imported == {name for name, e in functions.items() if e.get("IsBound") is None}
    actions = {e.get("Name"): e for e in model.schema.findall(f"{EDM}Action")}
    imported = {e.get("Name") for e in model.container.findall(f"{EDM}ActionImport")}
    assert imported == {name for name, e in actions.items() if e.get("IsBound") is None}
    assert "PublishXml" in imported
    complex_types = {e.get("Name") for e in model.schema.findall(f"{EDM}ComplexType")}
    assert "WhoAmIResponse" in complex_types


def test_it_can_only_be_read(api):
    api.error(api.send("POST", "$metadata", json={}), 405, "0x80060888")
