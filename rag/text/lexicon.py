"""Word lists that the guards share. General English of scholarly prose, no field's own terms.

Forms are reduced to stems when the module loads; irregular forms are listed with the regular one.
"""

from __future__ import annotations

import re

from rag.text.words import stem


def _words(text: str) -> frozenset[str]:
    return frozenset(text.split())


def _stems(text: str) -> frozenset[str]:
    return frozenset(stem(word) for word in text.split())


NEGATORS = _stems(
    """not no never neither nor none nobody nothing without cannot fail unable lack missing absent absence devoid hardly
    barely scarcely isn't aren't wasn't weren't don't doesn't didn't can't couldn't won't wouldn't hasn't haven't hadn't
    shouldn't nowhere nonexistent retract refute disprove debunk deny denies rebut"""
)
NARROW = _stems("lack absent absence without devoid")  # these reach one thing: "lack of sleep", "without the gene"
REMOVALS = _stems(
    """drop remove delete exclude omit ablate ablation deplete depletion deprive deprivation deficient deficiency
    knockout loss lose removal deletion free"""
)
# "not only", "no more than": these don't negate what follows.
NEGATION_IDIOMS = frozenset(
    {("not", "only"), ("not", "just"), ("not", "merely"), ("not", "solely"), ("not", "simply"), ("no", "more"),
     ("no", "less"), ("no", "fewer"), ("no", "later"), ("no", "sooner"), ("not", "least"), ("no", "matter"),
     ("or", "not"), ("no", "doubt"), ("nor", "only")}
)  # fmt: skip

# Each line: one side | the other. A sentence that says one of what the evidence says the other of contradicts it.
# After "=", not being the one means being the other; elsewhere "did not rise" is less than "fell".
_AXES = """
increase rise rose risen raise grow grew grown growth gain higher more greater larger bigger upward boost elevate \
elevated elevation climb surge soar expand expansion upregulate heighten inflate jump \
improve improvement enhance enhancement \
| decrease decline reduce reduction lower drop fall fell fallen fewer less smaller downward diminish shrink shrank \
shrunk suppress suppression cut lessen dwindle plummet downregulate curb shorten drain worsen degrade \
degradation deteriorate impair
better improve improvement outperform surpass superior beat beats ahead | worse worsen degrade degradation deteriorate \
underperform inferior lag poorer trail
highest most largest greatest maximum best strongest fastest longest | lowest least smallest minimum worst weakest \
slowest shortest fewest
strong strongly stronger strength | weak weakly weaker weakness
fast faster quick quickly quicker rapid rapidly accelerate speed | slow slower slowly decelerate sluggish
often frequently usually regularly | rarely seldom infrequently
common commoner prevalent abundant | rare rarer uncommon scarce scarcer
earlier sooner before precede prior | later after follow subsequent
early | late
older elderly | younger
long longer lengthen prolong | short shorter less
large big high | small tiny low
hot hotter warm warmer | cold colder cool cooler
retain keep kept maintain preserve preserved | lose lost loss losing
appear emerge arise | disappear vanish
= succeed success successful | fail failure unsuccessful
benefit beneficial help helpful advantage advantageous | harm harmful detrimental hurt disadvantage
promote activate stimulate facilitate enable encourage favour | inhibit prevent block impede hinder disable discourage
trigger induce cause | prevent avert
= agree consistent support confirm corroborate | disagree inconsistent contradict refute disprove
= same similar alike equal identical comparable | different differ distinct dissimilar unequal difference
easy easier | difficult hard harder
cheap cheaper inexpensive | expensive costly costlier
positive positively | negative negatively
= accept | reject
= open | closed
simple simpler | complex complicated
slightly marginally modestly slight marginal modest minor | dramatically substantially considerably greatly markedly \
dramatic substantial considerable drastic drastically massive sharply tremendously
fully completely entirely wholly complete full | partially partly partial incomplete
double doubled triple | halve halved half
above over | below under beneath
= majority | minority few
direct directly | indirect indirectly
acute | chronic
win won gain gained | lose lost loss losing
underestimate | overestimate
overestimated | underestimated
= include | exclude
maximise maximize | minimise minimize
start begin began begun onset | stop cease end ended
= safe safer | dangerous hazardous toxic
sparse | dense
wide wider broad broader | narrow narrower
deep deeper | shallow shallower
near nearer close closer | far farther distant
= true | false
= correct correctly | wrong wrongly incorrect
attract | repel
bright brighter brightest | dark darker darkest dim dimmer dimmest faint fainter
= pass passes passed passing | fail failed failing
sensitive sensitivity susceptible susceptibility vulnerable vulnerability | resistant resistance tolerant tolerance
= permanent permanently lasting | temporary temporarily transient transiently
= benign | malignant
= dominant | recessive
= static stationary | dynamic
= internal inner interior | external outer exterior
upper | lower
heavier | lighter
thick thicker | thin thinner
wet wetter humid moist | dry drier arid
soft softer | hard harder
rich richer | poor poorer
= discrete | continuous
= homogeneous | heterogeneous
= convex | concave
= proximal | distal
= anterior | posterior
= dorsal | ventral
= maternal | paternal
= active | passive dormant
= alive | dead
= ascending | descending
= opaque | transparent
= local locally | global globally
= voluntary voluntarily | mandatory compulsory
= monolingual | multilingual
absorb | emit release
strengthen | weaken
simplify | complicate
allow permit | forbid prohibit ban
"""
FORMS = frozenset(_AXES.split())  # as they stand there; their stems are those of other words, too
AXES: dict[str, tuple[tuple[int, int], ...]] = {}
COMPLEMENTS: set[int] = set()
for _number, _line in enumerate(_AXES.replace("\\\n", "").strip().splitlines()):
    if _line.startswith("="):
        COMPLEMENTS.add(_number)
    for _sign, _side in zip((1, -1), _line.removeprefix("=").split("|"), strict=True):
        for _stem in _stems(_side):
            AXES[_stem] = (*AXES.get(_stem, ()), (_number, _sign))
# Their stems are those of "markedly", "partly" and "elevated".
HOMONYMS = _words("mark marks part parts elevator elevators")
# "unstable", "insufficient", "asymmetric": what follows the prefix is negated; but not in these.
NEGATING = re.compile(r"(?:un|in|im|ir|il|non|dis|a(?=symm|sympt|synchr|typic|period|sexual|theist))(\w{4,})")
NO_NEGATION = _words(
    """inpatient inpatients inside insight income input inputs indeed inform informed information intense intent invent
    invested improve improved improves improving import imports imported important impact impress under until union
    discover discovered discuss display displays displayed disclose disclosed discount discharge discharged dispose
    distribute disorder disorders mistake mistakes mistaken mission"""
)
# Prefixes that exclude one another before the same word: "hypertension" and "hypotension".
OPPOSED = (
    ("hyper", "hypo"), ("over", "under"), ("intra", "inter"), ("pre", "post"), ("homo", "hetero"), ("macro", "micro"),
    ("endo", "exo"), ("up", "down"), ("mono", "multi"), ("mono", "poly"), ("uni", "multi"), ("in", "out"),
)  # fmt: skip

# Each line: words that exclude one another; "/" joins names of one thing.
_RIVALS = """
mouse/mice rat rabbit pig monkey/macaque dog cat sheep goat cow/cattle horse chicken zebrafish bee wasp ant elephant \
dolphin whale butterfly moth
systolic diastolic
north/northern south/southern east/eastern west/western
summer winter spring autumn
man/men/male woman/women/female
boy girl
child/children/kid adult adolescent/teenager infant/baby/newborn
urban rural
mother father
encoder decoder
precision recall
mild moderate severe
left right
black white red green blue yellow
monday tuesday wednesday thursday friday saturday sunday
january february march april june july august september october november december
morning afternoon evening night
lung liver kidney heart brain
oral intravenous topical
supervised unsupervised self-supervised
bacteria/bacterial virus/viral fungus/fungal
protein rna dna
oxygen nitrogen carbon hydrogen
original modified/tuned
student teacher
encoder-only decoder-only
monthly weekly daily yearly/annual hourly
import export
buyer seller
reader writer
speech text vision image
train test
asthma migraine diabetes stroke epilepsy dementia
lexical semantic syntactic
human/people machine/automatic
"""
RIVALS: dict[str, tuple[tuple[int, int], ...]] = {}
for _number, _line in enumerate(_RIVALS.replace("\\\n", "").strip().splitlines()):
    for _member, _names in enumerate(_line.split()):
        for _name in _names.split("/"):
            RIVALS[stem(_name)] = (*RIVALS.get(stem(_name), ()), (_number, _member))

MODALS = _stems("may might could possibly perhaps conceivably plausibly maybe")
OPEN = _stems("unclear unknown whether uncertain hypothesize hypothesise hypothesis speculate conjecture")
HEDGES = MODALS | OPEN | _stems(
    """can suggest likely potential tend seem appear indicate possible possibility should would hint believe think
    probably presumably apparently expect suspect propose question open"""
)  # fmt: skip
TENTATIVE = _stems("suggest hint indicate suspect speculate believe") | MODALS | OPEN
CAUSES = _stems(
    """cause causes causal lead leads led trigger induce produce drive drives driven provoke generate due because owing
    consequence effect affect impact influence responsible prevent protect make makes made cure elicit contribute result
    bring brings brought explain thanks"""
)
# As verbs only: "a reduced risk" doesn't claim a cause.
CHANGES = _words(
    """raises boosts increases reduces decreases lowers improves enhances worsens slows accelerates shortens lengthens
    strengthens weakens delays prolongs"""
)
ASSOCIATIONS = _stems(
    """associate association associated correlate correlation correlated link linked relate relation relationship
    predict predictor predictive accompany coincide cooccur tie tied connection connected covary adjust adjusting"""
)
UNIVERSAL = _stems(
    "all every each always entirely completely fully everyone everything invariably only exclusively both"
)
PARTIAL = _stems(
    """some most many several few often usually sometimes partly partially majority certain mostly typically generally
    half frequently occasionally nearly almost roughly largely mainly"""
)
# Verbs and comparatives whose two sides must not be swapped.
PIVOTS = _stems(
    """outperform exceed surpass beat beats underperform trail lag cause causes trigger induce lead leads led predict
    precede follow inhibit activate prevent affect influence drive drives than explain produce replace contain imply
    include subsume dominate regulate eat eats attack infect transmit teach imitate"""
)

BREAKS = _stems("but while whereas although though yet however because since whilst which who")
# What figures count, by names that can replace one another; also plurals without an "s".
COUNTED = tuple(
    _stems(line)
    for line in (
        "people persons individuals patients participants subjects volunteers respondents men women children adults",
        "studies papers articles publications works",
        "examples instances samples items cases",
        "experiments trials tests runs",
        "animals mice",
        "questions queries prompts",
        "percent percentage",
    )
)
