"""Thin tasks, one file per subject. Importing the package declares them all, so a new file needs no registration."""

from importlib import import_module
from pkgutil import iter_modules

for _module in sorted(iter_modules(__path__), key=lambda found: found.name):
    import_module(f"{__name__}.{_module.name}")
