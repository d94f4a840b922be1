from connections.models.certificate import Certificate
from connections.models.connection import Connection, Identifiers
from connections.models.environment import Environment
from connections.models.step import Step

__all__ = ["Certificate", "Connection", "Environment", "Identifiers", "Step"]
