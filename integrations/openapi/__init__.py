"""The OpenAPI 3.1 document of a published version, made from its definition: the same one, the same document.

https://spec.openapis.org/oas/v3.1.0
"""

from integrations.openapi.document import document

__all__ = ["document"]
