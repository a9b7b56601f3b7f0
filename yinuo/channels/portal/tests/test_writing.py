"""Writing to us without an account and without a script."""

import io
from datetime import timedelta

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from PIL import Image

from yinuo.channels.portal import links, proof
from yinuo.channels.portal.tests.conftest import COMPLAINT, NOW, Visitor, hidden, solve
from yinuo.complaints.models import Complaint
from yinuo.conversations.models import Attachment
from yinuo.customers.commands import create_customer
from yinuo.customers.models import ChannelIdentity, Customer
from yinuo.kernel.actor import acting_as
from yinuo.matters.models import Matter

pytestmark = pytest.mark.django_db


def test_a_complaint_is_registered_whole_and_the_receipt_says_number_code_and_what_happens(desk, filed):
    row = Complaint.unscoped.get(pk=filed.matter.pk)
    assert row.content == "机油滤芯漏油，停了两天工。"
    assert row.demand == "换货、道歉\n尽快"
    assert (row.complainant, row.phone, row.channel) == ("王小明", "+8613812345678", "portal")
    assert filed.matter.number in filed.page
    assert links.code_of(filed.matter.pk) in filed.page
    assert "接下来" in filed.page


@pytest.mark.parametrize("kind", ["enquiry", "suggestion", "praise"])
def test_the_other_kinds_become_matters_of_their_kind(desk, visitor, kind):
    answer = visitor.send(f"/p/new/{kind}/", content="想问问保修期多长？", name="孙丽", email="sun@example.cn")
    assert answer.status_code == 200
    matter = Matter.unscoped.get()
    assert (matter.kind, matter.title, matter.state) == (kind, "想问问保修期多长？", "open")


def test_the_front_page_and_an_empty_form_need_one_statement_each(visitor, db, django_assert_num_queries):
    """The name on the door."""
    with django_assert_num_queries(3):
        assert visitor.get("/p/").status_code == 200
        assert visitor.get("/p/new/complaint/").status_code == 200
        assert visitor.get("/p/track/").status_code == 200
    assert visitor.get("/p/new/refund/").status_code == 404


def test_what_is_missing_is_said_beside_its_field_and_nothing_typed_is_lost(desk, visitor):
    answer = visitor.send(
        "/p/new/complaint/", content="坏了，<b>请看</b>", name="", phone="123", email="", product="滤芯"
    )
    html = answer.content.decode()
    assert answer.status_code == 422
    assert "请告诉我们怎么称呼您" in html
    assert "电话号码不对" in html
    assert "坏了，&lt;b&gt;请看&lt;/b&gt;" in html
    assert 'value="滤芯"' in html
    assert Matter.unscoped.count() == 0


@pytest.mark.parametrize("phone", ["1381234567", "138123456789", "00000000000", "95588", "12315", "5708899", "1234567"])
def test_a_number_nobody_can_be_reached_by_is_not_taken(desk, visitor, phone):
    answer = visitor.send("/p/new/complaint/", content="坏了，请看", name="王小明", phone=phone, email="")
    assert answer.status_code == 422 and f'value="{phone}"' in answer.content.decode()
    assert not Complaint.unscoped.exists()


def test_pressing_twice_sends_once_and_shows_the_same_receipt(desk, visitor):
    page = hidden(visitor.get("/p/new/complaint/").content.decode())
    visitor.at += timedelta(seconds=10)
    first = visitor.post("/p/new/complaint/", **page, **COMPLAINT)
    second = visitor.post("/p/new/complaint/", **page, **COMPLAINT)
    assert first.status_code == second.status_code == 200
    assert Matter.unscoped.count() == 1
    assert Matter.unscoped.get().number in second.content.decode()


def test_a_form_that_was_open_too_long_keeps_its_words_and_its_photos(desk, visitor):
    page = hidden(visitor.get("/p/new/complaint/").content.decode())
    sent = visitor.post("/p/upload/", **page, proof=solve(page["ticket"]), file=photo())
    assert sent.status_code == 201, sent.content
    visitor.at += proof.LIFE + timedelta(minutes=1)
    late = visitor.post("/p/new/complaint/", **page, **COMPLAINT)
    html = late.content.decode()
    assert late.status_code == 422 and "打开太久了" in html
    assert COMPLAINT["content"] in html and "滤芯.png" in html
    visitor.at += timedelta(seconds=10)
    done = visitor.post("/p/new/complaint/", **page | hidden(html), **COMPLAINT)
    assert done.status_code == 200
    (kept,) = Attachment.unscoped.all()
    assert kept.interaction_id and kept.interaction.conversation == Matter.unscoped.get().conversation

    # Pressed again a day later in the same page: another matter, and the photo stays where it is.
    visitor.at += timedelta(days=1)
    html = visitor.post("/p/new/complaint/", **page, **COMPLAINT).content.decode()
    visitor.at += timedelta(seconds=10)
    assert "滤芯.png" not in html
    assert (
        visitor.post("/p/new/complaint/", **page | hidden(html), **COMPLAINT | {"content": "换一件事"}).status_code
        == 200
    )
    assert Matter.unscoped.count() == 2
    assert Attachment.unscoped.get().interaction_id == kept.interaction_id


def test_a_forged_ticket_claims_no_files(desk, visitor):
    page = hidden(visitor.get("/p/new/complaint/").content.decode())
    sent = visitor.post("/p/upload/", **page, proof=solve(page["ticket"]), file=photo())
    assert sent.status_code == 201
    forged = page["ticket"][:-2] + ("AA" if page["ticket"][-2:] != "AA" else "BB")
    answer = visitor.post("/p/new/complaint/", **page | {"ticket": forged}, **COMPLAINT)
    assert answer.status_code == 422 and "滤芯.png" not in answer.content.decode()


def photo() -> SimpleUploadedFile:
    drawn = io.BytesIO()
    Image.new("RGB", (8, 8), "grey").save(drawn, "PNG")
    return SimpleUploadedFile("滤芯.png", drawn.getvalue(), "image/png")


def test_without_a_script_one_waits_a_moment_and_few_are_taken(desk):
    visitor = Visitor()
    quick = visitor.send("/p/new/complaint/", wait=1, **COMPLAINT)
    assert quick.status_code == 422
    assert "秒再点一次提交" in quick.content.decode()
    assert "机油滤芯漏油" in quick.content.decode()
    for _again in range(5):
        assert visitor.send("/p/new/enquiry/", content="在吗？", name="", phone="1").status_code == 422, (
            "mending is free"
        )
    for n in range(3):
        assert (
            visitor.send("/p/new/enquiry/", content="在吗？", name=f"人{n}", phone=f"1381234567{n}").status_code == 200
        )
    fourth = visitor.send("/p/new/enquiry/", content="在吗？", name="人9", phone="13912345679")
    assert fourth.status_code == 429
    assert "在吗？" in fourth.content.decode()


def test_a_solved_puzzle_needs_no_waiting_and_is_used_up(desk, visitor):
    for _n in range(5):
        page = hidden(visitor.get("/p/new/enquiry/").content.decode())
        sent = visitor.post(
            "/p/new/enquiry/", **page, proof=solve(page["ticket"]), content="在吗？", name="人", phone="13812345670"
        )
        assert sent.status_code == 200
    assert Matter.unscoped.count() == 5
    other = visitor.post(
        "/p/new/enquiry/", **page, proof=solve(page["ticket"]), content="换一件事", name="人", phone="13812345670"
    )
    assert other.status_code == 200
    assert Matter.unscoped.count() == 5, "the same ticket pays for one submission only"


def test_the_same_phone_is_not_taken_without_end(desk):
    for n in range(6):
        visitor = Visitor(address=f"203.0.113.{n}")
        assert visitor.send("/p/new/enquiry/", content="在吗？", name="人", phone="13812345670").status_code == 200
    assert (
        Visitor(address="203.0.113.99")
        .send("/p/new/enquiry/", content="在吗？", name="人", phone="138 1234 5670")
        .status_code
        == 429
    )


def test_a_program_that_fills_the_trap_is_stopped(desk, visitor):
    answer = visitor.send("/p/new/complaint/", fax="http://spam", **COMPLAINT)
    assert answer.status_code == 422
    assert Matter.unscoped.count() == 0


def test_a_form_from_elsewhere_is_refused(desk, visitor):
    visitor.get("/p/new/complaint/")
    refused = visitor.post("/p/new/complaint/", **COMPLAINT)
    assert refused.status_code == 403
    assert "机油滤芯漏油" in refused.content.decode() and "p-main" in refused.content.decode()
    page = hidden(visitor.get("/p/new/complaint/").content.decode())
    forged = visitor.post("/p/new/complaint/", **{**page, "ticket": "eyJ4.xyz"}, **COMPLAINT)
    assert forged.status_code == 422
    assert "机油滤芯漏油" in forged.content.decode()


def test_a_known_phone_recognises_nobody_and_staff_are_told(desk, visitor):
    with acting_as(desk.system):
        known = create_customer(
            kind="person", name="王小明", identities=[("phone", "13812345678")], verified_how="agent"
        )
    visitor.send("/p/new/complaint/", **COMPLAINT)
    matter = Matter.unscoped.get()
    assert matter.customer_id != known.pk
    told = matter.entries(manager="unscoped").get(kind="identity")
    assert "王小明" in told.text and not told.public
    assert "来信人" not in visitor.get(f"/p/c/{links.case_token(matter.pk, NOW)}/").content.decode()


def test_the_same_stranger_coming_back_is_one_customer(desk):
    for words in ("第一件事情", "第二件事情"):
        Visitor().send("/p/new/enquiry/", content=words, name="孙丽", phone="13812345678")
    assert Customer.unscoped.filter(name="孙丽").count() == 1
    assert Matter.unscoped.count() == 2


def test_nobody_adds_their_own_address_to_a_neighbours_file(desk):
    """Who knows somebody's name and phone would else be sent the codes and agreements of that person's cases."""
    Visitor().send("/p/new/complaint/", content="空调漏水，没有人来修", name="孙丽", phone="13812345678")
    mine = Matter.unscoped.get()
    Visitor().send("/p/new/enquiry/", content="我是孙丽", name="孙丽", phone="13812345678", email="thief@example.cn")
    assert not ChannelIdentity.unscoped.filter(customer=mine.customer, value="thief@example.cn").exists()
    assert Matter.unscoped.exclude(pk=mine.pk).get().customer_id != mine.customer_id


BAD = [
    "x" * 6_000,
    "a\x00b",
    "‮反‬向​零宽",
    "😀" * 50,
    "=cmd|' /C calc'!A0",
    "<script>alert(1)</script>",
    "  \n\t ",
    "𠮷" * 300,
]


@pytest.mark.parametrize("bad", BAD, ids=range(len(BAD)))
@pytest.mark.parametrize("field", ["content", "demand", "name", "phone", "email", "product", "batch", "occurred_on"])
def test_bad_input_in_any_field_is_kept_or_refused_with_a_sentence(desk, visitor, field, bad):
    answer = visitor.send("/p/new/complaint/", **{**COMPLAINT, field: bad})
    html = answer.content.decode()
    assert answer.status_code in (200, 422)
    assert "<script>alert" not in html
    if answer.status_code == 422:
        assert 'class="p-wrong"' in html
        assert Matter.unscoped.count() == 0
    else:
        assert Matter.unscoped.count() == 1
        row = Complaint.unscoped.get()
        assert not set("\x00\u202e\u200b") & set(row.content + row.demand + row.complainant + row.product)


@pytest.mark.parametrize("when", ["2026-02-30", "1850-01-01", "2999-01-01", "昨天"])
def test_impossible_dates_are_said(desk, visitor, when):
    answer = visitor.send("/p/new/complaint/", **COMPLAINT, occurred_on=when)
    assert answer.status_code == 422
    assert "日期" in answer.content.decode()


def test_ten_megabytes_of_text_are_refused_calmly(desk, visitor):
    answer = visitor.send("/p/new/complaint/", **{**COMPLAINT, "content": "长" * 3_500_000})
    assert (
        answer.status_code == 413
        and "您写的内容还在" in answer.content.decode()
        and "p-main" in answer.content.decode()
    )
    assert Matter.unscoped.count() == 0


def test_headers_hold_on_every_page(visitor, db):
    answer = visitor.get("/p/new/complaint/")
    html = answer.content.decode()
    assert "script-src 'self'" in answer.headers["Content-Security-Policy"]
    assert answer.headers["X-Frame-Options"] == "DENY"
    assert answer.headers["Cache-Control"] == "no-store, private"
    assert "<style" not in html and " style=" not in html and " onclick" not in html
    assert "http://" not in html and "https://" not in html
