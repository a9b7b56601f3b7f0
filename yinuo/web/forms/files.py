"""Files of a form: they go up one by one under the form's upload key, and the command claims what stayed."""

import secrets
from typing import Any

from django import forms


class UploadKey(forms.HiddenInput):
    """A fresh key for a fresh form; the typed one when the form comes back."""

    def format_value(self, value: Any) -> str:
        return str(value or secrets.token_urlsafe(18))


def upload_key_field() -> forms.CharField:
    return forms.CharField(required=False, max_length=64, widget=UploadKey)
