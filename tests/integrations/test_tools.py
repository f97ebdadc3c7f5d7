"""What the HTTP endpoints and the tools of an agent hand out, beyond what the servers' own tests look at."""

import socket
from dataclasses import replace

from rag.config import Config
from rag.integrations.tools import Tools

QUESTION = "Are emergent abilities a mirage made by the metric?"


def test_the_answer_without_a_model_reaches_a_program_when_the_model_is_down(demo_library):
    with socket.socket() as closed:  # bound and not listening: whoever connects is refused
        closed.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{closed.getsockname()[1]}/v1"
        config = replace(Config(), model="openai:some", openai_base_url=url, openai_api_key="none")
        reported = Tools(demo_library, config).ask(QUESTION)
    assert (reported["status"], reported["reason"]) == ("declined", "model_unavailable")
    assert reported["fallback"]["status"] == "answered"
    assert reported["fallback"]["sentences"][0]["citations"]
    assert Tools(demo_library, Config()).ask(QUESTION)["fallback"] is None
