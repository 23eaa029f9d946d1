from django.apps import AppConfig


class ClinicConfig(AppConfig):
    name = "clinic"
    verbose_name = "Clinic"

    def ready(self) -> None:
        # All but the log's filters register themselves on import.
        from clinic import audit, checks, log_filters, second_step, session_ends  # noqa: F401

        log_filters.install()
