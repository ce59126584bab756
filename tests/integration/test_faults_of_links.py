"""Every fault on the calls that link accounts, unlink them and read them, end to end."""

import pytest

from ovo_payments_client import Binding, BindingResult, BindingState, UnavailableError
from tests.customer import link
from tests.integration.faults import (
    DONE,
    NOTHING_DONE,
    ON_QUESTIONS,
    REFUSED,
    STALE_TOKEN,
    WRONG_S,
)
from tests.integration.shop import Shop
from tests.stack import eventually

pytestmark = pytest.mark.asyncio(loop_scope="module")

ASKED_AGAIN_S = 3.0
"""When the service goes on with an unlinking whose answer was lost."""


async def bind(shop: Shop, phone_number: str, request_id: str) -> BindingResult:
    """Begins to link an account."""
    return await shop.client.bind(
        request_id=request_id,
        customer_id=f"customer-{phone_number}",
        phone_number=phone_number,
        success_url="https://shop.example/linked",
        failure_url="https://shop.example/not-linked",
    )


async def linked(shop: Shop) -> Binding:
    """Links another account."""
    return await link(shop.client, shop.apart.client, shop.new_phone())


async def cash(shop: Shop, binding: Binding) -> int | None:
    """Reads what a linked account holds in cash."""
    return (await shop.client.balance(binding.binding_id)).cash


async def unbound(shop: Shop, binding: Binding) -> None:
    """Waits until an account is unlinked."""

    async def is_so() -> bool:
        found = await shop.client.get_status(binding_id=binding.binding_id)
        return found.state is BindingState.UNBOUND

    await eventually(is_so, "the binding is unbound")


@pytest.mark.parametrize("fault", [*DONE, *NOTHING_DONE])
async def test_a_linking_whose_answer_is_lost_can_be_begun_anew(shop: Shop, fault: str) -> None:
    """It has no page to send the customer to; another request id gives one."""
    phone_number = shop.new_phone()
    armed = await shop.apart.arm(fault, operation="bind", seconds=WRONG_S)
    first = await bind(shop, phone_number, f"{phone_number}-1")
    await shop.apart.struck(armed)
    assert first.binding.state is BindingState.PENDING
    has_page = first.binding.redirect_url is not None
    assert has_page is (fault == "slow_drip")
    again = await bind(shop, phone_number, f"{phone_number}-1")
    assert again.replayed
    assert again.binding.binding_id == first.binding.binding_id
    binding = await link(shop.client, shop.apart.client, phone_number)
    assert await cash(shop, binding)


@pytest.mark.parametrize("fault", REFUSED)
async def test_a_linking_that_doku_did_not_process_is_unavailable(shop: Shop, fault: str) -> None:
    """Nothing was begun, and it can be begun at once."""
    phone_number = shop.new_phone()
    await shop.apart.arm(fault, operation="bind")
    with pytest.raises(UnavailableError) as refused:
        await bind(shop, phone_number, phone_number)
    assert refused.value.reason == "PROVIDER_UNAVAILABLE"
    assert (await link(shop.client, shop.apart.client, phone_number)).binding_id


@pytest.mark.parametrize("fault", [*DONE, *NOTHING_DONE])
async def test_an_unlinking_whose_answer_is_lost_is_gone_on_with(shop: Shop, fault: str) -> None:
    """Whether DOKU had done it or not; until it is known, nothing more is debited."""
    binding = await linked(shop)
    armed = await shop.apart.arm(fault, operation="unbind", seconds=WRONG_S)
    asked = await shop.client.unbind(binding.binding_id)
    await shop.apart.struck(armed)
    in_doubt = asked.state is BindingState.ACTIVE
    assert in_doubt is not (fault == "slow_drip")
    await shop.apart.pass_time(ASKED_AGAIN_S)
    await unbound(shop, binding)


@pytest.mark.parametrize("fault", REFUSED)
async def test_an_unlinking_that_doku_did_not_process_is_unavailable(
    shop: Shop, fault: str
) -> None:
    """The account stays linked, and can be unlinked at once."""
    binding = await linked(shop)
    await shop.apart.arm(fault, operation="unbind")
    with pytest.raises(UnavailableError):
        await shop.client.unbind(binding.binding_id)
    assert (await shop.client.unbind(binding.binding_id)).state is BindingState.UNBOUND


@pytest.mark.parametrize("operation", ["bind", "unbind", "balance"])
async def test_a_stale_token_is_replaced_before_anybody_notices(shop: Shop, operation: str) -> None:
    """A 401 proves that nothing was processed."""
    if operation == "bind":
        armed = await shop.apart.arm(STALE_TOKEN, operation=operation)
        assert (await linked(shop)).state is BindingState.ACTIVE
    else:
        binding = await linked(shop)
        armed = await shop.apart.arm(STALE_TOKEN, operation=operation)
        if operation == "balance":
            assert await cash(shop, binding)
        else:
            assert (await shop.client.unbind(binding.binding_id)).state is BindingState.UNBOUND
    await shop.apart.struck(armed)


@pytest.mark.parametrize("fault", ON_QUESTIONS)
async def test_a_balance_that_can_not_be_read_is_unavailable(shop: Shop, fault: str) -> None:
    """No number is better than a wrong one."""
    assert shop.binding is not None
    await shop.apart.arm(fault, operation="balance", seconds=WRONG_S, count=None)
    if fault == "slow_drip":
        assert await cash(shop, shop.binding)
        return
    with pytest.raises(UnavailableError) as unavailable:
        await cash(shop, shop.binding)
    assert unavailable.value.retry_delay is not None
    await shop.apart.disarm()
    assert await cash(shop, shop.binding)
