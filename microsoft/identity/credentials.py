"""What an application shows to prove itself to Entra. Secrets stay out of every repr."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class ClientSecret:
    """An application that proves itself by a secret."""

    client_id: str
    secret: str = field(repr=False)

    def for_msal(self) -> str:
        return self.secret


@dataclass(frozen=True)
class ClientCertificate:
    """An application that proves itself by a key whose certificate Entra knows; both as PEM."""

    client_id: str
    private_key_pem: str = field(repr=False)
    certificate_pem: str = field(repr=False)

    def for_msal(self) -> dict[str, str]:
        # Without a thumbprint MSAL signs with PS256 and names the key by SHA-256; with one it falls back to SHA-1.
        return {"private_key": self.private_key_pem, "public_certificate": self.certificate_pem}


Credential = ClientSecret | ClientCertificate
