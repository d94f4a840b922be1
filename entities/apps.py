from django.apps import AppConfig


class EntitiesConfig(AppConfig):
    name = "entities"

    def ready(self) -> None:
        from entities.services.changes import keep
        from integrations.writes import record_written

        record_written.connect(keep, dispatch_uid="entities.changes")
