"""Who tries passwords is counted by what one visitor surely has, and gets one answer whatever the name or password."""

import asyncio

import pytest

from rag.chat.http_guard import network_of
from rag.chat.passwords import Passwords, hashed
from rag.chat.sign_in import OF_ADDRESS, OF_NAME, SignIn, address


def tries(addresses, names):
    """Return how many of these tries were checked."""
    checked = []

    async def all_of_them():
        sign_in = SignIn(lambda name, _: checked.append(name))
        try:
            for place, name in zip(addresses, names, strict=True):
                address.set(place)
                await sign_in.right(name, "wrong")
        finally:
            sign_in.close()

    asyncio.run(all_of_them())
    return len(checked)


@pytest.mark.parametrize(
    "addresses",
    [
        ["192.0.2.7"] * 60,
        [f"2001:db8:0:1:{number:x}::" for number in range(60)],
        [f"2001:db8::{number:x}" for number in range(60)],
        ["192.0.2.7", "::ffff:192.0.2.7"] * 30,
        ["::ffff:c000:207", "::ffff:192.0.2.7"] * 30,
    ],
)
def test_one_visitor_has_one_budget_whatever_addresses_they_take(addresses):
    assert tries(addresses, [f"name{number}" for number in range(60)]) == OF_ADDRESS


def test_two_visitors_have_two():
    assert network_of("2001:db8:0:1::7") != network_of("2001:db8:0:2::7")
    assert network_of("192.0.2.7") != network_of("192.0.2.8")
    assert network_of("not an address") == "not an address"


def test_a_name_has_one_budget_from_wherever_it_is_tried():
    assert tries([f"192.0.2.{number}" for number in range(60)], ["alice"] * 60) == OF_NAME


@pytest.mark.parametrize("name", ["alice", "bob", "\ud800", "", "a" * 2**20, "alice\0", "ALICE", " alice"])
@pytest.mark.parametrize("password", ["\ud800", "", "x\0", "p" * 1_000])
def test_any_name_and_any_password_get_the_same_answer(tmp_path, monkeypatch, name, password):
    monkeypatch.setattr("rag.chat.passwords.COST", 2)  # the cost changes no answer
    (tmp_path / "people").write_text(f"alice:{hashed('long enough')}\n", encoding="utf-8")

    async def tried():
        sign_in = SignIn(Passwords(tmp_path / "people"))
        try:
            return await sign_in.right(name, password), await sign_in.right("alice", "long enough")
        finally:
            sign_in.close()

    assert asyncio.run(tried()) == (False, True)
