"""FetchXML: parsed safely, bound to a query tree, answered."""
