"""Departments, staff, roles, keys and the audit page."""

import re
from datetime import timedelta

from django.test import Client

from yinuo.complaints.commands import register
from yinuo.identity.models import ApiKey, Role, Staff, Unit
from yinuo.identity.queries import actor_for_key, intake_unit_id
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.web.tests.conftest import PASSWORD


def test_a_department_is_made_moved_and_not_under_itself(sign_in, company) -> None:
    admin = sign_in("admin")
    made = admin.post(
        "/settings/units/new/", {"name": "质检组", "code": "qc", "kind": "desk", "parent_id": company.desk.pk}
    )
    assert made.status_code == 303
    unit = Unit.objects.get(code="qc")
    assert unit.path == f"{company.desk.path}{unit.pk}/"
    form = {
        "name": "质检组",
        "parent_id": company.root.pk,
        "head_id": company.staff["super"].pk,
        "active": "on",
        "version": "1",
    }
    assert admin.post(f"/settings/units/{unit.pk}/", form).status_code == 303
    assert Unit.objects.get(pk=unit.pk).path == f"{company.root.path}{unit.pk}/"
    assert "还没有部门接收来件" in admin.get("/settings/units/").content.decode()
    assert admin.post(f"/settings/units/{unit.pk}/", form | {"version": "2", "takes_intake": "on"}).status_code == 303
    tree = admin.get("/settings/units/").content.decode()
    assert intake_unit_id() == unit.pk and "还没有部门接收来件" not in tree and tree.count("接收来件") == 1
    again = admin.post("/settings/units/new/", {"name": "又一个", "code": "qc", "kind": "desk"})
    assert (
        again.status_code == 422 and "部门代码已被使用" in again.content.decode() and "又一个" in again.content.decode()
    )


def test_a_person_is_made_and_can_enter(sign_in, company, client) -> None:
    admin = sign_in("admin")
    form = {
        "username": "newbie",
        "name": "新同事",
        "password": "Lu-shan-pu-bu-3",
        "unit_id": company.desk.pk,
        "role_codes": ["agent"],
        "manager_id": company.staff["super"].pk,
    }
    weak = admin.post("/settings/staff/new/", {**form, "password": "12345678"})
    assert weak.status_code == 422 and "新同事" in weak.content.decode() and "12345678" not in weak.content.decode()
    assert admin.post("/settings/staff/new/", form).status_code == 303
    assert client.post("/login/", {"username": "newbie", "password": "Lu-shan-pu-bu-3"}).status_code == 303
    person = Staff.objects.get(username="newbie")
    edit = {"name": "新同事", "unit_id": company.store.pk, "role_codes": ["warehouse"], "version": "1"}
    assert admin.post(f"/settings/staff/{person.pk}/", edit).status_code == 303
    person.refresh_from_db()
    assert (person.is_active, person.unit_id) == (False, company.store.pk)
    assert client.get("/").status_code == 302  # the session of somebody stopped ends


def test_one_cannot_stop_oneself(sign_in, company) -> None:
    me = company.staff["admin"]
    form = {"name": me.name, "unit_id": company.root.pk, "role_codes": ["administrator"], "version": "1"}
    response = sign_in("admin").post(f"/settings/staff/{me.pk}/", form)
    assert response.status_code == 409 and "不能停用自己" in response.content.decode()


def test_a_role_changes_at_the_next_click(sign_in, company) -> None:
    admin, agent = sign_in("admin"), sign_in("agent")
    role = Role.objects.get(code="agent")
    grants = [g for g in role.grants if g != "customer.read"]
    form = {
        "grants": grants,
        "matter_scope": "own",
        "customer_scope": "own",
        "approval_limit": "",
        "version": role.version,
    }
    assert agent.get("/customers/").status_code == 200
    assert admin.post(f"/settings/roles/{role.pk}/", form).status_code == 303
    assert agent.get("/customers/").status_code == 403
    negative = admin.post(f"/settings/roles/{role.pk}/", {**form, "approval_limit": "-5", "version": 2})
    assert negative.status_code == 422
    stale = admin.post(f"/settings/roles/{role.pk}/", form)
    assert stale.status_code == 409


def test_a_key_is_shown_once_works_and_is_revoked(sign_in, company) -> None:
    admin = sign_in("admin")
    account = {
        "username": "site", "name": "官网", "integration": "on", "unit_id": company.desk.pk, "role_codes": ["agent"]
    }  # fmt: skip
    made = admin.post("/settings/staff/new/", account, follow=True)
    assert "接着到“接口密钥”" in made.content.decode() and "初始密码" not in made.content.decode()
    site = Staff.objects.get(username="site")
    assert "接口账号" in admin.get("/settings/staff/").content.decode()
    assert "重设密码" not in admin.get(f"/settings/staff/{site.pk}/").content.decode()
    form = {"name": "官网表单", "staff_id": site.pk, "grants": ["complaint.register", "audit.read"], "once": "k1"}
    offered = admin.get("/settings/keys/new/").content.decode()
    assert f'value="{site.pk}"' in offered and f'value="{company.staff["boss"].pk}"' not in offered
    borrowed = admin.post("/settings/keys/new/", {**form, "staff_id": company.staff["boss"].pk})
    assert borrowed.status_code == 422 and not ApiKey.objects.exists()
    past = admin.post("/settings/keys/new/", {**form, "expires_at": "2020-01-01T00:00"})
    assert past.status_code == 422 and "请填写将来的时间" in past.content.decode() and not ApiKey.objects.exists()
    page = admin.post("/settings/keys/new/", form).content.decode()
    assert "已略去" in page and "查看审计" in page
    secret = re.search(r"yk_[0-9a-f]{8}\.[A-Za-z0-9_-]+", page)[0]
    assert actor_for_key(secret, at=clock.now())[0].grants == {"complaint.register"}
    assert secret not in admin.get("/settings/keys/").content.decode()
    assert secret not in admin.post("/settings/keys/new/", form).content.decode()  # the same submit again
    assert ApiKey.objects.count() == 1
    soon = (clock.now() + timedelta(hours=1)).astimezone(clock.CST).strftime("%Y-%m-%dT%H:%M")
    admin.post("/settings/keys/new/", {**form, "name": "一小时", "once": "k2", "expires_at": soon})
    with clock.frozen(clock.now() + timedelta(hours=2)):
        assert "一小时" not in admin.get("/settings/keys/").content.decode()
        ended = admin.get("/settings/keys/?state=expired").content.decode()
        assert "一小时" in ended and "已过期</span>" in ended
    admin.post(f"/settings/keys/{ApiKey.objects.get(name='一小时').pk}/revoke/")
    admin.post(f"/settings/keys/{ApiKey.objects.get(name='官网表单').pk}/revoke/")
    assert actor_for_key(secret, at=clock.now()) is None


def test_the_audit_page_tells_and_filters(sign_in, company) -> None:
    sign_in("admin").post("/settings/units/new/", {"name": "质检组", "code": "qc", "kind": "desk", "parent_id": ""})
    admin = sign_in("admin")
    page = admin.get("/audit/?noun=unit&who=staff").content.decode()
    assert "部门 · 新建" in page and "管理员" in page and "角色 · 预置" not in page
    assert "部门 · 新建" in admin.get("/audit/?q=管理员").content.decode()
    assert sign_in("agent").get("/audit/").status_code == 403


def test_the_audit_is_searched_by_what_it_shows(sign_in, company) -> None:
    with acting_as(company.actor("agent")):
        one, other = (
            register(channel="phone", content=text, name="何远山", phone=phone)
            for text, phone in (("漏油", "13977665544"), ("异响", "13977665545"))
        )
    admin = sign_in("admin")

    def rows(q: str) -> str:
        return admin.get("/audit/", {"q": q}).content.decode().partition("<tbody>")[2]

    for typed in ("登记", "投诉 · 登记", "投诉登记", "complaint.register"):
        found = rows(typed)
        assert "投诉 · 登记" in found and "部门 · 新建" not in found, typed
    assert "部门 · 新建" in rows("部门") and "投诉 · 登记" not in rows("部门")
    for typed in (one.matter.number, one.matter.number.lower()):
        assert f"?q={one.pk}" in rows(typed) and f"?q={other.pk}" not in rows(typed)
    assert "<td" not in rows("查无此事") + rows("··") + rows("登录页")
    Client().post("/login/", {"username": "agent", "password": PASSWORD})
    assert "登录页" in rows("登录页")


def test_the_first_settings_are_done_by_what_is_there(sign_in, company, settings) -> None:
    admin = sign_in("admin")
    settings.COMPANY_NAME = settings.HOTLINE = ""
    first = admin.get("/settings/start/").content.decode()
    assert 'href="/settings/units/"' in first and first.count("还没做") >= 4
    front = {"name": "长江润滑油", "phone": "400-000-0000", "hours": "周一至周五 9:00–18:00", "version": "0"}
    assert admin.post("/settings/portal/", front | {"phone": "打电话"}).status_code == 422
    assert admin.post("/settings/portal/", front).status_code == 303
    assert admin.post("/settings/portal/", front | {"name": "别名"}).status_code == 409
    door = Client().get("/p/").content.decode()
    assert "长江润滑油" in door and 'href="tel:400-000-0000"' in door and "周一至周五" in door
    offered = admin.get("/settings/units/new/").content.decode()
    assert f'value="{company.root.pk}" selected' in offered, "a new department is in the company, not beside it"
    admin.post("/settings/units/new/", {"name": "二组", "code": "two", "kind": "desk", "parent_id": company.root.pk})
    named = admin.get("/settings/start/").content.decode()
    assert named.count("还没做") == first.count("还没做") - 1 and "长江润滑油" in named
    code = admin.get("/settings/start/code.svg")
    assert code["Content-Type"] == "image/svg+xml" and b"<svg" in code.content
    assert "开张清单" in admin.get("/").content.decode()
    assert admin.post("/settings/start/hide/").status_code == 303
    assert "公司还没有设好" not in admin.get("/").content.decode()
    assert sign_in("agent").get("/settings/start/").status_code == 403


def test_help_offers_what_one_may_use(sign_in) -> None:
    agent, admin = sign_in("agent").get("/help/").content.decode(), sign_in("admin").get("/help/").content.decode()
    assert "/api/docs" in admin and "/api/docs" not in agent and "data-tour-start" in agent
    steps = {name: sign_in(name).get("/tour/").json()["steps"] for name in ("agent", "stock", "admin")}
    assert all(len(found) == 5 for found in steps.values()) and steps["agent"] != steps["admin"]
