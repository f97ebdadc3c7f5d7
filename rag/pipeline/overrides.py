"""What a caller passes in to answer with: the model or writer and the checker, in place of the configured ones."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from rag import arguments
from rag.errors import InputError
from rag.models.boundary import name_of
from rag.models.chat import ChatModel
from rag.models.registry import leaving_to
from rag.verify import Checker
from rag.write.writer import Writer


@dataclass(frozen=True, slots=True)
class Overrides:
    """What writes and what checks; None leaves it to the settings.

    Raises `InputError` for an object that lacks a method, and for a writer together with a model.
    """

    model: str | ChatModel | None = None
    writer: Writer | None = None
    checker: str | Checker | None = None

    def __post_init__(self) -> None:
        if self.writer is not None and self.model is not None:
            raise InputError(f"writer and model={self.model!r:.40} are both given: only one can write, leave one out")
        if self.model is not None:
            arguments.model(self.model)
        if self.writer is not None:
            arguments.handed("writer", self.writer, ("name", "write"))
        if self.checker is not None and not isinstance(self.checker, str):
            arguments.handed("checker", self.checker, ("check",))

    @property
    def named(self) -> dict[str, Any]:
        """The three as the parameters of `answer`."""
        return {"model": self.model, "writer": self.writer, "checker": self.checker}

    @property
    def writes(self) -> str:
        """The name of the model or writer; an empty text where the settings choose."""
        if isinstance(self.model, str):
            return self.model
        own = self.model if self.writer is None else self.writer
        return "" if own is None else name_of(own)

    @property
    def leaving(self) -> str:
        """What leaves this machine for the object that writes, as far as Pincite can know."""
        if self.model is None or isinstance(self.model, str):
            return f"whether anything leaves this machine is up to {self.writes}"
        return leaving_to(str(self.model.host))

    def written_by(self, name: str) -> Overrides:
        """Return these, with the configured model of this name instead of a writer unless it is the same."""
        return self if name in ("", self.writes) else replace(self, model=name, writer=None)


AS_CONFIGURED = Overrides()
