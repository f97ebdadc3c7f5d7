"""A plain llama-index `VectorStoreIndex` with `CitationQueryEngine`: defaults, but for five sources of one abstract.

The embedding is Pincite's, the model the one named in PEER_MODEL at OPENAI_BASE_URL.
"""

import os

from llama_index.core import Document, VectorStoreIndex
from llama_index.core.base.embeddings.base import BaseEmbedding
from llama_index.core.llms import CompletionResponse, CustomLLM, LLMMetadata
from llama_index.core.query_engine import CitationQueryEngine
from openai import OpenAI

from bench.peers.worker import serve
from eval.answers.llama_index import response_of
from rag.models.minilm import MiniLM

embedder = MiniLM()
client = OpenAI(api_key=os.environ.get("OPENAI_API_KEY", "none"), timeout=600)
engines = []


class Embedding(BaseEmbedding):
    """The same vectors as Pincite's; a text that is too long for them is cut, as llama-index does."""

    def _get_text_embeddings(self, texts):
        return embedder.embed([fitted(text) for text in texts]).tolist()

    def _get_text_embedding(self, text):
        return self._get_text_embeddings([text])[0]

    def _get_query_embedding(self, query):
        return self._get_text_embedding(query)

    async def _aget_query_embedding(self, query):
        return self._get_text_embedding(query)


class Model(CustomLLM):
    """A model behind the OpenAI protocol, at temperature 0."""

    @property
    def metadata(self):
        """Return the window that the model was started with."""
        return LLMMetadata(context_window=8192, num_output=512)

    def complete(self, prompt, formatted=False, **kwargs):
        """Ask the model once."""
        del formatted, kwargs
        reply = client.chat.completions.create(
            model=os.environ["PEER_MODEL"], messages=[{"role": "user", "content": prompt}],
            temperature=0, max_tokens=512,
        )  # fmt: skip
        return CompletionResponse(text=reply.choices[0].message.content or "")

    def stream_complete(self, prompt, formatted=False, **kwargs):
        """Refuse: nothing here streams."""
        raise NotImplementedError


def fitted(text):
    """Cut a text to the tokens that the embedding reads."""
    words = text.split()
    while embedder.count_tokens([" ".join(words)])[0] > embedder.max_tokens:
        words = words[: len(words) * 9 // 10]
    return " ".join(words)


def index(papers):
    """Index one document a paper."""
    documents = [Document(text=p["abstract"], metadata={"title": p["title"]}) for p in papers]
    made = VectorStoreIndex.from_documents(documents, embed_model=Embedding())
    engines.append(CitationQueryEngine.from_args(made, llm=Model(), similarity_top_k=5))


def ask(question):
    """Return the answer: it has no verdicts, so every sentence that cites is shown as supported."""
    response = response_of("", engines[0].query(question))
    return {
        "text": response.text,
        "declined": response.declined,
        "retrieved": list(dict.fromkeys(passage.title for passage in response.passages)),
        "passages": [{"title": p.title, "text": p.text} for p in response.passages],
        "sentences": [{"text": c.text, "marks": list(c.marks), "supported": bool(c.marks)} for c in response.claims],
    }


if __name__ == "__main__":
    serve(index, ask)
