from django.apps import AppConfig
from django.db.backends.signals import connection_created


class KernelConfig(AppConfig):
    name = "yinuo.kernel"
    label = "kernel"

    def ready(self) -> None:
        from yinuo.kernel.guard import install

        # The one use of a signal: Django offers no other hook for a connection's wrappers.
        connection_created.connect(install, dispatch_uid="kernel.guard")
