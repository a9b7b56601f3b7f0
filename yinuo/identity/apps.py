from django.apps import AppConfig


class IdentityConfig(AppConfig):
    name = "yinuo.identity"
    label = "identity"

    def ready(self) -> None:
        from django.contrib.auth.models import update_last_login
        from django.contrib.auth.signals import user_logged_in

        # Signing in is recorded by the command `staff.signed_in`; Django's own write would be a stray one.
        user_logged_in.disconnect(update_last_login, dispatch_uid="update_last_login")
