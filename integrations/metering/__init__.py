"""The account of calls: noted in Redis, gathered into the database, drawn as figures."""
