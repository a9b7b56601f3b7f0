"""Confirming, correcting, signing, refusing and rating without a script; files that lie, lie too big or too many."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from yinuo.channels.portal import links
from yinuo.channels.portal.commands import reveal_code
from yinuo.channels.portal.tests.conftest import COMPLAINT, NOW, Visitor, hidden, solve
from yinuo.complaints.commands import offer_agreement, restate
from yinuo.complaints.models import Agreement, Callback, Complaint
from yinuo.complaints.tests.conftest import signature
from yinuo.conversations.models import Attachment, Interaction
from yinuo.kernel.actor import acting_as
from yinuo.kernel.errors import Denied
from yinuo.kernel.models import AuditEntry
from yinuo.matters.models import Matter, Task

pytestmark = pytest.mark.django_db


def path_of(link: str) -> str:
    return link[link.index("/p/") :]


@pytest.fixture
def restated(desk, filed, adopted):
    adopted.acknowledge()
    with acting_as(desk.wang):
        made = restate(complaint_id=filed.matter.pk, via="link")
    return path_of(links.restatement_link(filed.matter.pk, made.pk, NOW))


@pytest.fixture
def offered(desk, filed, adopted):
    adopted.to("offered")
    with acting_as(desk.wang):
        made = offer_agreement(complaint_id=filed.matter.pk, via="link")
    return path_of(links.agreement_link(filed.matter.pk, made.pk, made.expires_at))


def test_the_restatement_is_confirmed_once(filed, restated):
    customer = Visitor(address="198.51.100.7")
    done = customer.send(restated, answer="yes")
    assert done.status_code == 200 and "内容已确认" in done.content.decode()
    assert Complaint.unscoped.get().restatement == "confirmed"
    late = customer.send(restated, page="/p/new/complaint/", answer="no", correction="不对")
    assert "内容已确认" in late.content.decode(), "an answered restatement stays as it was answered"
    assert Complaint.unscoped.get().restatement == "confirmed"


def test_the_restatement_is_corrected_with_words(filed, restated):
    customer = Visitor()
    empty = customer.send(restated, answer="no", correction="   ")
    assert empty.status_code == 422 and "请告诉我们哪里不对" in empty.content.decode()
    done = customer.send(restated, answer="no", correction="停了三天，不是两天")
    assert "我们更正后会再请您核对" in done.content.decode()
    assert Complaint.unscoped.get().restatement == "corrected"


def test_the_agreement_is_confirmed_by_typed_name_where_nobody_can_draw(filed, offered):
    customer = Visitor()
    unread = customer.send(offered, answer="yes", name="王小明", typed="1")
    assert unread.status_code == 422 and "请先勾选" in unread.content.decode()
    nameless = customer.send(offered, answer="yes", agree="1", typed="1", name=" ")
    assert nameless.status_code == 422 and "请填写您的姓名" in nameless.content.decode()
    done = customer.send(offered, answer="yes", agree="1", typed="1", name="王小明")
    assert done.status_code == 200 and "协议已确认" in done.content.decode()
    row = Agreement.unscoped.get()
    assert (row.state, row.signer, row.how, row.signature) == ("confirmed", "王小明", "link", None)
    assert row.evidence["signed"] == "typed_name"
    assert row.evidence["ip"] == "203.0.113.9" and row.evidence["sha256"] == row.sha256
    assert Task.unscoped.filter(matter=filed.matter).count() == 2, "the departments start at once"


def test_the_agreement_keeps_the_drawn_signature_and_refuses_an_empty_one(filed, offered):
    customer = Visitor()
    for bad in ("", signature(blank=True), "data:image/png;base64,AAAA", "data:text/html;base64,PGI+"):
        answer = customer.send(offered, answer="yes", agree="1", name="王小明", signature=bad)
        assert answer.status_code == 422 and "请在框内签名" in answer.content.decode()
    done = customer.send(offered, answer="yes", agree="1", name="王小明", signature=signature())
    assert done.status_code == 200
    assert Agreement.unscoped.get().signature.media_type == "image/png"


def test_another_text_than_the_one_shown_is_never_signed(desk, filed, offered):
    customer = Visitor()
    page = hidden(customer.get(offered).content.decode())
    forged = customer.post(
        offered, **{**page, "sha256": "0" * 64}, answer="yes", agree="1", name="王", signature=signature()
    )
    assert forged.status_code == 409 and "新的版本" in forged.content.decode()
    with acting_as(desk.wang):
        offer_agreement(complaint_id=filed.matter.pk, text="第二版", via="link")
    old = customer.post(offered, **page, answer="yes", agree="1", name="王", signature=signature())
    assert "已有新的版本" in old.content.decode()
    assert not Agreement.unscoped.filter(state="confirmed").exists()


def test_the_agreement_is_refused_with_a_reason(filed, offered):
    customer = Visitor()
    assert customer.send(offered, answer="no", reason="").status_code == 422
    done = customer.send(offered, answer="no", reason="太少了")
    assert "重新拟定方案" in done.content.decode()
    assert Complaint.unscoped.get().stage == "proposing"
    assert Agreement.unscoped.get().refuse_reason == "太少了"


def test_the_link_of_the_agreement_dies_with_it(filed, offered):
    late = Visitor(at=NOW + timedelta(days=40)).get(offered)
    assert late.status_code == 410 and "已经过期" in late.content.decode()


def test_rating_by_two_taps_once_and_dissatisfied_goes_back_to_work(desk, filed, adopted):
    adopted.to("callback")
    link = path_of(links.rating_link(filed.matter.pk, NOW))
    customer = Visitor()
    assert customer.send(link).status_code == 422
    bad = customer.send(link, satisfaction="1", outcome="2", comment="还是漏")
    assert "重新处理" in bad.content.decode()
    given = Callback.unscoped.get()
    assert (given.satisfaction, given.outcome, given.process, given.treatment) == (1, 2, None, None)
    assert Complaint.unscoped.get().stage == "investigating"
    again = customer.send(link, satisfaction="5")
    assert again.status_code == 409, "there is nothing to rate while it is being worked on"


def test_what_waits_for_the_customer_stands_on_the_page_for_the_customer_alone(visitor, filed, offered):
    assert "查看处理协议" in visitor.get(filed.path).content.decode()
    assert "查看处理协议" not in Visitor(address="198.51.100.7").get(filed.path).content.decode()


def jpeg(size=(400, 300)) -> bytes:
    out = io.BytesIO()
    Image.new("RGB", size, "navy").save(out, "JPEG", exif=b"Exif\x00\x00secret-place")
    return out.getvalue()


def test_photos_without_a_script_stay_across_an_error_and_lose_their_place(desk, visitor):
    first = visitor.send("/p/new/complaint/", content="漏油", files=[SimpleUploadedFile("现场.jpg", jpeg())])
    assert first.status_code == 422 and "现场.jpg" in first.content.decode()
    page = hidden(first.content.decode())
    second = visitor.post("/p/new/complaint/", **page, **COMPLAINT)
    assert second.status_code == 200 and "现场.jpg" in second.content.decode()
    kept = Attachment.unscoped.get()
    assert kept.is_image and kept.interaction_id
    from yinuo.kernel.blobs import open_blob

    assert b"secret-place" not in open_blob(kept.blob).read()
    shown = visitor.get(second.redirect_chain[-1][0].split("?")[0] + f"file/{kept.pk}/")
    assert shown.headers["Content-Type"] == "image/jpeg" and "inline" in shown.headers["Content-Disposition"]


def test_a_file_that_lies_is_only_ever_downloaded(desk, visitor, filed):
    page = b"<html><script>alert(1)</script></html>"
    sent = visitor.send(
        filed.path + "add/", page=filed.path, text="看附件", files=[SimpleUploadedFile("x.jpg", page, "image/jpeg")]
    )
    assert sent.status_code == 200
    row = Attachment.unscoped.get()
    answer = visitor.get(f"{filed.path}file/{row.pk}/")
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert "sandbox" in answer.headers["Content-Security-Policy"]


@pytest.mark.parametrize(
    ("data", "says"), [(b"", "空的"), (b"\xff\xd8\xff\xe0broken", "损坏"), (b"x" * (25 * 1024 * 1024 + 1), "25 MB")]
)
def test_a_bad_file_is_said_and_the_words_stay(desk, visitor, data, says):
    answer = visitor.send("/p/new/complaint/", **COMPLAINT, files=[SimpleUploadedFile("x.jpg", data)])
    html = answer.content.decode()
    assert answer.status_code == 422 and says in html and "机油滤芯漏油" in html
    assert not Matter.unscoped.exists()


def test_nine_files_and_no_more(desk, visitor):
    ten = [SimpleUploadedFile(f"{n}.txt", b"x" + bytes([n])) for n in range(10)]
    answer = visitor.send("/p/new/complaint/", **COMPLAINT, files=ten)
    assert answer.status_code == 422 and "最多上传 9 个" in answer.content.decode()
    assert Attachment.unscoped.count() == 9


def test_files_sent_ahead_belong_to_their_form(desk, visitor):
    page = hidden(visitor.get("/p/new/complaint/").content.decode())
    assert visitor.post("/p/upload/", **page, file=SimpleUploadedFile("a.jpg", jpeg())).status_code == 422, "unproved"
    page["proof"] = solve(page["ticket"])
    up = visitor.post("/p/upload/", **page, file=SimpleUploadedFile("a.jpg", jpeg()))
    assert up.status_code == 201
    other = hidden(Visitor().get("/p/new/complaint/").content.decode())
    stolen = visitor.post("/p/upload/discard/", **{**page, "ticket": other["ticket"]}, id=str(up.json()["id"]))
    assert stolen.json() == {"gone": 0}
    assert (
        visitor.post("/p/upload/", **{**page, "ticket": "x"}, file=SimpleUploadedFile("a.jpg", jpeg())).status_code
        == 422
    )
    assert visitor.post("/p/upload/discard/", **page, id=str(up.json()["id"])).json() == {"gone": 1}


def test_internal_files_are_not_served(desk, visitor, filed, adopted):
    from yinuo.conversations.commands import upload_attachment
    from yinuo.matters.commands import add_note

    adopted.acknowledge()
    with acting_as(desk.wang):
        upload_attachment(file=b"internal", name="i.txt", upload_key="staff-key-000000000001")
        add_note(matter_id=filed.matter.pk, text="内部资料", upload_key="staff-key-000000000001")
    row = Attachment.unscoped.get()
    assert visitor.get(f"{filed.path}file/{row.pk}/").status_code == 404


def test_a_colleague_tells_the_code_and_it_is_kept_who_did(desk, filed, adopted):
    with acting_as(desk.wang):
        assert reveal_code(matter_id=filed.matter.pk)["secret"] == links.code_of(filed.matter.pk)
    assert AuditEntry.unscoped.filter(command="portal.reveal_code", actor_name="王芳").exists()
    with acting_as(desk.cang), pytest.raises(Denied):
        reveal_code(matter_id=filed.matter.pk)


def test_mail_links_follow_the_stages(desk):
    from yinuo.channels.portal.tests.conftest import Adopted

    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "email": "wang@example.cn"})
    walk = Adopted(desk, Matter.unscoped.get().pk)
    walk.acknowledge()
    with acting_as(desk.wang):
        restate(complaint_id=walk.id, via="email")
    walk.to("callback")
    mails = list(
        Interaction.unscoped.filter(channel="email", direction="out").order_by("pk").values_list("text", flat=True)
    )
    assert [next(p for p in ("/p/c/", "/p/r/", "/p/a/", "/p/v/") if p in m) for m in mails] == [
        "/p/c/",
        "/p/r/",
        "/p/a/",
        "/p/v/",
    ]


@pytest.mark.parametrize(("via", "sent"), [("email", ["/p/c/", "/p/r/", "/p/a/"]), ("link", ["/p/c/"])])
def test_a_link_to_hand_over_is_not_mailed_as_well(desk, via, sent):
    from yinuo.channels.portal.tests.conftest import Adopted

    Visitor().send("/p/new/complaint/", **{**COMPLAINT, "email": "wang@example.cn"})
    walk = Adopted(desk, Matter.unscoped.get().pk)
    walk.acknowledge()
    with acting_as(desk.wang):
        restate(complaint_id=walk.id, via=via)
    walk.to("offered")
    with acting_as(desk.wang):
        offer_agreement(complaint_id=walk.id, via=via)
    mails = Interaction.unscoped.filter(channel="email", direction="out").order_by("pk").values_list("text", flat=True)
    assert [p for m in mails for p in ("/p/c/", "/p/r/", "/p/a/") if p in m] == sent
