"""Every page, gathered from the `routes` list of each module in `pages/`."""

from importlib import import_module
from pkgutil import iter_modules

from django.urls import URLPattern

from yinuo.web import pages


def gather() -> list[URLPattern]:
    """The routes of all page modules, in the order of their names."""
    found: list[URLPattern] = []
    for module in sorted(iter_modules(pages.__path__), key=lambda item: item.name):
        found += getattr(import_module(f"{pages.__name__}.{module.name}"), "routes", [])
    return found


urlpatterns = gather()
