from __future__ import annotations

import pytest

from rag.question import follow_up
from rag.text.question_form import QuestionReading
from rag.types import Paper


def stand_alone(question, history, *given, **named):
    return follow_up.stand_alone(QuestionReading(question), follow_up.turns_of(history), *given, **named)


def turns(*contents):
    roles = ("user", "assistant")
    return [{"role": roles[i % 2], "content": content} for i, content in enumerate(contents)]


FIRST = turns("How well does BarnNet recognise owls?", "BarnNet recognises 91% of owls [1], OwlBase 80% [2].")


@pytest.mark.parametrize(
    ("question", "expected"),
    [
        ("How was it trained?", "How was it trained? (BarnNet)"),
        ("What is that method compared with?", "What is that method compared with? (BarnNet)"),
        ("And for GPT-4o?", "How well does GPT-4o recognise owls?"),
        ("What about mice?", "How well does BarnNet recognise mice?"),
        ("What about rain?", "How well does BarnNet recognise owls for rain?"),
        ("And at night?", "How well does BarnNet recognise owls at night?"),
        ("Under snow?", "How well does BarnNet recognise owls under snow?"),
        ("Why?", "Why does BarnNet recognise owls?"),
        ("Why is that?", "Why does BarnNet recognise owls?"),
        ("What else?", "How well does BarnNet recognise owls? What else?"),
        ("And is it fast?", "How well does BarnNet recognise owls? And is it fast?"),
        ("What recordings does it need?", "What recordings does it need? (BarnNet)"),
        ("How does it differ from BarnNet?", "How does it differ from BarnNet?"),
    ],
)
def test_what_the_question_depends_on_is_filled_in(question, expected, embedder):
    assert stand_alone(question, FIRST, embedder) == expected


@pytest.mark.parametrize(
    ("first", "question", "expected"),
    [
        ("How many eggs do hens lay in summer?", "And in winter?", "How many eggs do hens lay in winter?"),
        ("What is a moraine?", "And an esker?", "What is an esker?"),
        ("Does drip irrigation raise maize yield?", "What about wheat?", "Does drip irrigation raise wheat yield?"),
        (
            "How fast is an 8B OwlNet on DEN-500?",
            "What about MEW-8K?",
            "How fast is an 8B OwlNet on DEN-500 for MEW-8K?",
        ),
        ("Do otters hunt at night?", "Why?", "Why do otters hunt at night?"),
        ("Do otters hunt at night?", "Why not?", "Why not? Do otters hunt at night?"),
        ("Do otters hunt in lakes?", "Is that also true for rivers?", "Do otters hunt in rivers?"),
        (
            "Does sleep loss impair memory in adults?",
            "Does it affect children as well?",
            "Does it affect children as well? (Does sleep loss impair memory in adults?)",
        ),
        (
            "Does sleep loss impair memory in adults?",
            "Does this apply to children?",
            "Does sleep loss impair memory in children?",
        ),
        (
            "Do cover crops leach nitrate in sandy soils?",
            "Same for clay soils?",
            "Do cover crops leach nitrate in clay soils?",
        ),
        (
            "Does coffee raise blood pressure?",
            "Is that good for health?",
            "Is that good for health? (Does coffee raise blood pressure?)",
        ),
        ("Do owls roost in BarnPark?", "And in HenPark?", "Do owls roost in HenPark?"),
        (
            "Does calorie restriction extend lifespan in yeast?",
            "And in worms?",
            "Does calorie restriction extend lifespan in worms?",
        ),
        ("How common is delirium after surgery?", "And after stroke?", "How common is delirium after stroke?"),
        (
            "Do statins reduce cardiovascular events?",
            "What about lowering blood pressure?",
            "Do statins reduce cardiovascular events for lowering blood pressure?",
        ),
        ("What do otters eat?", "Why?", "Why? What do otters eat?"),
    ],
)
def test_what_is_asked_about_takes_the_place_of_what_it_is_like(first, question, expected, embedder):
    assert stand_alone(question, turns(first, "It was so [1]."), embedder) == expected


@pytest.mark.parametrize(
    "question",
    [
        "Which papers show that hail dents tin roofs?",
        "How many hours do barn cats sleep at night?",
        "Why do glowworms climb higher in June than in August?",
        "How do tree frogs improve their grip?",
        "Do bees lose their way when pesticides are used?",
        "What is the effect of mulch on soil?",
        "How does the model size affect forecasts of snow?",
        "Is it true that bees sleep at night?",
        "How long does it take seeds to sprout in cold soil?",
        "Are yields of rye higher than those of oats?",
        "Do bees avoid flowers when they are sprayed?",
        "What makes clay heavy and how do farmers drain it?",
        "So what is a moraine?",
        "And which mosses grow on slate roofs?",
        "Which study first measured the light of glowworms?",
        "Does mulching help because it keeps soil moist?",
        "Who described the lichen that grows on granite?",
        "When do otters leave the river in which they were born?",
        "What is the method of least squares used for in hydrology?",
        "Is the result of soil tests reliable in frost?",
        "What about the effect of pesticides on the navigation of honeybees?",
        "But do hedgehogs really hibernate in cities?",
        "soil moisture under old hedgerows",
        "What else do otters eat in winter?",
        "For how many years do swifts return to one nest?",
        "What do we know about how salmon find their river?",
        "Does grazing by sheep change how moss spreads?",
        "How are the results of ice cores dated?",
        "Which benchmark tests whether models know when they are wrong?",
    ],
)
def test_a_question_that_stands_alone_is_left_as_it_is(question, embedder):
    assert stand_alone(question, FIRST, embedder) == question


@pytest.mark.parametrize(
    ("first", "question", "expected"),
    [
        ("What is lamp drift?", "What triggers it?", "What triggers lamp drift?"),
        ("What is lamp drift?", "What are its causes?", "What are lamp drift's causes?"),
        ("What does lamp drift mean?", "How can it be prevented?", "How can lamp drift be prevented?"),
        ("What is meant by lamp drift?", "Which lamps show most of it?", "Which lamps show most of lamp drift?"),
        ("What are screes?", "Why do they move?", "Why do screes move?"),
        ("What is lamp drift?", "Do they repair such lamps?", "Do they repair such lamps? (lamp drift)"),
    ],
)
def test_a_thing_just_defined_takes_the_place_of_its_pronoun(first, question, expected):
    # The answer's own names, "LD" and "MEW-8K", are not what "it" means.
    assert stand_alone(question, turns(first, "LD was seen on MEW-8K [1].")) == expected


@pytest.mark.parametrize("question", ["Which of them is better?", "Which one is better?", "Which is better?"])
def test_a_choice_between_things_compared_keeps_the_whole_comparison(question):
    history = turns("How does DIFT compare with DINO on matching owls?", "DIFT is better [1].")
    whole = f"{question} (How does DIFT compare with DINO on matching owls?)"
    assert stand_alone(question, history, leans=lambda *_: False) == whole


@pytest.mark.parametrize("question", ["And the low ones?", "At which size?"])
def test_what_names_nothing_of_its_own_is_not_looked_for(question):
    assert follow_up.asked_instead(QuestionReading(question)) == ""


def test_without_history_nothing_changes():
    assert stand_alone("How was it trained?", []) == "How was it trained?"


def test_the_named_thing_survives_two_follow_ups():
    history = [*FIRST, *turns("How was it trained?", "On 4,000 hours of recordings [1].")]
    assert "BarnNet" in stand_alone("And is it fast?", history)


def test_a_question_that_points_back_names_no_new_subject():
    history = turns("how long do barn cats sleep?", "Eleven hours [1].", "is that because they hunt?", "It is [1].")
    assert stand_alone("and does it change?", history).endswith("(how long do barn cats sleep?) and does it change?")
    assert stand_alone("how is it measured?", history) == "how is it measured? (how long do barn cats sleep?)"


def test_a_pronoun_goes_on_meaning_what_it_meant():
    """Not the limits that the question before it asked about."""
    history = turns("What is bark mulch?", "Chips of bark.", "What are its limits?", "It dries out.")
    assert stand_alone("How can it be kept wet?", history) == "How can bark mulch be kept wet?"


def test_where_no_question_is_known_the_answer_names_the_subject():
    history = turns("", "In tests BarnNet recognised most owls [1].")
    assert stand_alone("How was it trained?", history) == "How was it trained? (BarnNet)"


def test_where_nobody_named_anything_the_whole_question_is_kept():
    history = turns("how long do barn cats sleep?", "They sleep eleven hours [1].")
    assert stand_alone("is that because they hunt at night?", history) == (
        "is that because they hunt at night? (how long do barn cats sleep?)"
    )


def test_the_noun_of_the_question_before_takes_a_new_adjective(embedder):
    history = turns("When did tall hedges start to bloom?", "In May [1].")
    assert stand_alone("And the low ones?", history, embedder) == "When did low hedges start to bloom?"


def test_a_term_of_two_words_is_replaced_whole_where_the_papers_cited_hold_it(embedder):
    history = turns("Does fungicide lower yellow rust mortality?", "It does [1].")
    paper = Paper("p0", "Fungicide and rust", "Fungicide lowers mortality by yellow rust in wheat.")
    assert (
        stand_alone("And brown rust?", history, embedder, cited=[paper]) == "Does fungicide lower brown rust mortality?"
    )


def test_a_name_that_the_answer_mentions_in_passing_is_not_what_it_is_about():
    history = turns("how are owls told apart?", "By the Mel scale [1].")
    paper = Paper("p0", "Telling owls apart", "We used the Mel scale.")
    assert stand_alone("Is it fast?", history, cited=[paper]) == "Is it fast? (how are owls told apart?)"
    assert stand_alone("Is it fast?", history) == "Is it fast? (how are owls told apart?)"


def test_a_dependent_question_without_a_pronoun_is_put_in_context():
    assert stand_alone("Which recordings help?", FIRST) == "Which recordings help?"
    assert stand_alone("Which recordings help?", FIRST, leans=lambda *_: True) == "Which recordings help? (BarnNet)"
