"""paper-qa over ready texts: five pieces of evidence, as the others get, each summed up by the model, then the answer.

The embedding is Pincite's, the model the one named in PEER_MODEL at OPENAI_BASE_URL. Nothing of Pincite but its
embedding file is imported: this runs in an environment of its own.
"""

import asyncio
import os
import re

from lmi import EmbeddingModel
from paperqa import Doc, Docs, Settings, Text

from bench.peers.worker import serve
from rag.models.minilm import MiniLM

NAME = f"openai/{os.environ['PEER_MODEL']}"
SERVER = {"api_base": os.environ["OPENAI_BASE_URL"], "api_key": os.environ.get("OPENAI_API_KEY", "none")}
minilm = MiniLM()
docs = Docs()
loop = asyncio.new_event_loop()


class Embedding(EmbeddingModel):
    """The same vectors as Pincite's; a text that is too long for them is cut."""

    async def embed_documents(self, texts):
        """Return a vector for each text."""
        return minilm.embed([fitted(text) for text in texts]).tolist()


def fitted(text):
    """Cut a text to the tokens that the embedding reads."""
    words = text.split()
    while minilm.count_tokens([" ".join(words)])[0] > minilm.max_tokens:
        words = words[: len(words) * 9 // 10]
    return " ".join(words)


embedding = Embedding(name="minilm", ndim=minilm.dimension)
model = {"model_list": [{"model_name": NAME, "litellm_params":
                         {"model": NAME, "temperature": 0, "timeout": 600, "max_tokens": 512, **SERVER}}]}  # fmt: skip
settings = Settings(llm=NAME, llm_config=model, summary_llm=NAME, summary_llm_config=model, embedding="minilm")
settings.answer.evidence_k = 5
settings.answer.max_concurrent_requests = 1  # one model on two cores: all systems ask one thing at a time


def index(papers):
    """Add one text a paper: nothing is left for a model to find out."""

    async def add():
        for number, paper in enumerate(papers):
            doc = Doc(docname=f"paper{number}", citation=paper["title"], dockey=str(number))
            text = Text(text=paper["abstract"], name=f"paper{number}", doc=doc)
            await docs.aadd_texts([text], doc, settings=settings, embedding_model=embedding)

    loop.run_until_complete(add())


def ask(question):
    """Return the answer; its keys are turned into the numbers of its contexts, others into a number beyond them."""
    session = loop.run_until_complete(docs.aquery(question, settings=settings, embedding_model=embedding))
    found = loop.run_until_complete(docs.retrieve_texts(question, 5, settings, embedding))
    names = [context.text.name for context in session.contexts]
    return {
        "text": re.sub(r"\(((?:paper\d+|pqac-\w+)(?:,\s*(?:paper\d+|pqac-\w+))*)\)", marks(names), session.answer),
        "declined": "cannot answer" in session.answer,
        "retrieved": [text.doc.citation for text in found],
        "passages": [{"title": c.text.doc.citation, "text": c.text.text} for c in session.contexts],
    }


def marks(names):
    """Return what writes a bracket of keys as numbered marks."""

    def written(match):
        keys = [key.strip() for key in match.group(1).split(",")]
        return "".join(f"[{names.index(key) + 1 if key in names else len(names) + 1}]" for key in keys)

    return written


if __name__ == "__main__":
    serve(index, ask)
