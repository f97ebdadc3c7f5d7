"""What model servers and the models on them send, shape by shape: each makes the behaviour of a server on loopback.

Named as in the cases of `../shared/findings/cases` where they are from there, with the report that showed them.
"""

from __future__ import annotations

import json

from loopback import Ollama, OpenAI, answer, drip, stream

SAID = ["Snowline predicts 83.5% of avalanches.", "Icefield predicts 71.2% of avalanches."]
ITEMS = [{"text": SAID[0], "evidence": [3]}, {"text": SAID[1], "evidence": [7]}]
BODY = json.dumps({"reply": {"sentences": ITEMS, "not_covered": ""}})
MARKED = f"{SAID[0][:-1]} [3]. {SAID[1][:-1]} [7]."
KEYED = (
    f"reply:\n  sentences:\n    - text: {SAID[0]}\n      evidence: [3]\n"
    f"    - text: {SAID[1]}\n      evidence: [7]\n  not_covered: ''\n"
)
THOUGHT = f"Maybe Radar sees slopes [5]. Or: {json.dumps({'text': 'Radar sees all slopes.', 'evidence': [5]})} "


def said(text, why="stop"):
    """Send a text in pieces."""

    def behaviour(dialect):
        cut = [text[begin : begin + 11] for begin in range(0, len(text), 11)]
        return stream(*map(dialect.piece, cut), dialect.end(why))

    return behaviour


def prose(mark):
    """Write the sentences as prose, with marks like this one for 3."""
    return said(" ".join(f"{text[:-1]} {mark.replace('3', n)}." for text, n in zip(SAID, "37", strict=True)))


def sent(*messages, finish="stop", end=True):
    """Send messages with any fields, then the reason for the end."""

    def behaviour(dialect):
        events = [dialect.event(message) for message in messages]
        return stream(*events, *([dialect.event({"content": ""}, finish), dialect.end(finish)] if end else []))

    return behaviour


def with_events(*events):
    """Send events of the OpenAI protocol as they stand; on Ollama the reply alone."""

    def behaviour(dialect):
        return stream(*events) if isinstance(dialect, OpenAI) else said(BODY)(dialect)

    return behaviour


def body(make):
    """Answer with one body, which `make` makes of the protocol's own."""
    return lambda dialect: answer(200, make(dialect.whole({"role": "assistant", "content": BODY})))


def sent_as(value):
    """Send one JSON value as an event of the protocol, and nothing else."""
    line = json.dumps(value)
    return lambda dialect: stream(f"data: {line}\n\ndata: [DONE]\n\n" if isinstance(dialect, OpenAI) else f"{line}\n")


def refusing(status, error, wants, then=BODY):
    """Refuse each request that `wants` something, else answer well."""

    def behaviour(dialect):
        def behave(handler):
            refused = wants(dialect, handler.server.requests)
            (answer(status, error) if refused else said(then)(dialect))(handler)

        return behave

    return behaviour


def has_schema(dialect, requests):
    return bool(dialect.schema_of(requests[-1]))


def is_long(dialect, requests):
    return len(json.dumps(requests[-1]["messages"])) >= len(json.dumps(requests[0]["messages"]))


def has(option):
    return lambda dialect, requests: option in requests[-1] or option in requests[-1].get("options", {})


def no_schema(status, error):
    return refusing(status, error if isinstance(error, str) else json.dumps(error), has_schema)


def too_long(status, error):
    return refusing(status, error if isinstance(error, str) else json.dumps(error), is_long)


def no_option(option, message):
    """Refuse an option that only the OpenAI protocol has."""

    def behaviour(dialect):
        wants = has(option) if isinstance(dialect, OpenAI) else (lambda *_: False)
        return refusing(400, json.dumps({"error": {"message": message, "param": option}}), wants)(dialect)

    return behaviour


def thinking(thoughts, *, room=4_000, within=False):
    """Think for so many tokens before the reply, in a field of its own or `within` the text."""

    def behaviour(dialect):
        def behave(handler):
            enough = dialect.room(handler.server.requests[-1]) >= room
            field = "thinking" if isinstance(dialect, Ollama) else "reasoning_content"
            thought = dialect.piece(thoughts) if within else dialect.event({field: thoughts})
            rest = [dialect.piece(("</think>" if within else "") + BODY)] if enough else []
            stream(thought, *rest, dialect.end("stop" if enough else "length"))(handler)

        return behave

    return behaviour


def thinking_on(thoughts, *, room=4_000):
    """Think without an end where a request leaves no room for it."""

    def behaviour(dialect):
        field = "thinking" if isinstance(dialect, Ollama) else "reasoning_content"
        thought = dialect.event({field: thoughts})

        def behave(handler):
            if dialect.room(handler.server.requests[-1]) >= room:
                stream(thought, dialect.piece(BODY), dialect.end())(handler)
            else:
                stream(then=drip(thought))(handler)

        return behave

    return behaviour


def event(choice, **others):
    return f"data: {json.dumps({'choices': [choice] if choice is not None else [], **others})}\n\n"


def delta(text, **others):
    return event({"index": 0, "delta": {"content": text}, "finish_reason": None}, **others)


STOP = event({"index": 0, "delta": {}, "finish_reason": "stop"})
HALF = len(BODY) // 2
TEXT, THINKS = [{"type": "text", "text": BODY}], [{"type": "thinking", "thinking": [{"type": "text", "text": THOUGHT}]}]
ANALYSIS = "<|channel|>analysis<|message|>"
MESSAGE = {"error": {"message": "x"}}

TWICE = [event({"index": index, "delta": {"content": half}}) for half in (BODY[:HALF], BODY[HALF:]) for index in (0, 1)]
LINES = json.dumps(json.loads(delta(BODY)[6:]), indent=1).splitlines()
OVER_LINES = "".join(f"data: {line}\n" for line in LINES)

# Those of `../shared/findings/cases`, by the name of their scenario.
CASES = {
    "ok": said(BODY),
    "think-tags": said(f"<think>{THOUGHT}</think>{BODY}"),
    "think-long": said(f"<think>{THOUGHT * 250}</think>{BODY}"),
    "think-noopen-cites": said(f"{THOUGHT}</think>\n{BODY}"),
    "thinking-tag": said(f"<thinking>{THOUGHT}</thinking>{BODY}"),
    "reasoning-content": sent({"reasoning_content": THOUGHT, "thinking": THOUGHT}, {"content": BODY}),
    "reasoning-local": thinking(THOUGHT),
    "preface": said(f"Here is the answer as JSON:\n\n```json\n{BODY}\n```"),
    "fence": said(f"```json\n{BODY}\n```"),
    "array": said(json.dumps(ITEMS)),
    "markdown": said(f"## Answer\n\n- **{SAID[0][:-1]}** [3].\n- {SAID[1][:-1]} [7].\n"),
    "endash": said(f"{SAID[0][:-1]} [3–4]. {SAID[1][:-1]} [7–8]."),
    "fullwidth": prose("【3】"),
    "parens": prose("(3)"),
    "word": prose("[Sentence 3]"),
    "azure-nodelta": with_events(event({"index": 0, "finish_reason": None}), delta(BODY), STOP),
    "azure-nodelta-mid": with_events(delta(BODY[:HALF]), event({"index": 0, "delta": None}), delta(BODY[HALF:]), STOP),
    "parts": sent({"content": [*THINKS, *TEXT]}),
    "eos-token": said(BODY, "eos_token"),
    "nofinish": sent({"content": BODY}, end=False),
    "nodone": with_events(delta(BODY), STOP),
    "notstream": body(json.dumps),
    "xgrammar": no_schema(400, {"error": {"message": "The JSON schema has features not supported by xgrammar."}}),
    "grammar500": no_schema(500, {"error": {"message": "failed to parse grammar"}}),
    "groq": no_schema(400, {"error": {"message": "This model does not support response format `json_schema`."}}),
    "gemini": no_schema(400, [{"error": {"code": 400, "message": "Schema is too complex."}}]),
    "ctx-tgi": too_long(422, {"error": "Input error: `inputs` must have less than 4096 tokens. Given: 5000"}),
    "ctx-tabby": too_long(400, {"detail": "Prompt length 5000 is greater than max_seq_len 4096"}),
    "ctx-gemini": too_long(400, [{"error": {"message": "The input token count (9000) exceeds the maximum (8192)."}}]),
    "ctx-groq413": too_long(413, {"error": {"message": "Request too large for model `m` on tokens per minute"}}),
    "ctx-vllm": too_long(400, {"error": {"message": "This model's maximum context length is 4096 tokens."}}),
    "surrogate": said(BODY.replace("Snowline", "\\ud835Snowline")),
    "strnum": said(BODY.replace("[3]", '"3"')),
    "trailing": said(f"{BODY}\n\nI hope that this helps [8]!"),
    "newline-in-string": said(BODY.replace("predicts", "\n", 1)),
    "crlf": with_events(f"event: message\r\ndata: {delta(BODY)[6:-2]}\r\n\r\n", STOP.replace("\n", "\r\n")),
    "gpt-oss:20b": thinking(THOUGHT),
    "old-think:7b": thinking(f"<think>{THOUGHT}", within=True),
    "hf.co/foo/bar-GGUF:Q4_K_M": said(BODY),
    "qwen3:leak": said(f"<think>\n\n</think>\n\n{BODY}"),
}

# More of the same kinds.
MORE = {
    "fence-upper": said(f"```JSON\n{BODY}\n```"),
    "harmony": said(
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final<|message|>{BODY}"
    ),
    "harmony without analysis": said(f"<|channel|>final<|message|>{BODY}<|return|>"),
    "thoughts of Magistral": said(f"[THINK]{THOUGHT}[/THINK]{BODY}"),
    "thoughts of Kimi": said(f"◁think▷{THOUGHT}◁/think▷{BODY}"),
    "thoughts of Cohere": said(f"<|START_THINKING|>{THOUGHT}<|END_THINKING|><|START_RESPONSE|>{BODY}<|END_RESPONSE|>"),
    "thoughts of Seed": said(f"<seed:think>{THOUGHT}</seed:think>{BODY}"),
    "long thoughts without a mark": said(f"{THOUGHT * 200}</think>{BODY}"),
    "two thoughts": said(f"<think>{THOUGHT}</think> <think>{THOUGHT}</think>{BODY}"),
    "thoughts and prose": said(f"<think>{THOUGHT}</think>{SAID[0][:-1]} [3]. {SAID[1][:-1]} [7]."),
    "thoughts and a fence": said(f"<think>{THOUGHT}</think>\n```json\n{BODY}\n```"),
    "a draft in the thoughts": said(f"Draft: {json.dumps({'sentences': [ITEMS[0]]})} Hm.</think>{BODY}"),
    "one object a line": said("\n".join(map(json.dumps, ITEMS))),
    "JSON in a string": said(json.dumps({"reply": json.dumps({"sentences": ITEMS})})),
    "no wrapper": said(json.dumps({"sentences": ITEMS})),
    "strings with marks": said(json.dumps({"sentences": [f"{SAID[0][:-1]} [3].", f"{SAID[1][:-1]} [7]."]})),
    "a trailing comma": said(BODY.replace("}], ", "},], ")),
    "a bad item": said(BODY.replace("[{", '[{"evidence": [9]}, {"text": 5, "evidence": [1]}, {', 1)),
    "a number for a list": said(BODY.replace("[3]", "3")),
    "an answer tag": said(f"<answer>{BODY}</answer>"),
    "footnote marks": prose("[^3]"),
    "marks of a file search": prose("【3†source】"),
    "raised marks": prose("<sup>3</sup>"),
    "a numbered list": said(f"1. {SAID[0][:-1]} [3].\n2. {SAID[1][:-1]} [7].\n"),
    "end_turn": said(BODY, "end_turn"),
    "STOP": said(BODY, "STOP"),
    "stopped by length behind the end": said(BODY, "length"),
    "a body over many lines": body(lambda whole: json.dumps(whole, indent=2)),
    "a body in a list": body(lambda whole: json.dumps([whole])),
    "text parts": sent({"content": TEXT}),
    "a part that is a dict": sent({"content": TEXT[0]}),
    "role alone first": sent({"role": "assistant"}, {"content": None}, {"content": BODY}),
    "a tool call alone": sent(
        {"tool_calls": [{"function": {"name": "reply", "arguments": BODY}}]}, finish="tool_calls"
    ),
    "a tool call with an object": sent({"tool_calls": [{"function": {"name": "r", "arguments": json.loads(BODY)}}]}),
    "no space behind data": with_events(delta(BODY).replace("data: ", "data:"), STOP),
    "lines of JSON": with_events(delta(BODY).replace("data: ", ""), STOP.replace("data: ", "")),
    "no empty lines": with_events(delta(BODY).replace("\n\n", "\n"), STOP.replace("\n\n", "\n")),
    "usage and error that are null": with_events(delta(BODY, usage=None, error=None), STOP),
    "no choice in a chunk": with_events(event(None), delta(BODY), event(None, usage={"prompt_tokens": "5"}), STOP),
    "old completions": with_events(event({"text": BODY, "finish_reason": "stop"})),
    "comments between": with_events(": ping\n\n", delta(BODY[:HALF]), ": ping\n\n", delta(BODY[HALF:]), STOP),
    "a line separator in a string": said(BODY.replace("predicts", "predicts\u2028", 1)),
    "no schema, FastAPI": no_schema(422, {"detail": [{"loc": ["response_format"], "msg": "Input should be 'text'"}]}),
    "no schema, in Chinese": no_schema(400, {"error": {"message": "不支持该输出格式"}}),
    "no schema, no words": no_schema(400, ""),
    "no schema, not implemented": no_schema(501, {"error": {"message": "guided decoding is off"}}),
    "no schema, within the reply": lambda dialect: _failing_within(dialect, "json_validate_failed: no valid JSON"),
    "too long, Anthropic": too_long(400, {"error": {"message": "prompt is too long: 213000 tokens > 200000 maximum"}}),
    "too long, llama.cpp": too_long(500, {"error": {"message": "the request exceeds the available context size"}}),
    "too long, LM Studio": too_long(400, {"error": "Trying to keep the first 5000 tokens when context the overflows."}),
    "too long, Mistral": too_long(400, {"message": "Prompt contains 40000 tokens, too large for model with 32768"}),
    "too long, SGLang": too_long(400, {"message": "The input (9000 tokens) is longer than the model's context length"}),
    "too long, in Chinese": too_long(400, {"error": {"message": "输入长度超过 30720"}}),
    "too long, plain text": too_long(400, "Input is too long for requested model."),
    "too long, by code": too_long(400, {"error": {"message": "No.", "code": "context_length_exceeded"}}),
    "no temperature": no_option("temperature", "Unsupported value: 'temperature' does not support 0.0"),
    "no stream options": no_option("stream_options", "Unknown field: stream_options"),
    "thoughts in parts": sent({"content": [{"type": "reasoning", "reasoning": THOUGHT}]}, {"content": TEXT}),
    "thoughts in details": sent(
        {"reasoning": THOUGHT, "reasoning_details": [{"type": "reasoning.text", "text": THOUGHT}]}, {"content": BODY}
    ),
    "details of thoughts that are locked": sent(
        {"reasoning_details": [{"type": "reasoning.encrypted", "data": "gAAA"}]}, {"content": BODY}
    ),
    "thoughts without room for them": thinking_on(THOUGHT),
    "the reply where thoughts belong": sent({"reasoning_content": BODY}),
    "the reply fenced where thoughts belong": sent({"thinking": f"```json\n{BODY}\n```"}),
    "thoughts that are the reply and never close": said(f"<think>{BODY}"),
    "harmony with a constraint": said(
        f"<|channel|>analysis<|message|>{THOUGHT}<|end|><|start|>assistant<|channel|>final <|constrain|>json<|message|>"
        f"{BODY}"
    ),
    "harmony's tool call in the text": said(
        f"<|channel|>commentary to=functions.reply <|constrain|>json<|message|>{BODY}<|call|>"
    ),
    "two replies to one request": with_events(*TWICE, STOP),
    "a byte order mark": with_events(f"\ufeff{delta(BODY)}", STOP),
    "an event over many lines": with_events(f"{OVER_LINES}\n", STOP),
    "comments with CRLF": with_events(": ping\r\n\r\n", delta(BODY).replace("\n", "\r\n"), ": ping\r\n\r\n", STOP),
    "pings as events": with_events('event: ping\ndata: {"type": "ping"}\n\n', delta(BODY), STOP),
    "probabilities": with_events(
        event({"index": 0, "delta": {"content": BODY}, "logprobs": {"content": [{"token": "{", "logprob": -0.1}]}}),
        STOP,
    ),
    "usage of another field": with_events(delta(BODY), event(None, x_groq={"usage": {"prompt_tokens": 5}}), STOP),
    "single quotes": said(str(json.loads(BODY))),
    "keys without quotes": said(BODY.replace('"text"', "text").replace('"evidence"', "evidence")),
    "comments in the JSON": said(BODY.replace('{"reply"', '{ // as asked\n"reply"').replace('"not', '/* none */ "not')),
    "quotes that aren't escaped": said(BODY.replace('"not_covered": ""', '"not_covered": "what "rime" is"')),
    "no number": said(BODY.replace('"not_covered": ""', '"not_covered": NaN')),
    "a bracket missing": said(BODY[:-1]),
    "encoded twice": said(json.dumps(BODY)),
    "capital keys": said(
        BODY.replace("text", "Text").replace("evidence", "Evidence").replace("sentences", "Sentences")
    ),
    "keys of its own": said(
        json.dumps([{"claim": i["text"], "confidence": 95, "sources": i["evidence"]} for i in ITEMS])
    ),
    "another object first": said(f'{{"plan": "both models"}}\n{BODY}'),
    "the schema first": said(f'{{"type": "object", "properties": {{"reply": {{"type": "object"}}}}}}\n{BODY}'),
    "evidence with its words": said(
        BODY.replace("[3]", '[{"id": 3, "quote": "83.5% of avalanches"}]').replace("[7]", '{"7": "71.2% a day ahead"}')
    ),
    "evidence by name": said(BODY.replace("[3]", '["Snowline 2021"]').replace("[7]", '"icefield"')),
    "names in prose": said(f"{SAID[0][:-1]} (Snowline, 2021). {SAID[1][:-1]} (Icefield, 2023)."),
    "marks behind the full stop": said(f"{SAID[0]}[3] {SAID[1]}[7]"),
    "footnotes": said(f"{SAID[0]}[^1] {SAID[1]}[^2]\n\n[^1]: Sentence 3\n[^2]: Sentence 7\n"),
    "a list of sources": said(
        f"{SAID[0][:-1]} [3]. {SAID[1][:-1]} [7].\n\nSources:\n[3] Snowline 2021.\n[7] Icefield."
    ),
    "marks as links": said(f"{SAID[0][:-1]} [[3]](#3). {SAID[1][:-1]} [7](https://example.org/7)."),
    "marks in braces": prose("{3}"),
    "marks in a tag": prose("<cite>3</cite>"),
    "lines of evidence": said(f"{SAID[0]}\nEvidence: 3\n\n{SAID[1]}\nEvidence: 7\n"),
    "a table": said(f"| Finding | Cited |\n|---|---|\n| {SAID[0][:-1]} | [3] |\n| {SAID[1][:-1]} | [7] |\n"),
    "the end of a template": said(f"{SAID[0][:-1]} [3]. {SAID[1][:-1]} [7].<|im_end|>\n"),
    "no max_tokens": no_option("max_tokens", "Unsupported: 'max_tokens'. Use 'max_completion_tokens' instead."),
    "thoughts under a heading": said(f"## Reasoning\n{THOUGHT}\n\n## Answer\n{MARKED}"),
    "thoughts behind a bold label": said(f"**Thinking:** {THOUGHT}\n\n**Answer:** {MARKED}"),
    "thoughts behind a label": said(f"Thought: {THOUGHT}\nThought: {THOUGHT}\nFinal Answer: {MARKED}"),
    "thoughts that a page folds": said(
        f'<details type="reasoning" done="true"><summary>Thought for 5 s</summary>\n> {THOUGHT}\n</details>\n{MARKED}'
    ),
    "YAML": said(KEYED),
    "YAML in a fence": said(f"```yaml\n{KEYED}```"),
    "XML": said(
        "".join(
            f"<sentence><text>{text}</text><evidence>{n}</evidence></sentence>"
            for text, n in zip(SAID, "37", strict=True)
        )
    ),
    "JSON with entities": said(BODY.replace('"', "&quot;")),
    "pairs in a list": said(json.dumps([[SAID[0], [3]], [SAID[1], [7]]])),
    "marks of LaTeX": prose(r"\cite{3}"),
    "a tool call in a tag": said(
        f"<tool_call>{json.dumps({'name': 'reply', 'arguments': json.loads(BODY)})}</tool_call>"
    ),
    "a tool call with Mistral's mark": said(
        f"[TOOL_CALLS][{json.dumps({'name': 'r', 'arguments': json.loads(BODY)})}]"
    ),
}

# What can't be answered: the words of the error, and how often it's worth a try.
FAILURES = {
    "a refusal": (sent({"refusal": "I can't help with that."}), "refused", 1),
    "a filter": (sent({"content": ""}, finish="content_filter"), "filter", 1),
    "a web page": (lambda d: answer(200, "<!doctype html><html>Sign in</html>"), "web page", 1),
    "endless thoughts": (thinking(THOUGHT, room=10**9), "spent its tokens on thinking", 2),
    "endless thoughts within": (thinking(f"<think>{THOUGHT}", room=10**9, within=True), "spent its tokens on", 2),
    "thoughts alone": (said(f"<think>{THOUGHT}</think>"), "thinking", 1),
    "thoughts of JSON alone": (said(f"<think>{BODY}</think>"), "thinking", 1),
    "an empty reply": (said(""), "empty", 3),
    "prose without marks": (said(" ".join(SAID)), "cites", 1),
    "JSON cut short": (said(BODY[:60], "length"), "length", 1),
    "prose cut short": (sent({"content": f"{SAID[0][:-1]} [3]. And it"}, end=False), "incomplete", 1),
    "another's JSON": (said('{"error": "model crashed"}'), "no sentence", 1),
    "a refusal in prose": (said("I'm sorry, but I can't help with that."), "cites", 1),
    "a filter in the middle": (sent({"content": BODY[:60]}, finish="content_filter"), "content_filter", 1),
    "an error without its key": (sent_as({"object": "error", "message": "CUDA out of memory", "code": 5}), "CUDA", 3),
    "a detail alone": (sent_as({"detail": "the model is overloaded"}), "overloaded", 3),
    "no choices": (sent_as({"choices": []}), "empty", 3),
    "always refused": (lambda d: answer(400, json.dumps(MESSAGE)), "refused", 2),
    "always too long": (lambda d: answer(400, '{"error": "prompt is too long"}'), "too long", 3),
}


def _failing_within(dialect, words):
    def behave(handler):
        if has_schema(dialect, handler.server.requests):
            stream(dialect.error_within(words))(handler)
        else:
            said(BODY)(dialect)(handler)

    return behave
