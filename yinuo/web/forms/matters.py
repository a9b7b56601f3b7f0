"""Forms about plain matters."""

from typing import Any

from django.utils.translation import gettext_lazy

from yinuo.matters.rules import needs_proof
from yinuo.web.forms.base import PageForm, answer, choice, line, text


class ReplyForm(PageForm):
    text = answer(gettext_lazy("回复客户"), rows=4, length=100000)
    takes_files = True


class NoteForm(PageForm):
    text = text(gettext_lazy("内容"), rows=4, length=20000, help=gettext_lazy("只有同事看得到"))
    takes_files = True


class TaskForm(PageForm):
    title = line(gettext_lazy("要做什么"), length=200)
    detail = text(gettext_lazy("具体要求"), required=False, rows=3, length=5000)
    unit_id = choice(gettext_lazy("派给部门"), [], required=False)
    assignee_id = choice(gettext_lazy("指定人员"), [], required=False)

    def values(self) -> dict[str, Any]:
        return {
            key: int(value) if key.endswith("_id") and value else value or (None if key.endswith("_id") else "")
            for key, value in super().values().items()
        }


class TaskDoneForm(PageForm):
    """Done, with proof. `initial["kind"]` is the task's: where money was paid it asks why there is no file."""

    result = text(
        gettext_lazy("完成情况"),
        rows=4,
        length=5000,
        help=gettext_lazy("写明做了什么、何时、经手人；有照片、回单的一并上传"),
    )
    no_proof = line(
        gettext_lazy("没有凭证的原因"),
        required=False,
        length=300,
        help=gettext_lazy("付款类任务要上传凭证；确实没有的在这里写明原因"),
    )
    takes_files = True

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        if not needs_proof((self.initial or {}).get("kind", "")):
            del self.fields["no_proof"]


class AssignForm(PageForm):
    owner_id = choice(gettext_lazy("新负责人"), [])
    reason = line(gettext_lazy("原因"), required=False, length=200)

    def values(self) -> dict[str, Any]:
        return {**super().values(), "owner_id": int(self.cleaned_data["owner_id"])}


class FinishForm(PageForm):
    result = text(gettext_lazy("办理结果"), rows=4, length=5000, help=gettext_lazy("写成客户问起时看得懂的话"))


class ReopenForm(PageForm):
    reason = line(gettext_lazy("重新办理的原因"), length=300)
