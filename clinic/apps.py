from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"

    def ready(self) -> None:
        from clinic import audit, checks, log_filters  # noqa: F401  (the first two register themselves on import)

        log_filters.install()
