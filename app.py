"""The chat: `python app.py [--library DIR] [--host 127.0.0.1] [--port 7860]`.

Builds the page and calls the pipeline; what is shown is rendered in `rag.chat`.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # read while gradio is imported: no request leaves the machine

import gradio as gr
import uvicorn
from fastapi import FastAPI

from rag.chat import render
from rag.chat.access import LOOPBACK, Guard
from rag.config import Config, from_environment
from rag.errors import PinciteError
from rag.library import Library
from rag.models import available
from rag.pipeline import stream_answer
from rag.types import Answer, Sentence, Step

HERE = Path(__file__).parent
STATIC = Path(render.__file__).parent / "static"
DEMO = HERE / "eval" / "data" / "library.jsonl"
DEMO_LIBRARY = "demo-library"
EXAMPLES = (
    "Are emergent abilities a mirage made by the metric?",
    "When does a capability of a language model count as emergent?",
    "How much does self-play reinforcement learning lift an 8B Llama model on MATH-500?",
)
# Bytes: a question is small, a file of papers may be large.
LARGEST_REQUEST = 64 * 2**20


def build_page(library: Library, config: Config) -> gr.Blocks:
    """Return the page over one library."""
    leaving = dict(available(config)).get(config.model, "as configured")
    script = (STATIC / "page.js").read_text(encoding="utf-8")
    page = gr.Blocks(title="Pincite", analytics_enabled=False, fill_width=True)
    with page:
        turns = gr.State([])
        gr.HTML(lambda: render.masthead(len(library), library.folder.name), elem_classes="pincite")
        past = gr.HTML(
            lambda: render.welcome(len(library), EXAMPLES if len(library) else ()),
            elem_id="past", elem_classes="pincite", js_on_load=script, apply_default_css=False,
        )  # fmt: skip
        current = gr.HTML("", elem_id="current", elem_classes="pincite", js_on_load=script, apply_default_css=False)
        with gr.Group(elem_id="composer"):
            message = gr.Textbox(
                placeholder="Ask a question of the abstracts", show_label=False, container=False, autofocus=True,
                submit_btn=True, max_length=4_000, elem_id="message", label="Your question",
            )  # fmt: skip
            gr.HTML(render.leaves(config.model, leaving), elem_classes="pincite", apply_default_css=False)

        def ask(question: str, earlier: list[Answer]) -> Iterator[tuple[Any, ...]]:
            if not question.strip():
                yield gr.skip(), gr.skip(), gr.skip(), earlier
                return
            shown = "".join(render.turn(n, a.question, a) for n, a in enumerate(earlier, 1))
            number = len(earlier) + 1
            said: list[Sentence] = []
            history = [t for a in earlier for t in _exchange(a)]
            for event in stream_answer(question, library, config=config, history=history):
                if isinstance(event, Answer):
                    finished = [*earlier, event]
                    yield busy(False), shown, render.turn(number, question, event), finished
                elif isinstance(event, Step):
                    yield busy(True), shown, render.turn(number, question, None, said, event.message), earlier
                else:
                    said.append(event)
                    yield busy(True), shown, render.turn(number, question, None, said, "writing"), earlier

        def example(event: gr.EventData, earlier: list[Answer]) -> Iterator[tuple[Any, ...]]:
            yield from ask(str(event.question), earlier)

        shown = [message, past, current, turns]
        asking: list[dict[str, Any]] = [message.submit(ask, [message, turns], shown, api_visibility="private")]
        asking += [part.ask(example, [turns], shown, api_visibility="private") for part in (past, current)]
        message.stop(lambda: busy(False), outputs=message, cancels=asking, api_visibility="private")
    page.queue(default_concurrency_limit=8, max_size=64)
    return page


def busy(yes: bool) -> Any:
    """Return the message box while an answer is written (a stop button), and when it may take another question."""
    return gr.Textbox(value="", submit_btn=not yes, stop_btn=yes)


def _exchange(answer: Answer) -> tuple[dict[str, str], dict[str, str]]:
    return {"role": "user", "content": answer.question}, {"role": "assistant", "content": answer.text}


def build_app(library: Library, config: Config, host: str, port: int) -> FastAPI:
    """Return the web application: the page behind its guard."""
    app = FastAPI(openapi_url=None, docs_url=None, redoc_url=None)
    app.add_middleware(Guard, hosts=LOOPBACK, limit=LARGEST_REQUEST)
    plain = gr.themes.Base(font=gr.themes.Font("sans-serif"), font_mono=gr.themes.Font("monospace"))  # nothing to load
    mounted: FastAPI = gr.mount_gradio_app(
        app, build_page(library, config), path="/", server_name=host, server_port=port, footer_links=[],
        run_history=False, show_error=False, max_file_size=LARGEST_REQUEST, ssr_mode=False, enable_monitoring=False,
        mcp_server=False, pwa=False, allowed_paths=[], theme=plain, css_paths=[STATIC / "page.css"],
    )  # fmt: skip
    return mounted


def open_library(folder: str | None, config: Config) -> Library:
    """Open the library named, or the demo library, filled when there is none yet."""
    if folder or os.environ.get("PINCITE_LIBRARY"):
        return Library.open(folder or config.library, config=config)
    library = Library.open(DEMO_LIBRARY, config=config)
    if not len(library):
        library.add(DEMO)
    return library


def main() -> int:
    """Serve the chat until it is stopped."""
    parser = argparse.ArgumentParser(prog="app.py", description="Ask a library of abstracts, in the browser.")
    parser.add_argument("--library", metavar="DIR", help=f"default: PINCITE_LIBRARY, else ./{DEMO_LIBRARY}")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=7860)
    options = parser.parse_args()
    try:
        config = from_environment(library=options.library)
        with open_library(options.library, config) as library:
            app = build_app(library, config, options.host, options.port)
            print(f"Pincite: {len(library):,} papers of {library.folder} at http://{options.host}:{options.port}")
            uvicorn.run(app, host=options.host, port=options.port, log_level="warning")
    except PinciteError as error:
        print(f"pincite: {error}", file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
