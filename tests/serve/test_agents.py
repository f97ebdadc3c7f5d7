"""An agent's tools: what they take and return, what they refuse, and the two ways to speak to them."""

import asyncio
import json

import jsonschema
import mcp
import pytest
from places import ROOT

from rag.config import version
from rag.views.documents import json_schema

QUESTION = "By how much did a thicker sheet of tin cut dents?"


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
    (ask,) = [tool for tool in tools if tool.name == "ask"]
    assert {"year", "venue", "author", "source", "paper"} <= set(ask.input_schema["properties"])


def test_an_answer_is_typed_and_keeps_to_the_schema(agent_server):
    async def conversation(agent):
        asked = await agent.call_tool("ask", {"question": QUESTION, "author": "Fell"})
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
        ("search", {"question": "cats", "limit": 3}, "search has no argument 'limit'"),
        ("search", {"question": "cats", "k": 500}, "ask for 50 at most"),
        ("search", {"question": "cats", "k": "many"}, "search: k: Input should be a valid integer"),
        ("ask", {}, "ask: question: Field required"),
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


def test_papers_are_resources(agent_server, barn):
    paper = barn.papers()[0]

    async def conversation(agent):
        listed = await agent.read_resource("pincite://papers")
        return listed, await agent.read_resource(f"pincite://papers/{paper.id}")

    listed, one = talk(agent_server, conversation)
    assert json.loads(listed.contents[0].text)["total"] == 2
    assert json.loads(one.contents[0].text)["abstract"] == paper.abstract


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
