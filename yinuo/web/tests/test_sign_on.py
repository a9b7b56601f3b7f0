"""Single sign-on against a provider that really answers, and one that lies."""

import json
import re
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.test import Client
from joserfc.jwk import RSAKey

from yinuo.identity import openid
from yinuo.identity.commands import add_code_app, edit_staff, link_sign_on, set_sign_on
from yinuo.identity.models import SecurityEvent, SignOn, SignOnLink, Staff
from yinuo.identity.queries import actor_for
from yinuo.identity.sign_on import sign_on
from yinuo.identity.tests.oidc import CLIENT, SECRET, Provider
from yinuo.kernel import clock
from yinuo.kernel.actor import acting_as
from yinuo.kernel.command import permit_writes
from yinuo.kernel.errors import Invalid, Refused
from yinuo.kernel.models import AuditEntry
from yinuo.web.tests.conftest import PASSWORD
from yinuo.web.tests.test_second_step import SECRET as APP
from yinuo.web.tests.test_second_step import code_at


@pytest.fixture
def provider(company, settings):
    """Set up and listening; the agent's address is known to both sides."""
    settings.SIGN_ON_ALLOW, settings.PUBLIC_URL = ["127.0.0.1"], "http://testserver"
    openid.forget()
    made = Provider()
    configure(company, made)
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["agent"].pk).update(email="Lin@example.cn")
    yield made
    made.close()
    openid.forget()


def configure(company, made, **changes) -> SignOn:
    given = {
        "active": True, "name": "公司账号", "issuer": made.issuer, "client_id": CLIENT, "secret": SECRET, "match": "email",
        **changes,
    }  # fmt: skip
    with acting_as(company.actor("admin")):
        return set_sign_on(**given, expected_version=sign_on().version)


def there(client=None, query="") -> tuple[Client, str]:
    """Sent off to the provider: the browser, and where it was sent."""
    client = client or Client()
    answer = client.get(f"/login/sso/{query}")
    assert answer.status_code == 302
    return client, answer["Location"]


def back(client, url):
    parts = urlsplit(url)
    return client.get(f"{parts.path}?{parts.query}")


def through(provider, query="") -> tuple[Client, object]:
    client, url = there(query=query)
    return client, back(client, provider.authorize(url))


def toned(answer, client) -> str:
    """What kind of sentence was shown after a button."""
    return re.search(r'class="y-toast" data-tone="(\w+)"', client.get(answer["Location"]).content.decode())[1]


def refused(client, answer) -> bool:
    return answer["Location"] == "/login/" and client.get("/").status_code == 302


def test_who_is_known_there_is_let_in_here_where_they_wanted_to_go(provider, company) -> None:
    page = Client().get("/login/?next=/inbox/").content.decode()
    assert "用公司账号登录" in page and "/login/sso/?next=%2Finbox%2F" in page
    client, answer = through(provider, "?next=/inbox/")
    assert (answer.status_code, answer["Location"]) == (303, "/inbox/")
    assert "林晓雯" in client.get("/").content.decode() and "单点登录" in client.get("/security/").content.decode()
    link = SignOnLink.objects.get()
    assert (link.staff, link.subject, link.issuer) == (company.staff["agent"], "u-1", provider.issuer)
    assert SecurityEvent.unscoped.get(kind="linked").staff == company.staff["agent"]
    stored = str(list(AuditEntry.unscoped.values_list("data", flat=True))) + SignOn.objects.get().secret
    assert SECRET not in stored


def test_afterwards_it_is_the_subject_that_counts_not_the_address(provider, company) -> None:
    through(provider)
    provider.person |= {"email": "boss@example.cn"}
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["boss"].pk).update(email="boss@example.cn")
    client, _answer = through(provider)
    assert "林晓雯" in client.get("/").content.decode()
    provider.person |= {"sub": "u-2", "email": "lin@example.cn"}  # another person has been given the old address
    assert refused(*through(provider))


@pytest.mark.parametrize("said", [{"email_verified": False}, {"email_verified": None}, {"email_verified": "yes"}, {"email": None}, {"email": "x@example.cn"}, {"email": ["lin@example.cn"]}])  # fmt: skip
def test_an_address_nobody_verified_or_nobody_has_opens_nothing(provider, said) -> None:
    provider.claims = said
    client, answer = through(provider)
    assert refused(client, answer) and not SignOnLink.objects.exists()


def test_an_address_that_only_looks_like_a_colleagues_opens_nothing(provider, company, monkeypatch) -> None:
    """Whatever a database makes of letters without a capital of their own."""
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["agent"].pk).update(email="lın@wıdget.com")
    provider.claims = {"email": "Lın@wıdget.com"}
    assert refused(*through(provider)) and not SignOnLink.objects.exists()


def test_an_address_of_two_colleagues_or_of_a_program_opens_nothing(provider, company) -> None:
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["boss"].pk).update(email="lin@example.cn")
    assert refused(*through(provider))
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["boss"].pk).update(email="")
        agent = company.staff["agent"]
        agent.email = "lin@example.cn"
        agent.set_unusable_password()
        agent.save()
    assert refused(*through(provider))


def test_only_who_an_administrator_linked_where_the_house_says_so(provider, company) -> None:
    configure(company, provider, match="subject")
    assert refused(*through(provider))
    with acting_as(company.actor("admin")):
        link_sign_on(staff_id=company.staff["super"].pk, subject="u-1")
        with pytest.raises(Invalid):
            link_sign_on(staff_id=company.staff["boss"].pk, subject="u-1")
    client, _answer = through(provider)
    assert "陈思远" in client.get("/").content.decode()


def test_a_stranger_gets_an_account_without_any_role_only_where_the_house_says_so(provider, company) -> None:
    provider.person = {
        "sub": "new",
        "email": "new@example.cn",
        "email_verified": True,
        "name": "新同事",
        "preferred_username": "agent",
    }
    assert refused(*through(provider))
    configure(company, provider, creates=True, unit_id=company.desk.pk)
    client, answer = through(provider)
    made = Staff.objects.get(email="new@example.cn")
    assert answer.status_code == 303 and made.username.startswith("agent-") and made.name == "新同事"
    assert actor_for(made).grants == frozenset()
    assert client.get("/customers/").status_code == 403 and client.get("/settings/").status_code == 403
    through(provider)
    assert Staff.objects.filter(email="new@example.cn").count() == 1


def test_who_left_or_is_locked_does_not_come_back_this_way(provider, company) -> None:
    through(provider)
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["agent"].pk).update(is_active=False)
    assert refused(*through(provider))
    with permit_writes("test"):
        Staff.objects.filter(pk=company.staff["agent"].pk).update(is_active=True, locked_at=clock.now())
    assert refused(*through(provider))


NOW = int(clock.now().timestamp())
LIES = {
    "another's nonce": {"nonce": "somebody-else's"}, "no nonce": {"nonce": None}, "for another client": {"aud": "other"},
    "for many": {"aud": [CLIENT, "other"]}, "for us by another": {"aud": [CLIENT], "azp": "other"}, "no audience": {"aud": None},
    "from elsewhere": {"iss": "https://evil.example"}, "no issuer": {"iss": None}, "expired": {"exp": NOW - 3600}, "no end": {"exp": None},
    "not yet": {"nbf": NOW + 3600}, "from the future": {"iat": NOW + 3600}, "nobody": {"sub": None}, "an empty one": {"sub": ""},
    "no text": {"sub": 7}, "too long": {"sub": "x" * 300}, "a wrong hash": {"at_hash": "AAAA"}, "an odd end": {"exp": "soon"},
}  # fmt: skip


@pytest.mark.parametrize("lie", LIES.values(), ids=LIES)
def test_a_token_that_is_not_for_us_for_this_attempt_and_for_now_opens_nothing(provider, lie) -> None:
    provider.claims = lie
    assert refused(*through(provider))


@pytest.mark.parametrize(
    "said", [{"sub": "a\x00"}, {"email": "lin\x00@example.cn"}, {"name": "\ud800"}, {"name": {"x": "\x00"}}]
)
def test_what_no_database_keeps_is_refused_as_any_other_lie(provider, company, said) -> None:
    configure(company, provider, creates=True, unit_id=company.desk.pk)
    provider.claims = {"email": "nobody@example.cn", "sub": "new"} | said
    assert refused(*through(provider)) and not SignOnLink.objects.exists()


def test_a_token_nobody_signed_or_somebody_else_did_opens_nothing(provider) -> None:
    public = provider.key.as_pem(private=False)
    for alg, key in (("none", None), ("HS256", None), ("HS256", public), ("RS256", RSAKey.generate_key(2048))):
        provider.alg, provider.sign_with = alg, key
        assert refused(*through(provider)), alg
    provider.alg, provider.sign_with = "RS256", None
    assert through(provider)[1].status_code == 303


def test_keys_may_change(provider) -> None:
    through(provider)
    provider.rotate()
    assert refused(*through(provider))  # asked a moment ago: not asked again for every forged token
    asked = provider.asked.count("/keys")
    with clock.frozen(clock.now() + timedelta(seconds=70)):
        answer = through(provider)[1]
    assert answer["Location"] == "/" and provider.asked.count("/keys") == asked + 1


def test_state_is_of_this_browser_and_good_once(provider) -> None:
    client, url = there()
    home = provider.authorize(url)
    assert refused(Client(), back(Client(), home))  # another browser: somebody was sent a link to log in as another
    other, _url = there()
    assert refused(other, back(other, home))
    assert back(client, home)["Location"] == "/"
    client.post("/logout/")
    assert refused(client, back(client, home))
    client, url = there()
    with clock.frozen(clock.now() + timedelta(minutes=11)):
        assert refused(client, back(client, provider.authorize(url)))


def test_another_providers_answer_is_not_taken_for_ours(provider) -> None:
    for wrong in ("https://evil.example", ""):
        provider.back = {"iss": wrong}
        assert refused(*through(provider))
    assert "/token" not in provider.asked  # the code was shown to nobody


def test_a_code_of_another_attempt_is_worth_nothing(provider) -> None:
    """PKCE: a code that was stolen on its way needs the verifier of the browser it was made for."""
    _victim, url = there()
    stolen = provider.authorize(url).split("code=")[1].split("&")[0]
    thief, own = there()
    home = provider.authorize(own)
    assert refused(thief, back(thief, home.replace(home.split("code=")[1].split("&")[0], stolen)))


def test_a_provider_that_says_no_or_nonsense(provider) -> None:
    client, url = there()
    state = provider.authorize(url).split("state=")[1].split("&")[0]
    answer = client.get("/login/sso/back/", {"error": "access_denied", "state": state, "iss": provider.issuer})
    assert refused(client, answer)
    for status, text in (
        (500, ""),
        (200, "nonsense"),
        (200, "[]"),
        (200, "{}"),
        (200, json.dumps({"id_token": 7})),
        (302, "{}"),
    ):
        provider.answer = (status, text)
        assert refused(*through(provider)), text


def test_a_description_that_points_elsewhere_is_refused(provider, company) -> None:
    admin = Client()
    admin.force_login(company.staff["admin"])
    for changes in (
        {"issuer": "https://other.example"}, {"token_endpoint": "http://169.254.169.254/latest/meta-data"}, {"jwks_uri": "file:///etc/passwd"},
        {"authorization_endpoint": "javascript:alert(1)"}, {"token_endpoint": "https://user@idp.example/"}, {"jwks_uri": None},
        {"token_endpoint": "https://idp.example:22/"},
    ):  # fmt: skip
        provider.metadata = changes
        openid.forget()
        assert Client().get("/login/sso/")["Location"] == "/login/", changes
        assert toned(admin.post("/settings/entry/sign-on/test/"), admin) == "danger", changes


@pytest.mark.parametrize("url", ["http://idp.example", "https://idp.example:8000", "https://u:p@idp.example", "ftp://idp.example", "idp.example", "https://", "https://127.0.0.1:9/", "https://[::1]:9"])  # fmt: skip
def test_addresses_that_may_not_be_set(company, settings, url) -> None:
    with acting_as(company.actor("admin")), pytest.raises(Invalid) as wrong:
        set_sign_on(active=False, name="x", issuer=url, client_id="x", match="email", expected_version=1)
    assert "issuer" in wrong.value.fields


def test_a_name_that_leads_into_this_machine_is_not_connected_to(company, monkeypatch) -> None:
    from yinuo.kernel import outgoing

    monkeypatch.setattr(outgoing.socket, "getaddrinfo", lambda *_a, **_k: [(2, 1, 6, "", ("127.0.0.1", 443))])
    monkeypatch.setattr(outgoing.socket, "create_connection", lambda *_a: pytest.fail("connected"))
    openid.forget()
    with pytest.raises(Refused):
        openid.discovered("https://idp.example", clock.now())


def test_no_other_way_in_but_for_the_keeper(provider, company) -> None:
    admin = company.staff["admin"]
    with pytest.raises(Invalid):
        configure(company, provider, only=True)
    with pytest.raises(Invalid):  # somebody who cannot manage staff is no help on that day
        configure(company, provider, only=True, keeper_id=company.staff["agent"].pk)
    configure(company, provider, only=True, keeper_id=admin.pk)
    page = Client().get("/login/").content.decode()
    assert "应急登录" in page and page.index("用公司账号登录") < page.index("应急登录")

    def said(name, password):
        answer = Client().post("/login/", {"username": name, "password": password})
        return answer.status_code, answer.content.decode().partition('role="alert"')[2].partition("</p>")[0]

    assert said("agent", PASSWORD) == said("agent", "wrong") == said("admin", "wrong") == said("nobody", "x")
    assert said("agent", PASSWORD)[0] == 422
    assert Client().post("/login/", {"username": "admin", "password": PASSWORD}).status_code == 303
    assert through(provider)[1].status_code == 303
    now = Staff.objects.get(pk=admin.pk)
    with acting_as(company.actor("boss").__class__.system("t")), pytest.raises(Refused):
        edit_staff(
            staff_id=admin.pk, name=now.name, unit_id=now.unit_id, role_codes=["administrator"], phone="", email="",
            active=False, manager_id=None, expected_version=now.version,
        )  # fmt: skip


def test_our_own_second_step_where_the_house_wants_it_too(provider, company) -> None:
    with acting_as(company.actor("agent")):
        add_code_app(secret=APP, code=code_at(clock.now() - timedelta(seconds=30)))
    assert through(provider)[1]["Location"] == "/"
    configure(company, provider, asks_step=True)
    client, answer = through(provider)
    assert answer["Location"] == "/login/step/" and client.get("/").status_code == 302
    assert client.post("/login/step/", {"code": code_at()})["Location"] == "/"


def test_the_key_changes_on_the_way_in(provider) -> None:
    client, url = there()
    before = client.cookies["sessionid"].value
    back(client, provider.authorize(url))
    assert client.cookies["sessionid"].value != before


def test_next_never_leads_away(provider) -> None:
    assert through(provider, "?next=https://evil.example/")[1]["Location"] == "/"


def test_switched_off_there_is_no_such_page(company) -> None:
    assert Client().get("/login/sso/").status_code == 404 == Client().get("/login/sso/back/").status_code
    assert "/login/sso/" not in Client().get("/login/").content.decode()


def test_the_settings_are_an_administrators_and_keep_their_secret(provider, company, sign_in) -> None:
    assert sign_in("super").get("/settings/entry/sign-on/").status_code == 403
    admin, row = sign_in("admin"), sign_on()
    page = admin.get("/settings/entry/sign-on/").content.decode()
    assert "http://testserver/login/sso/back/" in page and SECRET not in page
    form = {
        "active": "on",
        "name": "公司账号",
        "issuer": provider.issuer,
        "client_id": CLIENT,
        "match": "email",
        "version": row.version,
    }
    assert admin.post("/settings/entry/sign-on/", form).status_code == 303
    assert sign_on().secret == row.secret  # left empty: as it was
    assert admin.post("/settings/entry/sign-on/", form).status_code == 409
    tested = admin.post("/settings/entry/sign-on/test/")
    assert toned(tested, admin) == "success"
    answers = [admin.post("/settings/entry/sign-on/test/").status_code for _n in range(10)]
    assert answers[-1] == 429
    moved = {**form, "issuer": "https://other.example", "version": sign_on().version}
    assert admin.post("/settings/entry/sign-on/", moved).status_code == 303 and sign_on().secret == ""
