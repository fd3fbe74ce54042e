"""A login by OpenID Connect, from the first page to the log out, with a provider on loopback and real browsers."""

from __future__ import annotations

import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from app.session.owner import COOKIE
from tests.browser.conftest import serve
from tests.doubles.login_site import LoginSite, choose, login_site

pytestmark = pytest.mark.login

Until = Callable[[Callable[[], bool]], None]


@pytest.fixture
def site(browser: Any, tmp_path: Path) -> Iterator[LoginSite]:
    """Everybody of example.org gets in; ada and bob have accounts there."""
    with login_site(browser, tmp_path, TOOLKIT_ALLOWED_DOMAINS="example.org", TOOLKIT_ADMINS="Bob@example.org") as made:
        made.provider.person("ada")
        made.provider.person("bob")
        yield made


def box(tab: Any) -> Any:
    return tab.get_by_label("Tag", exact=True)


def outside(tab: Any) -> None:
    """Wait for the page before the login, and see that nothing of the dataset is on it."""
    tab.get_by_role("button", name="Log in").wait_for()
    tab.get_by_role("heading", name="Captioning & Visualization Toolkit").wait_for()
    assert tab.get_by_text("photo_").count() == 0


def cookies_of(tab: Any) -> str:
    return "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in tab.context.cookies())


def status(url: str, cookies: str = "", method: str = "GET", **headers: str) -> int:
    """What a request by hand is answered."""
    request = urllib.request.Request(url, method=method, headers={"Cookie": cookies, **headers})
    if method != "GET":
        request.data = b"x"
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return int(answer.status)
    except urllib.error.HTTPError as error:
        return error.code


def exported(site: LoginSite, tab: Any) -> str:
    """Export the folder as CSV; gives the address of the download."""
    tab.goto(f"{site.url}/export{site.folder_link}")
    tab.locator("label", has_text="CSV").first.click()
    tab.get_by_role("button", name="Export", exact=True).click()
    tab.get_by_text("in captions.csv,").wait_for()
    link = tab.locator(".st-key-export-outcome").get_by_role("link", name="Download captions.csv", exact=True)
    return f"{site.url}/{link.get_attribute('href')}"


def media(site: LoginSite, tab: Any) -> str:
    """Count words; gives the address of the table, which Streamlit's own media route gives out."""
    with tab.expect_response(lambda answer: answer.url.startswith(f"{site.url}/media/")) as answered:
        tab.goto(f"{site.url}/word_cloud{site.folder_link}")
        tab.get_by_role("button", name="Load Word Cloud").click()
        tab.get_by_role("button", name="CSV", exact=True).click()
    return str(answered.value.url)


def upload_route(site: LoginSite, tab: Any, file: Path) -> tuple[str, dict[str, str]]:
    """Choose a file; gives where the browser has sent it, and with which headers."""
    file.write_bytes((site.dashboard.photos / "photo_0.jpg").read_bytes())
    with tab.expect_request("**/_stcore/upload_file/**") as sent:
        tab.goto(site.url)
        tab.get_by_text("Upload", exact=True).first.wait_for()
        tab.locator("input[type=file]").first.set_input_files(file)
    kept = {name: value for name, value in sent.value.headers.items() if name in ("x-xsrftoken", "content-type")}
    return str(sent.value.url), kept


def test_somebody_logs_in_works_logs_out_and_is_out(site: LoginSite, until: Until) -> None:
    tab = site.arrive(site.folder_link)
    outside(tab)
    choose(tab, "ada")
    tab.get_by_text("ada@example.org", exact=True).wait_for()
    tab.goto(f"{site.url}/{site.folder_link}")
    tab.get_by_text("Showing 1 of").wait_for()
    box(tab).fill("words of ada")
    tab.get_by_role("button", name="Save", exact=True).click()
    until(lambda: (site.dashboard.photos / "photo_0.txt").read_text() == "words of ada")
    tab.get_by_role("button", name="Log out").click()
    # The page is told before the provider is, and the way to that leads away from it and back.
    until(lambda: site.provider.logged_out >= 1)
    outside(tab)
    tab.goto(f"{site.url}/{site.folder_link}")
    outside(tab)
    choose(tab, "ada")
    tab.get_by_role("button", name="Log out").wait_for()


def test_a_stranger_gets_no_page_no_download_no_upload_route_and_no_file(site: LoginSite, tmp_path: Path) -> None:
    ada = site.log_in("ada")
    route, headers = upload_route(site, ada, tmp_path / "new.jpg")
    files = [exported(site, ada), media(site, ada)]
    # The route is Streamlit's own and may be used up by now: what matters is who may not even ask.
    assert status(route, cookies_of(ada), "PUT", **headers) in (204, 400)
    assert [status(url, cookies_of(ada)) for url in files] == [200, 200]
    stranger = site.arrive(site.folder_link)
    outside(stranger)
    forged = "; ".join([cookies_of(stranger), "_streamlit_user=" + "eyJ4IjoxfQ.aaaa.bbbb"])
    xsrf = "; ".join(pair for pair in cookies_of(ada).split("; ") if not pair.startswith("_streamlit_user"))
    for cookies in ("", cookies_of(stranger), forged, xsrf):
        assert [status(url, cookies) for url in files] == [401, 401]
        # Turned away as nobody who is logged in, or before that as another browser than the session's.
        assert status(route, cookies, "PUT", **headers) == (401 if cookies == xsrf else 403)
        assert status(route, cookies, "DELETE", **headers) == (401 if cookies == xsrf else 403)
    assert status(f"{site.url}/_stcore/agent/openapi.json") == 401
    assert status(f"{site.url}/_stcore/health") == 200


def test_a_login_that_was_kept_is_over_once_its_owner_logs_out(site: LoginSite) -> None:
    ada = site.log_in("ada")
    download = exported(site, ada)
    kept, header = ada.context.cookies(), cookies_of(ada)
    again = site.arrive(site.folder_link, kept)
    again.get_by_text("Showing 1 of").wait_for()
    box(again).fill("too late")
    again.get_by_text("not saved yet").first.wait_for()
    # While it looks after work in the background it would be out by itself.
    again.get_by_text("Checking images").wait_for(state="detached")
    ada.get_by_role("button", name="Log out").click()
    outside(ada)
    replayed = site.arrive(site.folder_link, kept)
    outside(replayed)
    assert status(download, header) == 401
    # The other browser, which was in before, is out at its next click, and what it says is not done.
    again.get_by_role("button", name="Save", exact=True).click()
    outside(again)
    assert (site.dashboard.photos / "photo_0.txt").read_text() == "words 0"
    again.get_by_text("You have logged out since.").wait_for()
    choose(again, "ada")
    again.get_by_text("ada@example.org", exact=True).wait_for()


def test_two_people_are_kept_apart(site: LoginSite, tmp_path: Path, until: Until) -> None:
    ada, bob = site.log_in("ada", site.folder_link), site.log_in("bob", site.folder_link)
    for tab in (ada, bob):
        tab.get_by_text("Showing 1 of").wait_for()
    box(ada).fill("a draft of ada")
    ada.get_by_text("not saved yet").first.wait_for()
    bob.reload()
    bob.get_by_text("Showing 1 of").wait_for()
    assert box(bob).input_value() == "words 0"
    ada.get_by_role("button", name="Save", exact=True).click()
    until(lambda: (site.dashboard.photos / "photo_0.txt").read_text() == "a draft of ada")
    bob.goto(f"{site.url}/history{site.folder_link}")
    bob.get_by_text("ada@example.org").first.wait_for()
    download = exported(site, ada)
    assert [status(download, cookies_of(tab)) for tab in (ada, bob)] == [200, 404]
    folder = next(site.dashboard.home.glob("workspace/*/exports"))
    bob.goto(f"{site.url}/?folder={folder}")
    bob.get_by_text("This cannot be opened as a folder", exact=True).wait_for()


def test_who_is_no_administrator_sees_nothing_of_the_server_on_the_settings_page(site: LoginSite) -> None:
    ada, bob = site.log_in("ada", "settings"), site.log_in("bob", "settings")
    bob.get_by_role("radio", name="This server").click()
    bob.get_by_text("Keys of this server").wait_for()
    ada.get_by_text("Your keys").wait_for()
    for address in ("settings", "settings?part=This+server", "settings?settings.part=Jobs"):
        ada.goto(f"{site.url}/{address}")
        ada.get_by_text("ada@example.org", exact=True).wait_for()
        assert ada.get_by_text("This server", exact=True).count() == 0
        assert ada.get_by_text("Keys of this server").count() == 0
    # Whoever was an administrator a moment ago is none at the next click.
    site.change_secrets(TOOLKIT_ALLOWED_DOMAINS="example.org", TOOLKIT_ADMINS="ada@example.org")
    for _ in range(60):
        if not bob.get_by_role("button", name="Look again").count():
            break
        # The part is gone by itself once its look has ended: then nothing is left to be clicked.
        bob.evaluate("[...document.querySelectorAll('.st-key-settings-look_again button')].forEach(one => one.click())")
        bob.wait_for_timeout(200)
    bob.get_by_text("Your keys").wait_for()
    assert bob.get_by_text("Keys of this server").count() == 0


def test_the_next_person_at_a_browser_gets_nothing_of_the_one_before(site: LoginSite) -> None:
    tab = site.log_in("ada", site.folder_link)
    tab.get_by_text("Showing 1 of").wait_for()
    box(tab).fill("a draft of ada")
    tab.get_by_text("not saved yet").first.wait_for()
    download = exported(site, tab)
    (mine,) = (cookie["value"] for cookie in tab.context.cookies() if cookie["name"] == COOKIE)
    tab.get_by_role("button", name="Log out").click()
    outside(tab)
    choose(tab, "bob")
    tab.get_by_text("bob@example.org, administrator", exact=True).wait_for()
    assert mine in cookies_of(tab)
    assert status(download, cookies_of(tab)) == 404
    tab.goto(f"{site.url}/{site.folder_link}")
    tab.get_by_text("Showing 1 of").wait_for()
    assert box(tab).input_value() == "words 0"


def test_a_name_that_is_taken_off_the_list_is_out_at_its_next_run(site: LoginSite) -> None:
    tab = site.log_in("ada", site.folder_link)
    tab.get_by_text("Showing 1 of").wait_for()
    download = exported(site, tab)
    site.change_secrets(TOOLKIT_ALLOWED_EMAILS="bob@example.org")
    said = tab.get_by_text("ada@example.org is not on the list of those who may get in.")

    def is_out() -> bool:
        tab.get_by_role("button", name="Reload").or_(said).first.click()
        tab.wait_for_timeout(200)
        return bool(said.count())

    # Streamlit looks now and then whether its secrets have changed.
    for _ in range(60):
        if is_out():
            break
    said.wait_for()
    assert tab.get_by_text("photo_").count() == 0
    assert status(download, cookies_of(tab)) == 401
    site.log_in("bob").get_by_text("bob@example.org", exact=True).wait_for()


@pytest.mark.parametrize(
    ("claims", "said"),
    [
        ({"email_verified": False}, "has not verified that ada@example.org"),
        ({"email_verified": None}, "has not verified that ada@example.org"),
        ({"email": None, "email_verified": None}, "does not say which e-mail"),
        ({"email": "ada@example.com"}, "ada@example.com is not on the list"),
    ],
)
def test_an_account_that_proves_nothing_stays_outside_and_is_told_why(
    site: LoginSite, claims: dict[str, Any], said: str
) -> None:
    site.provider.person("ada", **claims)
    tab = site.log_in("ada")
    tab.get_by_text(said).wait_for()
    tab.goto(f"{site.url}/{site.folder_link}")
    tab.get_by_text(said).wait_for()
    assert tab.get_by_text("photo_").count() == 0
    assert status(f"{site.url}/media/x.png", cookies_of(tab)) == 401
    tab.get_by_role("button", name="Log out").click()
    outside(tab)


def test_without_a_list_nobody_gets_in_and_the_administrator_reads_what_to_set(browser: Any, tmp_path: Path) -> None:
    with login_site(browser, tmp_path) as site:
        site.provider.person("ada")
        tab = site.arrive(site.folder_link)
        tab.get_by_text("Nobody can get in yet.").wait_for()
        tab.get_by_text("TOOLKIT_ALLOWED_EMAILS").wait_for()
        choose(tab, "ada")
        tab.get_by_text("Nobody can get in yet.").wait_for()
        assert tab.get_by_text("photo_").count() == 0
        assert status(f"{site.url}/media/x.png", cookies_of(tab)) == 401


def test_a_star_lets_everybody_in_whose_e_mail_is_verified(browser: Any, tmp_path: Path) -> None:
    with login_site(browser, tmp_path, TOOLKIT_ALLOWED_EMAILS="*") as site:
        site.provider.person("ada", email="ada@anywhere.example")
        site.log_in("ada").get_by_text("ada@anywhere.example", exact=True).wait_for()
        site.provider.person("eve", email_verified=False)
        site.log_in("eve").get_by_text("has not verified").wait_for()


def test_who_gets_another_e_mail_keeps_what_is_theirs_and_who_gets_theirs_has_none_of_it(site: LoginSite) -> None:
    tab = site.log_in("ada", site.folder_link)
    tab.get_by_text("Showing 1 of").wait_for()
    box(tab).fill("a draft of ada")
    tab.get_by_text("not saved yet").first.wait_for()
    site.provider.person("ada", email="lovelace@example.org")
    site.provider.person("heir", email="ada@example.org")
    later = site.log_in("ada", site.folder_link)
    later.get_by_text("lovelace@example.org", exact=True).wait_for()
    later.get_by_text("Showing 1 of").wait_for()
    assert box(later).input_value() == "a draft of ada"
    heir = site.log_in("heir", site.folder_link)
    heir.get_by_text("Showing 1 of").wait_for()
    assert box(heir).input_value() == "words 0"


def test_secrets_that_cannot_be_read_let_nobody_in(site: LoginSite) -> None:
    tab = site.log_in("ada", site.folder_link)
    tab.get_by_text("Showing 1 of").wait_for()
    site.secrets.write_text("[auth\n")
    options = ("--secrets.files", str(site.secrets))
    with serve(site.dashboard.home, site.dashboard.photos, "app/server.py", *options) as started:
        stranger = site.arrive()
        for url in (started.url, site.url):
            stranger.goto(f"{url}/{site.folder_link}")
            outside(stranger)
            assert status(f"{url}/media/x.png") == 401
        stranger.get_by_role("button", name="Log in").click()
        stranger.get_by_text("The login is not set up right.").wait_for()


def test_several_login_services_have_a_button_each(site: LoginSite) -> None:
    redirect, names = "http://127.0.0.1:{port}/oauth2callback", ("first", "second")
    site.secrets.write_text(site.provider.secrets(redirect, "another secret", names, TOOLKIT_ALLOWED_EMAILS="*"))
    options = ("--secrets.files", str(site.secrets))
    with serve(site.dashboard.home, site.dashboard.photos, "app/server.py", *options) as started:
        tab = site.arrive()
        tab.goto(started.url)
        tab.get_by_role("button", name="Log in with first").wait_for()
        tab.get_by_role("button", name="Log in with second").click()
        tab.get_by_role("link", name="ada", exact=True).click()
        tab.get_by_text("ada@example.org", exact=True).wait_for()


def test_the_main_file_alone_asks_for_the_login_too(site: LoginSite) -> None:
    options = ("--secrets.files", str(site.secrets))
    with serve(site.dashboard.home, site.dashboard.photos, "app/main.py", *options) as alone:
        tab = site.arrive()
        tab.goto(f"{alone.url}/{site.folder_link}")
        outside(tab)
        choose(tab, "ada")
        tab.get_by_text("ada@example.org", exact=True).wait_for()
