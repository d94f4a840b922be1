"""Tokens for people and for applications, by Microsoft's own library (MSAL).

    credentials   what an application shows to prove itself
    application   MSAL, built late and spoken to with our errors
    person        UserTokens: a person's tokens out of one token cache
    machine       CertificateTokens: an application's own tokens

https://learn.microsoft.com/en-us/entra/msal/python/
"""

from .credentials import ClientCertificate, ClientSecret, Credential
from .machine import CertificateTokens
from .person import TokenSet, UserTokens

__all__ = ["CertificateTokens", "ClientCertificate", "ClientSecret", "Credential", "TokenSet", "UserTokens"]
