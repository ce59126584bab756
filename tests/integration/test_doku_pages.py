"""DOKU's hosted pages in a real browser."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import pytest
from playwright.async_api import Browser, Page, Route, async_playwright, expect

from ovo_sandbox.keys import KeyPairs
from tests.integration.live_doku import live_merchant
from tests.unit.sandbox.doku.merchant import FAILED_URL, PHONE, SUCCESS_URL, Merchant

pytestmark = pytest.mark.browser

Screen = tuple[int, int]
PHONE_SCREEN: Screen = (390, 844)
DESK_SCREEN: Screen = (1280, 800)


@pytest.fixture(scope="module")
def key_pairs() -> KeyPairs:
    """Both sides' keys, made once."""
    return KeyPairs(None)


@pytest.fixture
async def merchant(key_pairs: KeyPairs) -> AsyncIterator[Merchant]:
    """A sandbox behind a socket."""
    async with live_merchant(key_pairs) as live:
        yield live


@pytest.fixture
async def browser(chromium_path: str) -> AsyncIterator[Browser]:
    """Headless Chromium."""
    async with async_playwright() as playwright:
        launched = await playwright.chromium.launch(
            executable_path=chromium_path,
            args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
        )
        yield launched
        await launched.close()


@dataclass(kw_only=True)
class Customer:
    """Sits before a browser; the merchant's own pages are answered without any network."""

    page: Page

    async def press(self, button: str) -> None:
        """Presses a button by its words."""
        await self.page.get_by_role("button", name=button, exact=True).click()

    async def enter(self, label: str, digits: str, button: str) -> None:
        """Types into the field of that label and presses the button."""
        await self.page.get_by_label(label, exact=True).fill(digits)
        await self.press(button)

    async def sees(self, heading: str) -> None:
        """Waits until the page says that."""
        await expect(self.page.get_by_role("heading", name=heading)).to_be_visible()

    async def returns_to(self, url: str) -> None:
        """Follows the link back to the merchant."""
        link = self.page.get_by_role("link", name="Return to Toko Kopi Senja")
        await expect(link).to_have_attribute("href", url)
        await link.click()
        await self.page.wait_for_url(url)


@pytest.fixture
def screen() -> Screen:
    """A phone's; a test that wants others parametrizes `screen`."""
    return PHONE_SCREEN


@pytest.fixture
async def customer(browser: Browser, screen: Screen) -> AsyncIterator[Customer]:
    """A customer before a browser without JavaScript."""
    width, height = screen
    context = await browser.new_context(
        viewport={"width": width, "height": height}, java_script_enabled=False
    )
    page = await context.new_page()

    async def merchants_page(route: Route) -> None:
        await route.fulfill(body="Welcome back")

    await page.route("https://merchant.example/**", merchants_page)
    yield Customer(page=page)
    await context.close()


async def test_a_customer_links_an_account(merchant: Merchant, customer: Customer) -> None:
    """Consent, one-time code, PIN, success, and back to the merchant."""
    answer = await merchant.bind()
    await customer.page.goto(answer["redirectUrl"])
    await expect(customer.page.get_by_text("0812-••••-7890")).to_be_visible()
    await customer.press("Agree and continue")
    code = customer.page.get_by_label("One-time code")
    await expect(code).to_have_attribute("autocomplete", "one-time-code")
    await expect(code).to_have_attribute("inputmode", "numeric")
    await expect(code).to_be_focused()
    await customer.enter("One-time code", "111111", "Continue")
    await customer.enter("OVO PIN", "123456", "Link account")
    await customer.sees("OVO is linked")
    await customer.returns_to(SUCCESS_URL)
    assert await merchant.customer_token(answer["additionalInfo"]["authCode"])


async def test_the_browser_goes_back_by_itself(merchant: Merchant, customer: Customer) -> None:
    """Some seconds after the last screen, without JavaScript."""
    answer = await merchant.bind()
    await customer.page.goto(answer["redirectUrl"])
    await customer.press("Cancel")
    await customer.sees("OVO was not linked")
    await customer.page.wait_for_url(FAILED_URL)


async def test_a_wrong_pin_is_told_and_the_third_ends_it(
    merchant: Merchant, customer: Customer
) -> None:
    """The page counts the tries that are left; the account is blocked."""
    answer = await merchant.bind()
    await customer.page.goto(answer["redirectUrl"])
    await customer.press("Agree and continue")
    await customer.enter("One-time code", "111111", "Continue")
    for left in ("2 tries left", "One try left"):
        await customer.enter("OVO PIN", "000000", "Link account")
        await expect(customer.page.get_by_role("alert")).to_contain_text(left)
    await customer.enter("OVO PIN", "000000", "Link account")
    await customer.sees("OVO was not linked")
    await customer.returns_to(FAILED_URL)
    assert merchant.sandbox.wallet.account(PHONE).blocked


async def test_a_customer_pays(merchant: Merchant, customer: Customer) -> None:
    """The page shows amount, merchant, order and shares before it asks for the PIN."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token, points=5_000)
    await customer.page.goto(answer.json()["webRedirectUrl"])
    await customer.sees("Rp15.000")
    for fact in ("Toko Kopi Senja", "order-1", "Rp10.000", "Rp5.000"):
        await expect(customer.page.get_by_role("definition").get_by_text(fact)).to_be_visible()
    await customer.press("Continue")
    await customer.enter("OVO PIN", "123456", "Pay Rp15.000")
    await customer.sees("Payment successful")
    await customer.returns_to(SUCCESS_URL)
    assert (await merchant.status()).json()["latestTransactionStatus"] == "00"


async def test_a_customer_cancels_a_payment(merchant: Merchant, customer: Customer) -> None:
    """Nothing is taken."""
    answer = await merchant.pay(await merchant.linked_token())
    await customer.page.goto(answer.json()["webRedirectUrl"])
    await customer.press("Continue")
    await customer.press("Cancel payment")
    await customer.sees("Nothing was paid")
    await customer.returns_to(FAILED_URL)
    assert (await merchant.status()).json()["latestTransactionStatus"] == "05"


async def test_a_wrong_pin_three_times_pays_nothing(merchant: Merchant, customer: Customer) -> None:
    """The payment has failed for good."""
    answer = await merchant.pay(await merchant.linked_token())
    await customer.page.goto(answer.json()["webRedirectUrl"])
    await customer.press("Continue")
    for _ in range(3):
        await customer.enter("OVO PIN", "000000", "Pay Rp15.000")
    await customer.sees("Nothing was paid")
    assert (await merchant.status()).json()["latestTransactionStatus"] == "06"


@pytest.mark.parametrize("screen", [PHONE_SCREEN, DESK_SCREEN], ids=["phone", "desk"])
async def test_no_page_is_wider_than_its_screen(
    merchant: Merchant, customer: Customer, screen: Screen
) -> None:
    """Not even with long references on it."""
    token = await merchant.linked_token()
    answer = await merchant.pay(token, reference="N" * 64)
    for url in (
        answer.json()["webRedirectUrl"],
        (await merchant.bind("6281234567891", "c" * 64))["redirectUrl"],
        accounts_page(merchant),
    ):
        await customer.page.goto(url)
        width = await customer.page.evaluate("document.documentElement.scrollWidth")
        assert width <= screen[0]


async def test_an_owner_unlinks_an_account(merchant: Merchant, customer: Customer) -> None:
    """On the tester's list of accounts."""
    await merchant.linked()
    await customer.page.goto(accounts_page(merchant))
    await customer.press("Unlink 081234567890")
    await expect(customer.page.get_by_text("No account is linked.")).to_be_visible()


def accounts_page(merchant: Merchant) -> str:
    """The address of the tester's list of accounts."""
    return f"{merchant.sandbox.config.public_url}/doku/accounts"
