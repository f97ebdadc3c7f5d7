import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route

from rag.chat.http_guard import Guard

LIMIT = 1_000


async def _echo(request: Request) -> PlainTextResponse:
    return PlainTextResponse(str(len(await request.body())))


@pytest.fixture
def request_():
    app = Guard(Starlette(routes=[Route("/", _echo, methods=["GET", "POST"])]), limit=LIMIT)

    async def send(**request):
        transport = httpx.ASGITransport(app, raise_app_exceptions=False)
        async with httpx.AsyncClient(transport=transport, base_url="http://127.0.0.1:7860") as client:
            return await client.request(**{"method": "GET", "url": "/"} | request)

    def run(**request):
        import asyncio

        return asyncio.run(send(**request))

    return run


def test_the_page_itself_is_served_with_its_policy(request_):
    reply = request_()
    assert reply.status_code == 200
    assert "default-src 'self'" in reply.headers["content-security-policy"]
    assert reply.headers["x-frame-options"] == "DENY"


@pytest.mark.parametrize(
    "host", ["evil.example", "127.0.0.1.evil.example:7860", "", "10.0.0.1", "evil.example:80@localhost:7860x"]
)
def test_a_foreign_host_is_refused_as_dns_rebinding_needs_one(request_, host):
    assert request_(headers={"host": host}).status_code == 400


@pytest.mark.parametrize(
    "origin",
    [
        "http://evil.example",
        "null",
        "http://127.0.0.1:9999",
        "http://localhost:7860",
        "http://127.0.0.1:7860.evil.example",
    ],
)
def test_a_foreign_origin_is_refused_whatever_it_asks(request_, origin):
    assert request_(headers={"origin": origin}).status_code == 403
    assert request_(method="POST", content=b"x", headers={"origin": origin}).status_code == 403


def test_its_own_origin_passes(request_):
    assert request_(method="POST", content=b"x", headers={"origin": "http://127.0.0.1:7860"}).text == "1"


def test_a_large_body_is_refused_by_its_length_and_by_counting(request_):
    assert request_(method="POST", content=b"x" * LIMIT).text == str(LIMIT)
    assert request_(method="POST", content=b"x" * (LIMIT + 1)).status_code == 413

    read = []

    async def pieces():
        for _ in range(20):
            read.append(100)
            yield b"x" * 100

    assert request_(method="POST", content=pieces()).status_code == 413
    read.clear()
    length = {"content-length": str(LIMIT + 1)}
    assert request_(method="POST", content=pieces(), headers=length).status_code == 413
    assert read == []  # refused by its length, before any of it was read
