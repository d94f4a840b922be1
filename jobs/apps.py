from django.apps import AppConfig
from django.utils.module_loading import autodiscover_modules


class JobsConfig(AppConfig):
    name = "jobs"

    def ready(self) -> None:
        # Every process knows every kind of job: pages show titles, `request` refuses unknown kinds.
        autodiscover_modules("tasks")
