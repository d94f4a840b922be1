"""The query tree, where OData, FetchXML and SQL meet, and its way into SQLite."""
