"""The one encrypted column type.

django-encrypted-model-fields carries the cipher. Its stock fields return ciphertext as if it were the
value when the key is wrong, encrypt SQL expressions, and accept lookups that can never match; each of
these has cost people their data, so this subclass refuses them.
"""

from typing import Any

from cryptography.fernet import InvalidToken
from django.core.exceptions import FieldError
from encrypted_model_fields.fields import CRYPTER, EncryptedTextField, encrypt_str


class Undecryptable(Exception):  # noqa: N818
    """A stored value cannot be opened with any configured key. Never carries the value."""

    def __init__(self, column: str) -> None:
        super().__init__(
            f"{column} cannot be decrypted with FIELD_ENCRYPTION_KEY. Restore the key it was written with."
        )


class SealedTextField(EncryptedTextField):  # type: ignore[misc]  # the library carries no types
    """Text that is encrypted in the database, and nothing else: no search, no expressions, no guessing."""

    def from_db_value(self, value: str | None, _expression: Any, _connection: Any) -> str | None:
        if value is None:
            return None
        try:
            opened: str = CRYPTER.decrypt(value.encode()).decode()
        except (InvalidToken, UnicodeError):
            raise Undecryptable(f"{self.model._meta.label}.{self.name}") from None
        return opened

    def to_python(self, value: Any) -> Any:
        # The stock field decrypts here, so that a ciphertext typed into a form would be opened.
        return value if value is None or isinstance(value, str) else str(value)

    def get_db_prep_save(self, value: Any, connection: Any) -> Any:  # noqa: ARG002
        if hasattr(value, "as_sql") or hasattr(value, "resolve_expression"):
            raise FieldError(f"{self.name} is encrypted: it takes text, not SQL expressions.")
        if value is None:
            return None
        return encrypt_str(str(value)).decode()

    def get_lookup(self, lookup_name: str) -> Any:
        if lookup_name != "isnull":
            raise FieldError(f"{self.name} is encrypted and cannot be searched ({lookup_name}).")
        return super().get_lookup(lookup_name)
