"""The customer at DOKU's pages, by plain forms: quicker than a browser, and there without one."""

import re
from typing import Final

import aiohttp

from ovo_payments_client import Binding, BindingState, OvoPaymentsClient
from tests.stack import eventually

# What every account of the sandbox has by default.
OTP: Final = "111111"
PIN: Final = "123456"

_HIDDEN: Final = re.compile(r'type="hidden" name="(\w+)" value="(\w+)"')


async def enter(browser: aiohttp.ClientSession, page: str, *entries: str) -> None:
    """Agrees on a page's first screen, and enters what the next ones ask for."""
    for entry in ("", *entries):
        async with browser.get(page) as answer:
            form = dict(_HIDDEN.findall(await answer.text()))
        assert form, "the page shows no form"
        form |= {"action": "continue", "entry": entry}
        async with browser.post(page, data=form) as answer:
            answer.raise_for_status()


async def link(
    client: OvoPaymentsClient, browser: aiohttp.ClientSession, phone_number: str
) -> Binding:
    """Links a wallet, and waits until the service knows."""
    result = await client.bind(
        customer_id=f"customer-{phone_number}",
        phone_number=phone_number,
        success_url="https://shop.example/linked",
        failure_url="https://shop.example/not-linked",
    )
    binding = result.binding
    assert binding.redirect_url
    await enter(browser, binding.redirect_url, OTP, PIN)

    async def linked() -> bool:
        nonlocal binding
        binding = await client.get_status(binding_id=binding.binding_id)
        return binding.state is BindingState.ACTIVE

    await eventually(linked, "the binding is active")
    return binding
