"""A tester answers pushes in a browser as narrow as a phone."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Page, expect, sync_playwright

from tests.integration.sandbox_process import SandboxProcess, running_sandbox

pytestmark = pytest.mark.browser

PHONE = "081234567890"


@pytest.fixture(scope="module")
def sandbox(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SandboxProcess]:
    """A sandbox in which every push waits for the tester."""
    with running_sandbox(tmp_path_factory.mktemp("sandbox")) as running:
        running.switch(push_mode="manual")
        yield running


@pytest.fixture(scope="module")
def phone(chromium_path: str) -> Iterator[Page]:
    """A page in headless Chromium, 390 pixels wide."""
    arguments = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium_path, args=arguments)
        yield browser.new_page(viewport={"width": 390, "height": 844})
        browser.close()


def test_a_push_is_accepted(sandbox: SandboxProcess, phone: Page) -> None:
    """The tester types his number, sees the amount, accepts, and the money moves."""
    sandbox.charge("kopi-1", PHONE, 15000)
    phone.goto(f"{sandbox.url}/app")
    phone.get_by_label("Phone number").fill("0812 3456 7890")
    phone.get_by_role("button", name="Show").click()
    push = phone.get_by_role("article", name="Payment of Rp15.000 for kopi-1")
    expect(push).to_contain_text("Toko Kopi Senja")
    push.get_by_role("button", name="Accept").click()
    expect(phone.get_by_role("status")).to_contain_text("Paid: Rp15.000 for kopi-1")
    expect(phone.locator("#purse")).to_contain_text("Rp9.985.000")
    assert [entry["amount_rupiah"] for entry in sandbox.ledger("kopi-1")] == [15000]


def test_a_push_is_declined(sandbox: SandboxProcess, phone: Page) -> None:
    """No money moves, and the history says why."""
    sandbox.charge("kopi-2", PHONE, 27500)
    phone.goto(f"{sandbox.url}/app?phone={PHONE}")
    push = phone.get_by_role("article", name="Payment of Rp27.500 for kopi-2")
    push.get_by_role("button", name="Decline").click()
    expect(phone.get_by_role("status")).to_contain_text("Declined: Rp27.500 for kopi-2")
    history = phone.get_by_role("region", name="History")
    expect(history.get_by_role("listitem").first).to_contain_text("Declined")
    assert sandbox.ledger("kopi-2") == []


def test_a_push_appears_without_a_reload(sandbox: SandboxProcess, phone: Page) -> None:
    """The page keeps itself up to date, and counts down."""
    phone.goto(f"{sandbox.url}/app?phone={PHONE}")
    expect(phone.get_by_role("heading", name="Nothing to pay")).to_be_visible()
    sandbox.charge("kopi-3", PHONE)
    push = phone.get_by_role("article", name="Payment of Rp15.000 for kopi-3")
    expect(push).to_be_visible()
    shown = push.locator("[data-left]").inner_text()
    expect(push.locator("[data-left]")).not_to_have_text(shown)


@pytest.mark.parametrize("path", ["/", "/app", f"/app?phone={PHONE}"])
def test_nothing_is_wider_than_the_phone(sandbox: SandboxProcess, phone: Page, path: str) -> None:
    """Nobody has to scroll sideways."""
    phone.goto(f"{sandbox.url}{path}")
    assert phone.evaluate("document.documentElement.scrollWidth") <= 390


def test_the_index_moves_the_clock_sets_switches_and_arms_faults(
    sandbox: SandboxProcess, phone: Page
) -> None:
    """Without a script, by forms."""
    phone.goto(sandbox.url)
    phone.get_by_role("button", name="+1 h").click()
    expect(phone.locator("#clock")).to_contain_text("+3600 s")
    assert sandbox.control("GET", "/clock")["offset_s"] == 3600
    phone.get_by_role("button", name="Wall time").click()
    expect(phone.locator("#clock .badge")).to_have_text("wall time")
    assert sandbox.control("GET", "/clock")["offset_s"] == 0
    phone.get_by_label("Fault", exact=True).select_option("status_404")
    phone.get_by_role("button", name="Arm once").click()
    expect(phone.get_by_role("button", name="Disarm all")).to_be_visible()
    phone.get_by_role("button", name="Disarm all").click()
    expect(phone.locator("#faults")).to_contain_text("None is armed")
    assert sandbox.control("GET", "/faults")["armed"] == []
    phone.locator("summary", has_text="Midtrans").click()
    phone.get_by_label("midtrans_expiry_s", exact=True).fill("90")
    phone.get_by_role("button", name="Set midtrans_expiry_s").click()
    expect(phone.locator("#switch-midtrans_expiry_s .badge")).to_have_text("changed")
    switches = sandbox.control("GET", "/switches")["switches"]
    value = next(s["value"] for s in switches if s["name"] == "midtrans_expiry_s")
    assert value == 90
