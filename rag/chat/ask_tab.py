"""The Ask tab: the conversation, and below it the message box and the filters."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain
from typing import Any

import gradio as gr

from rag.chat import render
from rag.chat.components import PRIVATE, SAVE, WATCHED, as_file, given, html, owner
from rag.chat.scope import scope
from rag.chat.service import Desk, Shown
from rag.chat.turns import Within
from rag.chat.welcome import welcome


class AskTab:
    """The question box and the answer. `library` and `tabs` belong to the page; `file` sends files to the browser."""

    def __init__(self, desk: Desk, library: gr.Dropdown, tabs: gr.Tabs, file: gr.Textbox) -> None:
        self.desk = desk
        self.file = file
        self.library = library
        # None until the page has loaded: an earlier question belongs to the conversation in the address.
        self.conversation = gr.State(None)
        self.only = gr.State(Within())
        self.past, self.current = html("past"), html("current")
        self.next = html("next")
        with gr.Column(elem_id="composer"):
            self.scope = html("scope")
            self.message = gr.Textbox(
                placeholder="Ask about these papers", label="Your question", show_label=False,
                container=False, autofocus=True, submit_btn="Ask", stop_btn="Stop", max_length=4_000, elem_id="message",
            )  # fmt: skip
            with gr.Row(elem_id="writer"):
                writer = desk.writer
                self.model = gr.Dropdown(
                    [_named(writer)], value=writer, label="Written by", show_label=False, elem_id="model", min_width=120
                )
                self.leaves = html("leaves")
            with gr.Accordion("Filter by year, venue, author or file", open=False, elem_id="narrow"), gr.Row():
                self.narrow = [
                    gr.Textbox("", label="Years", placeholder="2023-2025", max_lines=1),
                    gr.Textbox("", label="Venue", placeholder="part of its name", max_lines=1),
                    gr.Textbox("", label="Author", placeholder="part of a name", max_lines=1),
                    gr.Textbox("", label="File", placeholder="part of its name", max_lines=1),
                ]
        # None of these is ever returned unchanged: Gradio would build a new component, and keep each with its value
        # for as long as the page is open. So the page itself empties the message box and changes its button.
        self.asked = [self.conversation, self.past, self.current]
        self.thread = [*self.asked, tabs, library]

    def wire(self) -> None:
        """Connect the events."""
        chosen = [self.conversation, self.library, self.model, self.only, *self.narrow]
        self.offer(self.message.submit(self.ask, [self.message, *chosen], self.asked, **WATCHED))
        for shown in (self.past, self.current):
            self.offer(shown.ask(self.ask_example, chosen, self.asked, **WATCHED))
            shown.table(self.save_table, self.conversation, self.file, **PRIVATE).then(None, self.file, js=SAVE)
        self.past.earlier(self.show_earlier, self.conversation, self.past, **PRIVATE)
        self.message.stop(self.stop, self.conversation, **PRIVATE)
        scope = [self.only, *self.narrow]
        for changed in (*(box.change for box in self.narrow), self.library.change):
            changed(self.show_scope, [self.library, *scope], self.scope, **PRIVATE)
        self.scope.clear(self.search_all, outputs=[*scope, self.scope], **PRIVATE)
        self.model.change(self.show_leaving, self.model, self.leaves, **PRIVATE)

    def resume(self, opened: Any) -> None:
        """Continue a conversation that an event has opened: with its filters, and with questions to ask next."""
        boxes = [self.only, *self.narrow, self.scope]
        opened.then(self.take_up, [self.library, self.conversation], boxes, **PRIVATE)
        self.offer(opened)

    def offer(self, shown: Any) -> None:
        """Offer questions to ask next, once an event has shown a whole conversation."""
        shown.then(self.offer_next, self.conversation, self.next, concurrency_limit=1, **PRIVATE)

    # --- asking ---

    def ask(
        self, question: str, conversation: str | None, library: str, model: str, only: Within,
        year: str, venue: str, author: str, source: str, request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """Answer, showing each step."""
        if not question.strip():
            yield (gr.skip(),) * len(self.asked)
            return
        within = replace(only, year=year, venue=venue, author=author, source=source)
        if conversation is None:
            conversation = _addressed(request)
        yield from _showing(self.desk.ask(owner(request), conversation, question, library, model, within))

    def ask_example(
        self, conversation: str | None, library: str, model: str, only: Within,
        year: str, venue: str, author: str, source: str, event: gr.EventData, request: gr.Request,
    ) -> Iterator[tuple[Any, ...]]:  # fmt: skip
        """Answer a question that the page offered."""
        question = given(event, "question")
        yield from self.ask(question, conversation, library, model, only, year, venue, author, source, request)

    def offer_next(self, conversation: str | None, request: gr.Request) -> str:
        """Show questions that the library answers, for the latest turn; the page's script puts them below it."""
        number, questions = self.desk.next_questions(owner(request), conversation or "")
        return render.page("next.html", conversation=conversation, number=number, questions=questions)

    def stop(self, conversation: str | None, request: gr.Request) -> None:
        """Stop the answer that is being written; what was written stays."""
        self.desk.stop(owner(request), conversation or "")

    def ask_only(
        self, library: str, year: str, venue: str, author: str, source: str, event: gr.EventData
    ) -> tuple[Any, ...]:
        """Limit the next questions to one paper."""
        paper = self.desk.shelf.get(library).get(given(event, "paper"))
        only = Within(paper=paper.id, title=paper.title)
        return gr.Tabs(selected="ask"), only, self.show_scope(library, only, year, venue, author, source)

    def search_all(self) -> tuple[Any, ...]:
        """Clear all filters."""
        return Within(), "", "", "", "", ""

    def show_scope(self, library: str, only: Within, year: str, venue: str, author: str, source: str) -> str:
        """Show the filters of the next question, if there are any, and how many papers pass them."""
        return scope(self.desk.shelf.get(library), replace(only, year=year, venue=venue, author=author, source=source))

    # --- conversations ---

    def load(self, library: str, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Show the conversation in the address, or the welcome above any question already asked."""
        skip = gr.skip()
        shown = self.desk.open(owner(request), _addressed(request))
        first = next(shown)
        if first.conversation:
            yield from _opening(chain([first], shown), skip)
        else:
            missing = bool(_addressed(request))
            yield skip, self._welcome(library, request, missing=missing), skip, skip, skip

    def take_up(self, library: str, conversation: str | None, request: gr.Request) -> tuple[Any, ...]:
        """Filter the next question as the latest one of the conversation that was opened."""
        latest = self.desk.latest(owner(request), conversation or "")
        if latest is None:
            return (gr.skip(),) * (len(self.narrow) + 2)
        within = latest.within
        shown = scope(self.desk.shelf.get(library), within)
        return within, within.year, within.venue, within.author, within.source, shown

    def open(self, library: str, event: gr.EventData, request: gr.Request) -> Iterator[tuple[Any, ...]]:
        """Open a conversation, or begin one where there is none of this name."""
        name = given(event, "conversation")
        shown = self.desk.open(owner(request), name)
        first = next(shown)
        if first.conversation:
            yield from _opening(chain([first], shown), gr.Tabs(selected="ask"))
        else:
            address = render.page("address.html", conversation="")
            begun = self._welcome(library, request, missing=bool(name))
            yield "", begun, address, gr.Tabs(selected="ask"), gr.skip()

    def save_table(self, conversation: str | None, event: gr.EventData, request: gr.Request) -> str:
        """Send the evidence of an answer to the browser as a file."""
        return as_file(
            *self.desk.table(owner(request), conversation or "", given(event, "number"), given(event, "form"))
        )

    def show_earlier(self, conversation: str | None, request: gr.Request) -> str:
        """Show the whole of a long conversation."""
        return self.desk.earlier(owner(request), conversation or "")

    def _welcome(self, library: str, request: gr.Request, *, missing: bool = False) -> str:
        kept = self.desk.conversations.all(owner(request))
        return welcome(self.desk.shelf.get(library), kept, missing=missing)

    def greet(self, library: str, conversation: str | None, request: gr.Request) -> Any:
        """Show the welcome of the library that is selected now, which may have got papers, where nothing was asked."""
        return gr.skip() if conversation else self._welcome(library, request)

    def begin(self, library: str, request: gr.Request) -> tuple[Any, ...]:
        """Begin a new conversation."""
        address = render.page("address.html", conversation="")
        return "", "", self._welcome(library, request), address, gr.Tabs(selected="ask")

    # --- models ---

    def load_models(self) -> tuple[Any, str]:
        """Offer the models that can write now."""
        return self._models(self.desk.writer)

    def resume_model(self, request: gr.Request) -> tuple[Any, str]:
        """Offer the models that can write now; the one that wrote last in the conversation in the address is chosen."""
        latest = self.desk.latest(owner(request), _addressed(request))
        return self._models(latest.answer.written_by if latest is not None and latest.answer is not None else "")

    def _models(self, chosen: str) -> tuple[Any, str]:
        names = list(self.desk.writers())
        chosen = chosen if chosen in names else self.desk.writer
        return gr.Dropdown([_named(name) for name in names], value=chosen), self.show_leaving(chosen)

    def show_leaving(self, model: str) -> str:
        """Show what leaves this machine when this model writes."""
        leaving = self.desk.writers().get(model, "this model can't be reached now")
        checker, checking = self.desk.checked_by
        return render.page("leaves.html", model=model, leaving=leaving, checker=checker, checking=checking)


def _addressed(request: gr.Request) -> str:
    """Return the conversation that the page's address named when it was opened."""
    return str(request.query_params.get("c", ""))


def _showing(thread: Iterator[Shown]) -> Iterator[tuple[Any, ...]]:
    """Show a conversation as it continues."""
    for shown in thread:
        current = render.page("address.html", conversation=shown.conversation) + shown.current
        yield shown.conversation, shown.past, current


def _opening(thread: Iterator[Shown], tab: Any) -> Iterator[tuple[Any, ...]]:
    """Show an opened conversation: bring `tab` to the front and select its library."""
    first = next(thread)
    library = first.library or gr.skip()
    for count, shown in enumerate(_showing(chain([first], thread))):
        yield *shown, *((gr.skip(), gr.skip()) if count else (tab, library))


def _named(model: str) -> tuple[str, str]:
    return ("No language model" if model == "extractive" else model), model
