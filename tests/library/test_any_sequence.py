"""Whatever is done to a library, in whatever order, it holds what a plain dict would."""

import shutil
import tempfile
from pathlib import Path

import invented
from counting import CountingEmbedder
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from rag import Library
from rag.index import builds

numbers = st.lists(st.integers(0, 11), min_size=1, max_size=5, unique=True)


class LibraryAgainstDict(RuleBasedStateMachine):
    """The dict goes from a paper's title to its abstract."""

    def __init__(self):
        super().__init__()
        self.folder = Path(tempfile.mkdtemp())
        self.expected = {}
        self.library = self.opened()

    def opened(self):
        return Library.open(self.folder / "library", embedder=CountingEmbedder())

    def teardown(self):
        self.library.close()
        shutil.rmtree(self.folder)

    @rule(chosen=numbers)
    def add(self, chosen):
        # A file for each paper: leaving a record out of a file that is added again takes it back.
        self.library.add(*[invented.write(self.folder / f"{n}.jsonl", [n]) for n in chosen])
        self.expected |= {invented.record(n)["title"]: invented.record(n)["abstract"] for n in chosen}

    @rule(number=st.integers(0, 11))
    def remove(self, number):
        title = invented.record(number)["title"]
        ids = [paper.id for paper in self.library.papers() if paper.title == title]
        assert len(ids) == (title in self.expected)
        if ids:
            self.library.remove(*ids)
            del self.expected[title]

    @rule()
    def reopen(self):
        self.library.close()
        self.library = self.opened()

    @rule(number=st.integers(0, 11))
    def die_between_storing_and_publishing(self, number):
        real, builds.publish = builds.publish, lambda *_: (_ for _ in ()).throw(MemoryError)
        try:
            self.add([number])
        except MemoryError:
            title = invented.record(number)["title"]
            self.expected[title] = invented.record(number)["abstract"]
        finally:
            builds.publish = real
        self.library = self.opened()

    @rule()
    def lose_the_index(self):
        shutil.rmtree(self.folder / "library" / "derived", ignore_errors=True)

    @invariant()
    def holds_what_the_dict_holds(self):
        assert {paper.title: paper.abstract for paper in self.library.papers()} == self.expected
        assert {hit.paper.title for hit in self.library.search("field trial", k=50)} == set(self.expected)


TestLibraryAgainstDict = LibraryAgainstDict.TestCase
TestLibraryAgainstDict.settings = settings(
    max_examples=8, stateful_step_count=12, deadline=None, suppress_health_check=list(HealthCheck)
)
