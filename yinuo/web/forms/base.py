"""The one pattern of a form: typed values are kept, errors stand beside fields, twice does nothing twice."""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from typing import Any, Self

from django import forms
from django.http import HttpRequest
from django.middleware.csrf import get_token
from django.utils import timezone
from django.utils.choices import flatten_choices
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from yinuo.kernel.clock import of_our_time
from yinuo.kernel.errors import AlreadyDone, Stale, YinuoError
from yinuo.kernel.text import storable
from yinuo.knowledge.rules.gaps import gaps
from yinuo.matters.commands import discard_draft
from yinuo.matters.queries import draft
from yinuo.web.forms.words import speak_plainly
from yinuo.wording.commands import let_pass
from yinuo.wording.queries import found_in
from yinuo.wording.rules import blocking


@dataclass(frozen=True)
class Sent:
    """A form that was accepted, with what the command returned."""

    result: Any
    repeated: bool = False


class PageForm(forms.Form):
    """A Django form bound to its request. `version` is the row's version the page was made from.

    With `takes_files = True` the macro `ui.files(form)` uploads under `upload_key` and the command gets that key.
    """

    once = forms.CharField(widget=forms.HiddenInput, required=False, max_length=64)
    version = forms.IntegerField(widget=forms.HiddenInput, required=False)
    PLUMBING = ("once", "version", "upload_key")
    takes_files = False

    @classmethod
    def of(
        cls,
        request: HttpRequest,
        initial: dict[str, Any] | None = None,
        *,
        version: int | None = None,
        unsent: bool = False,
        **options: Any,
    ) -> Self:
        """The form of this request: filled from the POST, else from `initial`. `unsent`: what was typed comes along but
        nothing is sent yet, so the caller puts it into `initial`.
        """
        posted = request.method == "POST" and not unsent
        form = cls(request.POST if posted else None, request.FILES if posted else None, initial=initial, **options)
        for field in form.fields.values():
            field.error_messages["required"] = _missing(field)
            speak_plainly(field)
        form.request = request
        form.csrf = get_token(request)
        form.once_key = (request.POST.get("once") if posted else "") or secrets.token_urlsafe(16)
        form.row_version = request.POST.get("version", "") if posted else version
        kept = storable(request.POST.get("upload_key", "")[:64]) if posted else ""
        form.upload_key = kept or secrets.token_urlsafe(16)
        return form

    request: HttpRequest
    csrf: str
    once_key: str
    upload_key: str
    row_version: Any
    answer = 200  # the status of the page that shows the form again
    stale: list[dict[str, str]] | None = None
    refilled = False  # words taken back stand in it
    later = False  # may be sent later
    goes_out = False  # its words go to the customer by the way chosen in it
    no_mail = False  # the customer has no address that its words could go to by mail
    blocked = False  # a wording rule keeps the text back, and somebody may let it pass

    def forget_draft(self) -> None:
        accepted(self.request)

    def to_customer(self) -> list[tuple[str, str, str]]:
        """What the customer will read: field, text, and the kind of interaction it will be."""
        chosen = str(self.cleaned_data.get("kind") or "")
        return [
            (name, str(self.cleaned_data.get(name) or ""), chosen or str(field.widget.attrs["data_answer"]))
            for name, field in self.fields.items()
            if "data_answer" in field.widget.attrs
        ]

    def findings(self, name: str) -> list[Any]:
        """What the wording coach says of a field, for whoever did not see it while writing."""
        return self.found.get(name, [])

    @cached_property
    def found(self) -> dict[str, list[Any]]:
        return {}

    def unseen(self) -> bool:
        """Without scripts nobody saw the coach: once, the form comes back with what it says instead of being sent."""
        if "coached" in self.data:
            return False
        seen = {name: found_in(text, kind=kind) for name, text, kind in self.to_customer() if text}
        grave = any(one.rule.level == "warn" for found in seen.values() for one in found)
        if grave:
            self.found.update(seen)
            self.answer = 422
        return grave

    def offer(self, name: str, choices: list[tuple[Any, Any]]) -> None:
        """What a select holds when it is known only now."""
        field: Any = self.fields[name]
        field.choices = choices

    def values(self) -> dict[str, Any]:
        """What the command gets; a form that takes files adds its upload key."""
        values = {name: value for name, value in self.cleaned_data.items() if name not in self.PLUMBING}
        return {**values, "upload_key": self.upload_key} if self.takes_files else values

    def refuse(self, wrong: YinuoError) -> None:
        """Put a command's refusal beside the fields it is about."""
        self.answer = wrong.status
        self.blocked = self.blocked or wrong.code == "wording_blocked"
        for name, sentence in (wrong.fields or {}).items():
            self.add_error(name if name in self.fields else None, sentence)
        if not wrong.fields or isinstance(wrong, Stale):
            self.add_error(None, wrong.message)
        if isinstance(wrong, Stale):
            self.show_both(getattr(wrong, "current", None))

    def show_both(self, current: Any) -> None:
        """For a stale save: what was typed beside what is stored now; saving again is then a decision."""
        self.stale = []
        for name, field in self.fields.items():
            label, mine = str(field.label or name), shown_value(field, self.cleaned_data.get(name))
            if isinstance(field.widget, forms.PasswordInput):
                if mine:  # neither what was typed nor what is stored is ever shown
                    self.stale.append({"label": label, "mine": _("为安全起见，请再填一次"), "now": ""})
                continue
            known = name in current if isinstance(current, dict) else hasattr(current, name)
            if name in self.PLUMBING or not known:
                continue
            now = shown_value(field, current.get(name) if isinstance(current, dict) else getattr(current, name))
            if now != mine:
                self.stale.append({"label": label, "mine": mine, "now": now})
        version = current.get("version") if isinstance(current, dict) else getattr(current, "version", None)
        self.row_version = version if version is not None else self.row_version

    def ask_again(self, sentence: str) -> None:
        """For what is not given twice for one key: the form once more, with a fresh key."""
        self.once_key = secrets.token_urlsafe(16)
        self.answer = 409
        self.add_error(None, sentence)

    def full_clean(self) -> None:
        """An invalid form is answered with 422."""
        super().full_clean()
        if self.is_bound and self._errors:  # type: ignore[attr-defined]
            self.answer = 422


def shown_value(field: forms.Field, value: Any) -> str:
    """A value as the person knows it: the words of a choice, yes and no, the local time."""
    if isinstance(value, bool):
        return _("是") if value else _("否")
    if value is None or value == "":
        return ""
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%d %H:%M")
    labels = dict(flatten_choices(getattr(field, "choices", ())))
    if isinstance(value, (list, tuple, set, frozenset)):
        return "、".join(sorted(str(labels.get(one, one)) for one in value))
    return str(labels.get(value, labels.get(str(value), value)))


def _missing(field: forms.Field) -> str:
    chosen = isinstance(field, forms.ChoiceField)
    return (_("请选择%(label)s。") if chosen else _("请填写%(label)s。")) % {"label": field.label or ""}


def submit(
    request: HttpRequest, form: PageForm, command: Callable[..., Any], *, stale: bool = False, **fixed: Any
) -> Sent | None:
    """Run the command with the form's values; None means: show the form again.

    With `stale=True` the command also gets `expected_version`.
    """
    if request.method != "POST" or not form.is_valid():
        return None
    if form.unseen():
        return None
    if stale:
        fixed["expected_version"] = form.cleaned_data.get("version")
    try:
        if request.POST.get("wording") == "pass":
            let_it_pass(form)
        sent = Sent(command(**form.values(), **fixed, once=form.once_key))
    except AlreadyDone as done:
        sent = Sent(getattr(done, "result", None), repeated=True)
    except YinuoError as wrong:
        form.refuse(wrong)
        return None
    accepted(request)
    return sent


def let_it_pass(form: PageForm) -> None:
    """Who may agrees to these very words, and says why."""
    form.blocked = True
    reason = str(storable(form.data.get("wording_reason", "")))
    for _name, words, kind in form.to_customer():
        if blocking(found_in(words, kind=kind)):
            let_pass(text=words, reason=reason)


def accepted(request: HttpRequest) -> None:
    """What was sent is no longer a draft, here and (the answer tells the browser) on the device."""
    key = storable(request.POST.get("draft_key", "")[:80])
    request.accepted = key or "1"  # type: ignore[attr-defined]
    if key and draft(key):
        discard_draft(key=key)


def act(request: HttpRequest, command: Callable[..., Any], **values: Any) -> Sent:
    """Run a command from a button (no fields); the button's form carries the once key."""
    try:
        return Sent(command(**values, once=request.POST.get("once") or None))
    except AlreadyDone as done:
        return Sent(getattr(done, "result", None), repeated=True)


def line(label: Any, *, required: bool = True, length: int = 200, help: Any = "", **attrs: Any) -> forms.CharField:
    """A one-line text field."""
    return forms.CharField(
        label=label, required=required, max_length=length, help_text=help, widget=forms.TextInput(attrs=attrs)
    )


def text(
    label: Any, *, required: bool = True, length: int = 20000, rows: int = 4, help: Any = "", **attrs: Any
) -> forms.CharField:
    """A text field of several lines."""
    return forms.CharField(
        label=label,
        required=required,
        max_length=length,
        help_text=help,
        widget=forms.Textarea(attrs={"rows": rows, **attrs}),
    )


def answer(label: Any, kind: str = "", **more: Any) -> forms.CharField:
    """What the customer will read: a text field with the tools and the wording coach of an answer. `kind` says what it
    is about, as an interaction does.
    """
    field = text(label, data_answer=kind, **more)
    field.validators = [*field.validators, _no_gaps]
    return field


def _no_gaps(given: str) -> None:
    """Nothing goes out while a blank of a template is left in it."""
    if left := gaps(given):
        sentence = _("还有没填的地方：%(gaps)s。填上或删掉之后再发。")
        raise forms.ValidationError(sentence % {"gaps": "、".join(left[:5])}, code="gaps")


def choice(
    label: Any, choices: Any, *, required: bool = True, empty: Any = None, help: Any = "", radio: bool = False
) -> forms.ChoiceField:
    """One of several."""
    options: list[Any] | Callable[[], list[Any]]
    if callable(choices):
        options = lambda: ([("", empty)] if empty is not None else []) + list(choices())  # noqa: E731
    else:
        options = ([("", empty)] if empty is not None else []) + list(choices)
    widget = forms.RadioSelect if radio else forms.Select
    gone = {"invalid_choice": gettext_lazy("这个选项已经不在了，请重新选择")}
    return forms.ChoiceField(
        label=label, choices=options, required=required, help_text=help, widget=widget, error_messages=gone
    )


def many(label: Any, choices: Any, *, required: bool = False, help: Any = "") -> forms.MultipleChoiceField:
    """Several of several, as check boxes."""
    return forms.MultipleChoiceField(
        label=label, choices=choices, required=required, help_text=help, widget=forms.CheckboxSelectMultiple
    )


NO_TIME = gettext_lazy("请填写真实存在的日期和时间，例如 2026-03-05 14:30。")


def _of_our_time(given: datetime) -> None:
    if not of_our_time(given):
        raise forms.ValidationError(NO_TIME, code="invalid")


def when(label: Any, *, required: bool = True, help: Any = "") -> forms.DateTimeField:
    """A local date and time."""
    return forms.DateTimeField(
        label=label,
        required=required,
        help_text=help,
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format="%Y-%m-%dT%H:%M"),
        error_messages={"invalid": NO_TIME},
        validators=[_of_our_time],
    )


def date(label: Any, *, required: bool = True, help: Any = "") -> forms.DateField:
    """A date."""
    return forms.DateField(
        label=label,
        required=required,
        help_text=help,
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"invalid": gettext_lazy("请填写真实存在的日期，例如 2026-03-05。")},
    )


def amount(label: Any, *, required: bool = True, help: Any = "") -> forms.DecimalField:
    """An amount in yuan, never negative."""
    return forms.DecimalField(
        label=label,
        required=required,
        help_text=help,
        min_value=0,
        max_digits=12,
        decimal_places=2,
        widget=forms.NumberInput(attrs={"step": "0.01", "min": "0"}),
    )


__all__ = ["PageForm", "Sent", "act", "amount", "answer", "choice", "date", "line", "many", "submit", "text", "when"]
