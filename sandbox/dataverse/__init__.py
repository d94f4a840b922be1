"""The Dataverse Web API of one environment.

odata (text) -> query (trees, SQL) -> records (rows) ; metadata (what tables are) ; security (who may) ;
behaviours (what single tables do) ; web (the wire) ; organization and setup tie them together.
"""

from sandbox.dataverse.web.application import DataverseApplication

__all__ = ["DataverseApplication"]
