from django.apps import AppConfig


class IntegrationsConfig(AppConfig):
    name = "integrations"

    def ready(self) -> None:
        from connections.leaving import connection_leaves
        from integrations.services.binding import let_go

        connection_leaves.connect(let_go, dispatch_uid="integrations.binding")
