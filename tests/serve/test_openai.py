"""The official client of OpenAI chats with a library, over loopback."""

import httpx
import openai
import pytest

QUESTION = "By how much did a thicker sheet of tin cut dents?"
QUOTE = "A thicker sheet of tin cut dents by 52%."


@pytest.fixture
def client(serve):
    with openai.OpenAI(base_url=f"{serve()}/v1", api_key="none", max_retries=0) as opened:
        yield opened


def ask(client, question=QUESTION, **more):
    given = {"model": "pincite", "messages": [{"role": "user", "content": question}]} | more
    return client.chat.completions.create(**given)


def test_an_answer_cites_with_verdicts(client):
    found = ask(client)
    message = found.choices[0].message
    (annotation,) = message.annotations
    cited = annotation.url_citation
    assert message.content == "A thicker sheet of tin cut dents by 52% [1]."
    assert message.content[cited.start_index : cited.end_index] == message.content
    assert (cited.url, cited.title) == ("https://doi.org/10.1000/hail", "Tin roofs in hail")
    assert (cited.verdict, cited.quote) == ("supported", QUOTE)
    assert found.pincite["schema"] == 1


def test_a_stream_brings_the_same_text_and_its_citations_last(client):
    whole = ask(client)
    chunks = list(ask(client, stream=True, stream_options={"include_usage": True}))
    text = "".join(chunk.choices[0].delta.content or "" for chunk in chunks if chunk.choices)
    assert text == whole.choices[0].message.content
    assert chunks[-1].usage.total_tokens == 0
    last = chunks[-2].choices[0]
    assert last.finish_reason == "stop"
    assert last.delta.annotations[0]["url_citation"]["verdict"] == "supported"


def test_a_conversation_continues_and_filters_narrow(client):
    first = ask(client, "How long did barn cats sleep?").choices[0].message.content
    turns = [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "How long did barn cats sleep?"},
        {"role": "assistant", "content": first},
        {"role": "user", "content": [{"type": "text", "text": QUESTION}]},
    ]
    assert "52%" in ask(client, messages=turns).choices[0].message.content
    narrowed = ask(client, extra_body={"filters": {"year": "..2000"}})
    assert narrowed.pincite["reason"] == "filtered_out"
    assert ask(client, stream=True, extra_body={"filters": {"year": "..2000"}})


def test_the_models_are_listed_and_no_other_can_be_named(client):
    assert [model.id for model in client.models.list()] == ["pincite", "pincite-extractive"]
    assert client.models.retrieve("pincite").owned_by == "pincite"
    with pytest.raises(openai.NotFoundError, match="name pincite or"):
        ask(client, model="openai:gpt-5-mini")


TOOLS = [{"type": "function", "function": {"name": "f", "parameters": {"type": "object", "properties": {}}}}]


@pytest.mark.parametrize(
    "asked",
    [{"n": 1}, {"tools": TOOLS}, {"tools": TOOLS, "tool_choice": "auto"}, {"response_format": {"type": "text"}}],
)
def test_what_asks_for_the_usual_reply_is_answered(client, asked):
    assert QUOTE[:20] in ask(client, **asked).choices[0].message.content


def test_an_endpoint_that_is_not_there_is_named_so(client):
    with pytest.raises(openai.NotFoundError, match="no such endpoint: /docs lists them"):
        client.embeddings.create(model="pincite", input="tin")


@pytest.mark.parametrize(
    ("wrong", "reported"),
    [
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "assistant", "content": "Well?"}]}, "end with the question"),
        ({"messages": [{"role": "user", "content": " "}]}, "the question is empty"),
        (
            {"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "x"}}]}]},
            "a part of the type 'image_url': send text alone",
        ),
        ({"n": 2}, "n=2: a question has one answer: leave n out"),
        ({"tool_choice": "required", "tools": TOOLS}, "no tool is called here"),
        ({"response_format": {"type": "json_object"}}, "the reply is text"),
        ({"extra_body": {"year": 2020}}, "unknown field 'year': did you mean 'filters.year'"),
        ({"extra_body": {"filter": {"year": 2020}}}, "unknown field 'filter': did you mean 'filters'"),
        ({"extra_body": {"filters": {"yaer": 3}}}, "did you mean 'year'"),
        ({"extra_body": {"filters": {"year": "soon"}}, "stream": True}, "'soon' isn't a year"),
    ],
)
def test_a_wrong_call_is_refused_with_the_fix(client, wrong, reported):
    with pytest.raises(openai.BadRequestError, match=reported):
        ask(client, **wrong)


def test_a_token_is_asked_for(serve):
    token = "a-secret-of-this-test"
    url = serve(token=token)
    with (
        openai.OpenAI(base_url=f"{url}/v1", api_key="wrong", max_retries=0) as stranger,
        pytest.raises(openai.AuthenticationError, match="Bearer TOKEN"),
    ):
        ask(stranger)
    with openai.OpenAI(base_url=f"{url}/v1", api_key=token, max_retries=0) as friend:
        assert ask(friend).choices
    assert httpx.post(f"{url}/mcp", json={}).status_code == 401
