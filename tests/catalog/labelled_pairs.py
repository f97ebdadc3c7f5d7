"""420 labelled pairs of invented records: one paper in two exports, or two papers that look like one."""

# ruff: noqa: E501 - an abstract stays on one line

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace

from rag.types import Origin, Record


@dataclass(frozen=True)
class Topic:
    """A paper, its text in other words, and another paper of the same field and about as long."""

    title: str
    subtitle: str
    abstract: str
    reworded: str
    other: str
    translated: str
    authors: tuple[str, ...]
    venue: str


TOPICS = (
    Topic(
        "Reduced tillage and soil moisture in barley", "a six-year field trial",
        "We followed 412 barley plots over 6 seasons and measured root depth, soil moisture and yield under four tillage regimes. Reduced tillage raised soil moisture by 8% in dry years and left yield unchanged. Root depth increased by 4 cm on clay soils.",
        "Over 6 seasons, 412 plots of barley were followed under four regimes of tillage. In dry years soil moisture rose by 8% where tillage was reduced; yield did not change, and roots on clay went 4 cm deeper.",
        "Earthworm casts were counted on 96 compacted headlands before and after ploughing. Infiltration of rain doubled where casts covered more than 11% of the surface. The effect faded within 9 weeks and never reached the subsoil.",
        "Wir haben 412 Gerstenparzellen über 6 Jahre verfolgt und Wurzeltiefe, Bodenfeuchte und Ertrag unter vier Verfahren der Bodenbearbeitung gemessen. Die Bodenfeuchte stieg in trockenen Jahren um 8%, der Ertrag blieb gleich.",
        ("Okafor, Lena", "Brandt, Ivo"), "Soil and Field",
    ),
    Topic(
        "Night feeding of hawk moths at scented flowers", "choice tests in a wind tunnel",
        "We released 340 hawk moths in a wind tunnel and offered scented and unscented flowers at dusk. Scent halved the time of search from 62 to 31 seconds. Moths that had fed before found flowers without scent as fast as others with it.",
        "Scented and unscented flowers were offered at dusk to 340 hawk moths in a wind tunnel. The search took 31 instead of 62 seconds with scent; moths with a meal behind them needed no scent to find the flowers.",
        "Bats of 14 roosts were tagged and their nightly flights recorded with receivers along a river. They crossed lit bridges a third less often than dark ones. Amber lamps changed nothing, while white ones cut crossings by 45% on moonless nights.",
        "Im Windkanal wurden 340 Schwärmern in der Dämmerung duftende und duftlose Blüten angeboten. Der Duft halbierte die Dauer der Suche von 62 auf 31 Sekunden, und satte Tiere fanden die Blüten auch ohne ihn.",
        ("Fell, Ada", "Ng, Bo"), "Journal of Dusk",
    ),
    Topic(
        "Kelp burial on sandy beaches of cold coasts", "a carbon budget",
        "Of the yearly growth of kelp on 18 beaches, 12% was buried below 30 cm of sand. Storms buried more than tides did. Burial kept carbon for at least 4 years, as cores and a decay model agree, and did not depend on the species.",
        "On 18 beaches 12% of each year's kelp ended under 30 cm of sand, more by storms than by tides. Cores and a model of decay agree that the carbon stays for 4 years or longer, whatever the species of kelp.",
        "Seagrass meadows were mapped by drones in 27 bays and compared with maps drawn by divers. Drones missed 19% of sparse meadows and none of the dense ones. A correction by water depth brought the error under 5% in clear water.",
        "Vom jährlichen Zuwachs des Tangs an 18 Stränden wurden 12% unter 30 cm Sand begraben. Stürme begruben mehr als die Gezeiten. Der Kohlenstoff blieb mindestens 4 Jahre im Boden, unabhängig von der Art.",
        ("Moor, Tess", "Quill, Ana"), "Cold Coasts",
    ),
    Topic(
        "Home blood pressure with text reminders", "a randomised trial",
        "We randomised 806 adults with hypertension to text reminders or usual care for 12 months. Systolic pressure fell by 5.2 mmHg with reminders and 1.1 mmHg without. Adherence rose to 78%, and 9 participants left because of the messages.",
        "For 12 months 806 adults with hypertension received text reminders or usual care at random. With reminders systolic pressure fell by 5.2 mmHg, without by 1.1 mmHg; 78% adhered, and the messages drove 9 participants out.",
        "Nurses of 31 wards kept diaries of interruptions during drug rounds. A red vest cut interruptions from 6.3 to 2.9 an hour. Errors did not change, and half of the nurses found the vest embarrassing in front of patients.",
        "Wir teilten 806 Erwachsene mit Bluthochdruck zufällig Erinnerungen per Nachricht oder der üblichen Betreuung zu. Nach 12 Monaten war der systolische Druck um 5.2 mmHg gesunken, ohne Nachrichten um 1.1 mmHg.",
        ("Silva, Rui", "Haas, Eva"), "Care at Home",
    ),
    Topic(
        "Sparse attention for long scientific documents", "an evaluation",
        "We trained sparse attention on 1.2 million scientific documents of up to 16384 tokens. Memory fell by 61% against full attention while accuracy on six tasks fell by 0.4 points. Gains vanish below 2048 tokens, where dense kernels are faster.",
        "Sparse attention was trained on 1.2 million documents of science with up to 16384 tokens each. It needs 61% less memory than full attention for 0.4 points of accuracy on six tasks; below 2048 tokens dense kernels are faster and nothing is gained.",
        "Annotators labelled 5400 pairs of claims and tables from reports of companies. Models that saw column headers alone reached 71% of the accuracy of full tables. Adding units to headers closed 18% of the gap for numeric claims.",
        "Dünne Aufmerksamkeit wurde auf 1.2 Millionen wissenschaftlichen Texten mit bis zu 16384 Zeichen trainiert. Der Speicherbedarf sank um 61%, die Genauigkeit auf sechs Aufgaben nur um 0.4 Punkte.",
        ("Chen, Wei", "Roth, Max"), "Learning Systems",
    ),
    Topic(
        "Phonics and vocabulary in early reading lessons", "a cluster trial",
        "In 58 schools 2310 pupils were taught reading by phonics alone or with vocabulary lessons. After 20 weeks decoding was equal in both arms. Vocabulary lessons raised comprehension by 0.24 standard deviations, most among pupils with another home language.",
        "Phonics alone or with lessons in vocabulary taught 2310 pupils of 58 schools to read. Decoding was the same in both arms after 20 weeks, but comprehension rose by 0.24 standard deviations with vocabulary, above all for pupils with another language at home.",
        "Teachers of 44 rural schools were coached by video or in person for one year. Coaching in person changed questioning in class, while video changed only planning. Costs per teacher were 310 against 95 euros, without travel.",
        "In 58 Schulen lernten 2310 Kinder mit Lautlehre allein oder zusätzlich mit Wortschatzstunden lesen. Nach 20 Wochen war das Entziffern gleich, das Verständnis mit Wortschatz um 0.24 Standardabweichungen besser.",
        ("Diallo, Awa", "Berg, Nils"), "School Studies",
    ),
    Topic(
        "Perovskite cells under salt spray and humid heat", "an ageing study",
        "We aged 72 perovskite cells under salt spray for 1000 hours. Cells with a tin oxide layer kept 91% of their efficiency, others 54%. Failure began at the laser scribes, and a second seal of 40 nm stopped it in all cells tested.",
        "Under salt spray 72 cells of perovskite aged for 1000 hours. A layer of tin oxide kept 91% of the efficiency against 54% without; failure starts at laser scribes, where a second seal of 40 nm stopped it in each cell tested.",
        "Wind loads on 12 tracking arrays were measured with pressure taps during storms. Stowing at 30 degrees cut torque by half against flat stowing. Gusts from behind remained the worst case and exceeded the code by 17%.",
        "Wir alterten 72 Perowskitzellen 1000 Stunden lang im Salznebel. Zellen mit einer Schicht aus Zinnoxid behielten 91% ihres Wirkungsgrads, andere 54%. Der Schaden begann an den Laserschnitten.",
        ("Ito, Ken", "Lind, Sara"), "Applied Cells",
    ),
    Topic(
        "Rents and moves after a new tram line", "a difference-in-differences study",
        "Rents rose by 6.5% within 500 metres of a new tram line over 36 months, and moves out by 1.9 points. Owners sold more often than tenants left. Effects were absent where half of the flats had capped rents before the line was announced.",
        "Within 500 metres of a new tram line rents went up by 6.5% in 36 months and moves out by 1.9 points. Owners sold more than tenants left, and nothing changed where half of all flats had capped rents before the announcement.",
        "Shops on 23 streets were surveyed before and after parking was removed. Turnover fell by 2% in the first quarter and recovered by the fourth. Footfall grew on streets with trees and shrank on those without any seating.",
        "Die Mieten stiegen in 36 Monaten im Umkreis von 500 Metern um eine neue Straßenbahn um 6.5%, die Fortzüge um 1.9 Punkte. Eigentümer verkauften häufiger, als Mieter auszogen.",
        ("Novak, Jan", "Petit, Lou"), "Urban Change",
    ),
    Topic(
        "Phages against resistant Klebsiella in mice", "a dose study",
        "Mice infected with resistant Klebsiella received phages at three doses. The middle dose saved 17 of 20 mice against 3 of 20 untreated. Higher doses cleared bacteria in 8 hours but raised cytokines fourfold and saved no more animals.",
        "Phages at three doses were given to mice with resistant Klebsiella. At the middle dose 17 of 20 survived, of the untreated 3 of 20; higher doses cleared the bacteria in 8 hours, yet saved no further animals and raised cytokines fourfold.",
        "Biofilms of 40 catheters from two wards were sequenced and grown under flow. Silver coating delayed growth by 26 hours and selected thick mucoid strains. Rinsing with citrate removed 93% of the mass of young films only.",
        "Mäuse mit resistenter Klebsiella erhielten Phagen in drei Dosen. Die mittlere Dosis rettete 17 von 20 Tieren gegen 3 von 20 ohne Behandlung; höhere Dosen retteten nicht mehr Tiere.",
        ("Rossi, Lia", "Khan, Omar"), "Infection Reports",
    ),
    Topic(
        "Wooden beams under fire and later loading", "tests at full scale",
        "We burnt 24 wooden beams for 60 minutes and loaded them afterwards. Charring advanced 0.7 mm each minute, and the rest kept 88% of its stiffness. Glued joints failed first, at 310 degrees in the glue line, without any warning in deflection.",
        "After 60 minutes of fire 24 wooden beams were loaded. Char grew by 0.7 mm a minute while the remaining wood kept 88% of its stiffness; joints with glue failed first and without warning once the glue line reached 310 degrees.",
        "Concrete with 30% of recycled glass was cured in sea water and in air. Strength after a year was 9% higher in sea water. Cracks from the glass closed within 70 days where the grains were finer than a tenth of a millimetre.",
        "Wir verbrannten 24 Holzbalken 60 Minuten lang und belasteten sie danach. Die Verkohlung schritt um 0.7 mm je Minute fort, der Rest behielt 88% seiner Steifigkeit. Leimfugen versagten zuerst.",
        ("Aalto, Eero", "Weiss, Ida"), "Structures and Fire",
    ),
    Topic(
        "Sleep of shift workers before days off", "an actigraphy study",
        "Wrist sensors recorded 129 shift workers for 28 days. They slept 47 minutes longer before days off and woke 3 times less. Naps of more than 30 minutes cost an hour of the next night, and light in the morning made no difference at all.",
        "For 28 days sensors at the wrist recorded 129 workers on shifts. Before days off they slept 47 minutes longer with 3 fewer awakenings; naps above 30 minutes took an hour off the next night, while morning light changed nothing.",
        "Drivers of 52 long-haul trucks wore glasses that count blinks. Slow blinks predicted lane departures 11 minutes ahead in half of the cases. Coffee delayed them by 40 minutes and doubled their number in the following hour.",
        "Sensoren am Handgelenk begleiteten 129 Schichtarbeiter 28 Tage lang. Vor freien Tagen schliefen sie 47 Minuten länger und wachten 3 Mal weniger auf. Morgenlicht machte keinen Unterschied.",
        ("Laurent, Zoe", "Park, Min"), "Work and Rest",
    ),
    Topic(
        "Glacier lakes and floods in a warming valley", "a record since 1960",
        "Maps and images since 1960 show 63 glacier lakes in one valley, 21 of them new. Lakes grew by 2.4% a year and burst 5 times. Each flood followed weeks of rain on snow, and none a quake, though 2 quakes were strong.",
        "In one valley images and maps since 1960 show 63 lakes of glaciers, 21 of them new. They grew 2.4% a year and burst 5 times, always after weeks of rain on snow and never after a quake, though 2 were strong.",
        "Snow depth was measured by 15 cameras along a pass and compared with satellites. Satellites erred by 38 cm under forest and 9 cm in the open. Merging both halved the error of the yearly melt in each of the four basins.",
        "Karten und Bilder seit 1960 zeigen 63 Gletscherseen in einem Tal, 21 davon neu. Die Seen wuchsen um 2.4% im Jahr und brachen 5 Mal aus, stets nach Wochen mit Regen auf Schnee.",
        ("Thapa, Nima", "Frey, Urs"), "High Waters",
    ),
)  # fmt: skip


def pairs() -> Iterator[tuple[str, Record, Record, bool]]:
    """Yield (kind, record, record, whether they are one paper)."""
    for number, topic in enumerate(TOPICS):
        for kind, one, other in _same(topic, number):
            yield kind, one, other, True
        for kind, one, other in _different(topic, number):
            yield kind, one, other, False


def _record(topic: Topic, **fields: object) -> Record:
    known = {"title": topic.title, "abstract": topic.abstract, "authors": topic.authors, "year": 2020}
    return Record(**known | fields, origin=Origin("file", 1))


def _figures(text: str) -> str:
    """Change every figure, as the next year's report does."""
    return "".join(str((int(c) + 3) % 10 or 1) if c.isdigit() else c for c in text)


def _one_figure(text: str) -> str:
    """Change the last figure alone, as an update does that repeats the words."""
    figures = list(re.finditer(r"\d+", text))
    last = figures[-1]
    return f"{text[: last.start()]}{int(last[0]) + 3}{text[last.end() :]}"


def _same(topic: Topic, n: int) -> Iterator[tuple[str, Record, Record]]:
    doi, base = f"10.1234/paper.{n}", _record(topic)
    cut = topic.abstract[: len(topic.abstract) * 2 // 3].rsplit(" ", 1)[0] + "…"
    initials = tuple(f"{name.split(', ')[0]} {name.split(', ')[1][0]}" for name in topic.authors)
    turned = tuple(" ".join(reversed(name.split(", "))) for name in topic.authors)
    preprint = replace(base, doi=f"10.1101/2019.12.{n:02}", year=2019, kind="article")
    yield "copy without a DOI", replace(base, doi=doi, venue=topic.venue), replace(base, authors=initials)
    yield (
        "title with its subtitle, one DOI",
        replace(base, doi=doi),
        replace(base, doi=doi, title=f"{topic.title}: {topic.subtitle}"),
    )
    yield "abstract cut off", replace(base, doi=doi), replace(base, abstract=cut, authors=turned)
    yield (
        "capitals and a copyright line",
        base,
        replace(base, title=topic.title.upper(), abstract=f"{topic.abstract} © 2020 The Authors."),
    )
    yield "preprint and article", preprint, replace(base, doi=doi, abstract=topic.reworded, year=2020, authors=turned)
    yield (
        "arXiv and article",
        replace(base, arxiv_id=f"2001.{n:05}", year=2019),
        replace(base, doi=doi, year=2021, abstract=topic.reworded),
    )
    yield (
        "preprint without a DOI",
        replace(preprint, doi=None),
        replace(base, doi=doi, abstract=f"{topic.abstract} Code is free."),
    )
    yield (
        "marked as retracted",
        replace(base, doi=doi),
        replace(base, title=f"RETRACTED: {topic.title}", authors=initials),
    )
    yield (
        "online first",
        replace(base, year=2019, venue=topic.venue),
        replace(base, doi=doi, year=2020, venue=topic.venue, volume="12"),
    )
    yield "translated, one DOI", replace(base, doi=doi), replace(base, doi=doi, abstract=topic.translated)
    yield (
        "one PMID",
        replace(base, pmid=str(3000 + n)),
        replace(base, pmid=str(3000 + n), doi=doi, abstract=topic.reworded),
    )
    yield (
        "labelled sections",
        base,
        replace(base, abstract=f"BACKGROUND: {topic.abstract.replace('. ', '. RESULTS: ', 1)}", authors=turned),
    )
    yield "no authors on one side", replace(base, doi=doi), replace(base, authors=())
    measured = f"{topic.abstract} All of 12,480 values lay above 10^-3 and p was below 0.05."
    exported = f"{topic.abstract} All of 12 480 values lay above 10-3 and p was below .05."
    yield "figures written otherwise", replace(base, doi=doi, abstract=measured), replace(base, abstract=exported)
    yield (
        "figures that lost their marks",
        replace(base, doi=doi, abstract=f"{topic.abstract} Counts of 10⁶ per cm² fell at −4.5 °C (P = 0·03)."),
        replace(base, abstract=f"{topic.abstract} Counts of 106 per cm2 fell at -4.5 C (P = 0.03).", authors=turned),
    )
    yield (
        "copyright lines of two years",
        replace(base, doi=doi, abstract=f"{topic.abstract} © 2020 The Authors. All rights reserved."),
        replace(base, abstract=f"{topic.abstract} Copyright (c) 2019 by the Society."),
    )
    yield (
        "preprint with another figure",
        replace(preprint, abstract=_one_figure(topic.abstract)),
        replace(
            base, doi=doi, abstract=f"{topic.abstract} Of 7 checks, 5 were run twice in 2019 and 2020 on 30 samples."
        ),
    )


def _different(topic: Topic, n: int) -> Iterator[tuple[str, Record, Record]]:
    doi, base = f"10.1234/paper.{n}", _record(topic)
    review = f"10.1002/14651858.CD00{n:04}"
    updated = topic.abstract.replace(". ", ". In this update we added new studies. ", 1)
    others = ("Nielsen, Bo",)
    yearly = replace(base, title=f"Annual report of the {topic.venue.lower()} group", venue=topic.venue)
    yield (
        "two versions of a review",
        replace(base, doi=f"{review}.pub2", year=2019),
        replace(base, doi=f"{review}.pub3", abstract=updated),
    )
    yield (
        "a review and its update",
        replace(base, doi=review, year=2019),
        replace(base, doi=f"{review}.pub2", abstract=updated),
    )
    yield "yearly report, other words", replace(yearly, year=2019), replace(yearly, abstract=topic.other)
    yield (
        "yearly report, other figures",
        replace(yearly, year=2019, volume="7"),
        replace(yearly, abstract=_figures(topic.abstract), volume="8"),
    )
    yield "report of a later year", replace(yearly, year=2014), replace(yearly, abstract=topic.reworded)
    yield (
        "supplement under one DOI",
        replace(base, title="Poster session abstracts of the meeting", doi=doi),
        replace(base, title="Poster session abstracts of the meeting", doi=doi, abstract=topic.other, authors=others),
    )
    yield (
        "supplement, one DOI and author",
        replace(base, title="Meeting abstracts of the yearly congress", doi=doi),
        replace(base, title="Meeting abstracts of the yearly congress", doi=doi, abstract=topic.other),
    )
    yield (
        "two replies",
        replace(base, title="Reply", doi=f"{doi}a"),
        replace(base, title="Reply", doi=f"{doi}b", abstract=topic.other),
    )
    yield (
        "replies under a long title",
        replace(base, title=f"Reply to comments on {topic.title}", doi=f"{doi}a"),
        replace(base, title=f"Reply to comments on {topic.title}", doi=f"{doi}b", abstract=topic.reworded),
    )
    yield (
        "companion papers",
        replace(base, title=f"{topic.title}. Part I"),
        replace(base, title=f"{topic.title}. Part II", doi=doi),
    )
    yield "one title, other authors", base, replace(base, authors=others, abstract=topic.other)
    yield "two PMIDs", replace(base, pmid=str(100 + n)), replace(base, pmid=str(900 + n), abstract=updated)
    yield (
        "published twice under two DOIs",
        replace(base, doi=doi, venue=topic.venue),
        replace(base, doi=f"10.5678/other.{n}", venue="Other Letters"),
    )
    update = _one_figure(topic.abstract)
    yield "one other figure, one DOI", replace(base, doi=doi), replace(base, abstract=update)
    yield "one other figure, no DOI", base, replace(base, abstract=update)
    first, _, _ = topic.abstract.partition(". ")
    plain = re.sub(r"\d+(?:\.\d+)?%?", "some", first)
    yield (
        "a single figure, which differs",
        replace(base, doi=doi, abstract=f"{plain}. The main result was a gain of 8%."),
        replace(base, abstract=f"{plain}. The main result was a gain of 2%."),
    )
    yield (
        "one beginning, other results",
        replace(base, doi=doi),
        replace(base, abstract=f"{first}. {topic.other}"),
    )
    yield (
        "next year, other figures, no volumes",
        replace(yearly, year=2019, abstract=topic.abstract),
        replace(yearly, abstract=update),
    )
