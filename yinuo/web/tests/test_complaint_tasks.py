"""Tasks on the page of a case: what the customer is still to be told, and proof of what was paid."""

from yinuo.complaints.tests.conftest import Walk
from yinuo.matters.models import Task


def text_of(response) -> str:
    return response.content.decode()


def test_what_the_customer_is_still_to_be_told_stands_on_the_case(firm, wang, client_of) -> None:
    keep, gone, zhao = Walk(firm), Walk(firm), client_of("zhao")
    offered = text_of(zhao.get(f"/complaints/{keep.id}/merge/"))
    assert "请负责人告知后登记" in offered and "已经口头告知" in offered
    sent = {"complaint_ids": [gone.id], "reason": "同一件事"}
    assert zhao.post(f"/complaints/{keep.id}/merge/", sent).status_code == 303
    task = Task.unscoped.get(matter_id=keep.id, kind="tell_customer")
    page = text_of(wang.get(f"/complaints/{keep.id}/"))
    assert "还没有告诉客户" in page and f"/complaints/{keep.id}/task-done/{task.pk}/" in page
    answer = wang.post(f"/complaints/{keep.id}/task-done/{task.pk}/", {"result": "已在电话里说明"})
    assert answer.status_code == 303
    page = text_of(wang.get(f"/complaints/{keep.id}/"))
    assert "还没有告诉客户" not in page and "已告知客户" in page


def test_a_paying_task_asks_for_proof(firm, client_of) -> None:
    walk = Walk(firm).to("executing")
    paid = Task.unscoped.get(matter_id=walk.id, kind="refund")
    sent = Task.unscoped.get(matter_id=walk.id, kind="replace")
    cai, cang = client_of("cai"), client_of("cang")
    assert "付款凭证" in paid.detail and "付款凭证" not in sent.detail
    for at in (f"/complaints/{walk.id}/task-done/{paid.pk}/", f"/tasks/{paid.pk}/"):
        assert 'name="no_proof"' in cai.get(at).content.decode()
        refused = cai.post(at, {"result": "已转账", "version": "1"})
        assert refused.status_code == 422 and "请上传凭证" in text_of(refused)
    for at in (f"/complaints/{walk.id}/task-done/{sent.pk}/", f"/tasks/{sent.pk}/"):
        assert 'name="no_proof"' not in cang.get(at).content.decode()
    given = {"result": "已转账", "no_proof": "当面现金付清", "version": "1"}
    assert cai.post(f"/tasks/{paid.pk}/", given).status_code == 303
    assert cang.post(f"/complaints/{walk.id}/task-done/{sent.pk}/", {"result": "已寄出"}).status_code == 303
