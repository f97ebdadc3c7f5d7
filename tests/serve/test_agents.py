"""An agent's tools: what they take and return, what they refuse, and the two ways to speak to them."""

import asyncio
import json
import sys

import jsonschema
import mcp
import pytest
from mcp import StdioServerParameters, stdio_client
from mcp.server.mcpserver.exceptions import ResourceNotFoundError
from places import ROOT

from rag import Library
from rag.config import version
from rag.integrations.mcp import KeptAnswers
from rag.views.documents import json_schema

QUESTION = "By how much did a thicker sheet of tin cut dents?"
CALLS = {
    "ask": {"question": QUESTION},
    "search": {"question": QUESTION},
    "get_paper": {"paper_id": "none"},
    "list_papers": {},
}


def talk(server, conversation):
    async def talked():
        async with mcp.Client(server) as agent:
            return await conversation(agent)

    return asyncio.run(talked())


def test_the_tools_describe_themselves(agent_server):
    async def conversation(agent):
        return agent.server_info.version, (await agent.list_tools()).tools

    reported, tools = talk(agent_server, conversation)
    assert reported == version()
    assert {tool.name for tool in tools} == {"ask", "search", "get_paper", "list_papers"}
    for tool in tools:
        assert tool.annotations.read_only_hint
        assert tool.input_schema["additionalProperties"] is False
        assert all(field["description"] for field in tool.input_schema["properties"].values())
        assert tool.output_schema["$ref"] in {"#/$defs/answer", "#/$defs/hits", "#/$defs/paper", "#/$defs/papers"}
        assert "manuscript" not in tool.output_schema["$defs"]  # all of it is text that an agent has to read
    (ask,) = [tool for tool in tools if tool.name == "ask"]
    assert {"year", "venue", "author", "source", "papers", "exclude"} <= set(ask.input_schema["properties"])


def test_an_answer_is_typed_and_keeps_to_the_schema(agent_server):
    async def conversation(agent):
        asked = await agent.call_tool("ask", {"question": QUESTION, "author": "Fell", "year": 2024, "venue": None})
        found = await agent.call_tool("search", {"question": "cats", "k": 1})
        return asked, found, await agent.call_tool("list_papers", {})

    for reply in talk(agent_server, conversation):
        jsonschema.Draft202012Validator(json_schema()).validate(reply.structured_content)
        assert len(reply.content) == 1
        assert json.loads(reply.content[0].text) == reply.structured_content


@pytest.mark.parametrize(
    ("tool", "given", "reported"),
    [
        ("ask", {"question": QUESTION, "authors": "Olsson"}, "ask has no argument 'authors': did you mean 'author'?"),
        ("ask", {"question": QUESTION, "paper": "x"}, "ask has no argument 'paper': did you mean 'papers'?"),
        ("search", {"question": "cats", "top_n": 3}, "search has no argument 'top_n': did you mean 'k'?"),
        ("search", {"query": "cats"}, "search has no argument 'query': did you mean 'question'?"),
        ("search", {"question": "cats", "k": 1, "limit": 3}, "k and limit mean the same: give one of them"),
        ("search", {"question": "cats", "limit": 0}, "limit=0 isn't an integer of at least 1"),
        ("search", {"question": "cats", "k": 500}, "ask for 50 at most"),
        ("search", {"question": "cats", "k": "many"}, "search: k: Input should be a valid integer"),
        ("ask", {}, "ask: question: Field required"),
        ("ask", {"question": QUESTION, "k": 3}, "ask has no argument 'k': choose one of question, year"),
        ("ask", {"question": QUESTION, "year": [2020]}, "ask: year: Input should be a valid string; or: Input should"),
        ("get_paper", {"id": "x"}, "get_paper has no argument 'id': did you mean 'paper_id'?"),
        ("list_papers", {"k": 3}, "list_papers has no argument 'k': did you mean 'limit'?"),
        ("list_papers", {"offset": -1}, "offset=-1 isn't an integer of at least 0"),
        ("ask", {"question": QUESTION, "year": "soon"}, "year='soon' isn't a year"),
        ("get_paper", {"paper_id": "none"}, "take a paper_id from `search`"),
    ],
)
def test_a_wrong_call_is_refused_with_what_to_do(agent_server, tool, given, reported):
    async def conversation(agent):
        return await agent.call_tool(tool, given)

    reply = talk(agent_server, conversation)
    assert reply.is_error
    assert reported in reply.content[0].text
    assert "\n" not in reply.content[0].text


def test_a_search_takes_limit_for_k(agent_server):
    async def conversation(agent):
        return [await agent.call_tool("search", {"question": "cats", **many}) for many in ({"limit": 1}, {"k": 1}, {})]

    counts = [len(reply.structured_content["hits"]) for reply in talk(agent_server, conversation)]
    assert counts == [1, 1, 2]


def test_papers_narrow_what_an_agent_asks_and_finds(agent_server, barn):
    roofs, cats = (paper.id for paper in barn.papers())

    async def conversation(agent):
        found = [
            await agent.call_tool("search", {"question": "cats", **given})
            for given in ({"papers": roofs}, {"papers": [roofs, cats], "exclude": [cats]}, {"exclude": roofs})
        ]
        return found, await agent.call_tool("ask", {"question": QUESTION, "exclude": roofs})

    found, asked = talk(agent_server, conversation)
    ids = [[hit["paper_id"] for hit in reply.structured_content["hits"]] for reply in found]
    assert ids == [[roofs], [roofs], [cats]]
    assert roofs not in json.dumps(asked.structured_content["papers"])


def test_papers_are_resources(agent_server, barn):
    paper = barn.papers()[0]

    async def conversation(agent):
        listed = await agent.read_resource("pincite://papers")
        return listed, await agent.read_resource(f"pincite://papers/{paper.id}")

    listed, one = talk(agent_server, conversation)
    assert json.loads(listed.contents[0].text)["total"] == 2
    assert json.loads(one.contents[0].text)["abstract"] == paper.abstract


async def asked_and_read_again(agent):
    """Ask, and read the answer again as the resource that its receipt names."""
    given = (await agent.call_tool("ask", {"question": QUESTION})).structured_content
    uri = f"pincite://answers/{given['receipt']['seal']}"
    (again,) = (await agent.read_resource(uri)).contents
    with pytest.raises(mcp.MCPError) as refused:
        await agent.read_resource("pincite://answers/0123")
    return given, uri, again, (await agent.list_resources()).resources, str(refused.value)


def test_an_answer_is_a_resource_of_its_one_client_over_stdio(barn):
    command = StdioServerParameters(
        command=sys.executable, args=["-m", "pincite", "mcp", "--library", str(barn.folder)], cwd=str(ROOT)
    )
    given, uri, again, listed, refused = talk(stdio_client(command), asked_and_read_again)
    assert json.loads(again.text) == given
    jsonschema.Draft202012Validator(json_schema()).validate(json.loads(again.text))
    (answer,) = [resource for resource in listed if resource.name == "answer"]
    assert (answer.uri, answer.title, answer.mime_type) == (uri, QUESTION, again.mime_type)
    assert "no answer '0123' is kept" in refused
    assert "call `ask` again" in refused


def test_over_http_an_answer_is_read_by_its_seal_and_listed_to_nobody(serve):
    address = f"{serve()}/mcp"
    given, _, again, listed, refused = talk(address, asked_and_read_again)
    assert json.loads(again.text) == given
    assert "call `ask` again" in refused

    async def another(agent):
        return (await agent.list_resources()).resources, await agent.list_resource_templates()

    others, templates = talk(address, another)
    assert not [one for one in (*listed, *others) if str(one.uri).startswith("pincite://answers")]
    assert "pincite://answers/{seal}" in {one.uri_template for one in templates.resource_templates}


def test_a_server_keeps_only_its_latest_answers():
    kept = KeptAnswers(most=2)
    for seal in ("a", "b", "c"):
        kept.keep({"question": seal, "status": "answered", "receipt": {"seal": seal, "made_at": "2026"}})
    assert [str(one.uri) for one in kept.listed()] == ["pincite://answers/c", "pincite://answers/b"]
    with pytest.raises(ResourceNotFoundError, match="keeps its last 2 answers"):
        kept.get("a")


def test_the_same_tools_answer_over_http(serve):
    async def conversation(agent):
        return await agent.call_tool("ask", {"question": QUESTION})

    reply = talk(f"{serve()}/mcp", conversation)
    assert reply.structured_content["status"] == "answered"


def test_the_skill_is_short_and_reaches_an_agent(agent_server, embedder):
    async def conversation(agent):
        return (await agent.read_resource("pincite://skill")).contents[0].text

    skill = talk(agent_server, conversation)
    assert skill == (ROOT / "rag" / "integrations" / "SKILL.md").read_text(encoding="utf-8")
    assert sum(embedder.count_tokens(skill.splitlines())) < 300 + 2 * len(
        skill.splitlines()
    )  # two mark each line's ends
    for tool in ("ask", "search", "get_paper", "list_papers"):
        assert f"`{tool}`" in skill


def test_over_http_no_message_says_where_the_library_lies(serve, tmp_path, embedder):
    async def conversation(agent):
        said = [str(await agent.call_tool(tool, given)) for tool, given in CALLS.items()]
        for resource in ("papers", "papers/none", "papers/..%2F..%2Fetc%2Fpasswd", "answers/0123"):
            with pytest.raises(mcp.MCPError) as refused:
                await agent.read_resource(f"pincite://{resource}")
            said.append(str(refused.value))
        return said

    with Library(tmp_path / "secret place" / "of mine" / "empty", embedder=embedder) as empty:
        said = talk(f"{serve(empty)}/mcp", conversation)
    assert sum("pincite add" in text for text in said) >= len(CALLS)
    assert not [text for text in said if "secret" in text or "of mine" in text or "/tmp" in text]
