"""Values on their way between Python and the Web API, by the kind of the attribute."""

from integrations.values.reading import record_reader, value_reader
from integrations.values.writing import body_for, checked

__all__ = ["body_for", "checked", "record_reader", "value_reader"]
