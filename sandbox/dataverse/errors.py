"""One error class and the table of Dataverse's codes.

https://learn.microsoft.com/power-apps/developer/data-platform/reference/web-service-error-codes
"""

from collections.abc import Mapping
from typing import Any

# name: (HTTP status, code)
CODES: dict[str, tuple[int, str]] = {
    "AccessDenied": (403, "0x80048405"),
    "AggregateLimit": (400, "0x8004E023"),
    "AttributeNotFound": (400, "0x80041103"),
    "BadQuery": (400, "0x80060888"),
    "CallerUnknown": (403, "0x80072560"),
    "CallerDisabled": (403, "0x80040225"),
    "CannotDeleteReferenced": (405, "0x80040227"),
    "CannotGrant": (403, "0x80040220"),
    "ConcurrencyDisabled": (400, "0x8006088D"),
    "DateInvalid": (400, "0x80040239"),
    "DuplicateKey": (412, "0x80060892"),
    "DuplicateRecord": (412, "0x80040237"),
    "EntityNotFound": (400, "0x80041102"),
    "FetchInvalid": (400, "0x80040303"),
    "InvalidArgument": (400, "0x80040203"),
    "InvalidCharacters": (400, "0x80040278"),
    "InvalidState": (400, "0x80048408"),
    "KeyNotFound": (404, "0x80060891"),
    "MissingPrivilege": (403, "0x80040220"),
    "NotFound": (404, "0x80040217"),
    "NotImplemented": (501, "0x80040219"),
    "NotSupported": (405, "0x80040315"),
    "NumberOutOfRange": (400, "0x8004432F"),
    "OptionInvalid": (400, "0x8004431A"),
    "OptionsTooMany": (400, "0x80050222"),
    "PagingLimit": (400, "0x8004430A"),
    "PayloadInvalid": (400, "0x80048D19"),
    "SegmentUnknown": (404, "0x80060888"),
    "SqlTimeout": (500, "0x80044151"),
    "TextTooLong": (400, "0x80044331"),
    "TooLarge": (413, "0x80040203"),
    "TooManyConditions": (400, "0x8004430C"),
    "TooManyJoins": (400, "0x8004430D"),
    "TooManyValues": (400, "0x8004430E"),
    "Unexpected": (400, "0x80040216"),
    "UserColumnRestricted": (400, "0x80041D48"),
    "UserApplicationUnknown": (400, "0x80041D49"),
    "VersionMismatch": (412, "0x80060882"),
    "VersionMissing": (400, "0x80060883"),
}


class ApiError(Exception):
    """An answer in Microsoft's error shape. `name` is a row of CODES; `status` and `code` may differ from it."""

    def __init__(
        self,
        name: str,
        message: str,
        *,
        status: int | None = None,
        code: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(message)
        self.name = name
        self.message = message
        usual_status, usual_code = CODES.get(name, (400, "0x80060888"))
        self.status = usual_status if status is None else status
        self.code = usual_code if code is None else code
        self.headers = dict(headers or {})

    def body(self) -> dict[str, Any]:
        return {"error": {"code": self.code, "message": self.message}}


def bad_query(message: str) -> ApiError:
    """A fault in the URL or its options: Dataverse's catch-all code."""
    return ApiError("BadQuery", message)


def bad_payload(message: str) -> ApiError:
    return ApiError("PayloadInvalid", message)


def no_property(name: str, entity: str) -> ApiError:
    return bad_query(f"Could not find a property named '{name}' on type 'Microsoft.Dynamics.CRM.{entity}'.")


def no_segment(name: str) -> ApiError:
    return ApiError("SegmentUnknown", f"Resource not found for the segment '{name}'.")


def no_record(entity: str, record_id: str) -> ApiError:
    return ApiError("NotFound", f"{entity} With Id = {record_id} Does Not Exist")


def no_method(method: str) -> ApiError:
    return ApiError(
        "NotSupported",
        f"The requested resource does not support http method '{method}'.",
        code="0x80060888",
    )
