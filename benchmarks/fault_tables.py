"""The clean tables of `faults.py`: real ones, found below a folder that is given, and the demo tickets.

Real tables are never quite clean. What is true of each is written down with a reason, so that a false alarm is a finding
that is not among these. What a reader of the data must know is a trap (`must`): it has to be found.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np

from landmark.artifacts.question import Output, Question
from landmark.artifacts.split import Split, judging_rows, training_rows
from landmark.artifacts.table import Table
from landmark.core.context import Context
from landmark.core.findings import Finding, Level, warn
from landmark.core.options import Options
from landmark.core.seeds import generator
from landmark.core.table import take
from landmark.laws.faults import FAULTS, Ground, Planted, Strength
from landmark.steps.data import split as splitting
from landmark.steps.data import table as reading

ADULT = "age workclass fnlwgt education education-num marital-status occupation relationship race sex capital-gain capital-loss hours-per-week native-country income".split()

DRAWS = 6
"""Draws of a column until one is found that does not have the fault by nature."""


@dataclass(frozen=True)
class Truth:
    """Something that is true of a table: codes and places, a word why, and whether it has to be found."""

    codes: str
    places: str
    why: str
    must: bool = False

    def covers(self, finding: Finding) -> bool:
        """Return whether a finding says this: * stands for any code, or any place."""
        codes, places = self.codes.split(), self.places.split("|")
        named = {finding.where, *finding.where.split(", "), *finding.where.split("+")}
        return bool((self.codes == "*" or finding.code in codes) and (self.places == "*" or named & set(places)))


ALWAYS = (Truth("attestation", "data", "nobody has answered for any of these tables"),)


@dataclass(frozen=True)
class Clean:
    """A table to plant faults in: in one piece, and with judging rows apart."""

    name: str
    source: Table
    one: Ground
    two: Ground
    truths: tuple[Truth, ...] = ()
    options: dict[str, Options] = field(default_factory=dict)

    def ground(self, given: bool) -> Ground:
        """Return the table with or without judging rows of its own."""
        return self.two if given else self.one

    def plant(
        self, name: str, strength: Strength, seed: int, known: Mapping[bool, Iterable[Finding]]
    ) -> tuple[Ground, Planted] | None:
        """Return the table with a fault where it has none by nature; the same column whatever the strength.

        By nature is what is true of the table, and what is `known`: said of it without judging rows, and with them.
        """
        fault = FAULTS[name]
        for draw in range(DRAWS):
            made = fault.plant(self.ground(fault.given), generator(seed, self.name, name, draw), strength)
            if made is None:
                return None
            asked = [warn(code, place, "") for code in fault.codes for place in made[1].where]
            said = (finding for finding in known[fault.given] if finding.level != Level.NOTE)
            if not made[1].is_found(said) and not any(map(self.is_true, asked)):
                return made
        return None

    def is_true(self, finding: Finding) -> bool:
        """Return whether a finding is known to be true of this table."""
        return any(truth.covers(finding) for truth in (*ALWAYS, *self.truths))


def output(name: str, **options: Any) -> Output:
    return Output(name=name, options=options)


def question(*outputs: str | Output, columns: dict[str, dict[str, Any]] | None = None) -> Question:
    asked = tuple(output(o) if isinstance(o, str) else o for o in outputs)
    return Question(name="faults", outputs=asked, columns=columns or {})


def read(source: Path, test: Path | None = None, **form: Any) -> Table:
    options = reading.Options(
        source=source.name, test=None if test is None else test.name, folder=str(source.parent), format=form
    )
    return reading.table(options, Context())


def cut(table: Table, rows: int, seed: int) -> Table:
    """Return at most so many rows, in their order: evenly spaced for seed 0, else drawn."""

    def chosen(count: int, most: int) -> np.ndarray:
        if count <= most:
            return np.arange(count)
        if seed == 0:
            return np.arange(most) * count // most
        return np.sort(np.random.default_rng(seed).choice(count, most, replace=False))

    kept = take(table.rows, chosen(table.rows.num_rows, rows))
    test = None if table.test is None else take(table.test, chosen(table.test.num_rows, rows // 4))
    return table.model_copy(update={"rows": kept, "test": test})


def clean(
    name: str, source: Table, asked: Question, truths: tuple[Truth, ...], by: dict[str, Any] | None = None
) -> Clean:
    """Return a table in one piece and in two; where no judging rows are given, the split step makes them."""
    rule = splitting.Options.model_validate(by or {})
    one = Ground(source.rows, asked)
    if source.test is not None:
        two = replace(one, test=source.test)
    else:
        parts: Split = splitting.split(source, asked, rule, Context())
        parts = parts.model_copy(update={"train": np.sort(parts.train), "test": np.sort(parts.test)})
        two = Ground(training_rows(source, parts), asked, judging_rows(source, parts))
    return Clean(name, source, one, two, truths, {"split": rule})


def titanic(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "titanic" / "titanic.csv"), rows, seed)
    return clean("titanic", source, question("survived"), TITANIC)


def adult(data: Path, rows: int, seed: int) -> Clean:
    form = {"header": False, "names": ADULT, "strip": True, "missing": ["?"]}
    source = read(data / "adult" / "adult-train.csv.gz", data / "adult" / "adult-test.csv.gz", **form)
    return clean("adult", cut(source, rows, seed), question("income"), ADULT_TRUE)


def diamonds(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "diamonds" / "diamonds.csv.gz"), rows, seed)
    return clean("diamonds", source, question("price"), DIAMONDS)


def housing(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "california_housing" / "housing.csv.gz"), rows, seed)
    return clean("housing", source, question("median_house_value"), HOUSING)


def churn(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "md_mlc_churn" / "mlc_churn.csv.gz"), rows, seed)
    return clean("churn", source, question("churn"), CHURN)


def ames(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "md_ames" / "ames.csv.gz"), rows, seed)
    return clean("ames", source, question("Sale_Price"), AMES)


def marvel(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "marvel_dc" / "marvel-wikia-data.csv.gz"), rows, seed)
    return clean("marvel", source, question("ALIGN"), MARVEL)


def sms(data: Path, rows: int, seed: int) -> Clean:
    source = read(data / "sms_spam" / "sms.tsv.gz", header=False, names=["spam", "text"], delimiter="\t")
    return clean("sms", cut(source, rows, seed), question("spam"), SMS)


def banking77(data: Path, rows: int, seed: int) -> Clean:
    source = read(data / "banking77" / "train.csv.gz", data / "banking77" / "test.csv.gz")
    return clean("banking77", cut(source, rows, seed), question("category"), BANKING)


def elec2(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "elec2" / "elec.csv.gz"), rows, seed)
    return clean("elec2", source, question("class"), ELEC)


def bike_hour(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "bike_hour" / "hour.csv.gz"), rows, seed)
    return clean("bike_hour", source, question("cnt"), BIKE, {"by": "time", "column": "dteday"})


def ett_h1(data: Path, rows: int, seed: int) -> Clean:
    source = cut(read(data / "ett_h1" / "ETTh1.csv.gz"), rows, seed)
    return clean("ett_h1", source, question("OT"), ETT, {"by": "time", "column": "date"})


def tickets(data: Path, rows: int, seed: int) -> Clean:
    from landmark.demo.tickets import make

    table = reading.held(make(rows, seed).table, "tickets")
    asked = question(
        "issue_type",
        "action",
        output("refund", type="number", unit="USD"),
        columns={"ticket_id": {"use": "identifier"}, "wait": {"type": "number", "unit": "s"}},
    )
    return clean("tickets", table, asked, TICKETS)


TIED = "dependent-rows group-leakage"
MIRRORED = "repeated-column"
ALTERED = "drift label-shift judging-anomaly"

TITANIC: tuple[Truth, ...] = (
    Truth("missing-much", "cabin", "77 % of the cabins are unknown", must=True),
    Truth(
        TIED, "ticket|rows", "39 % of the passengers share a ticket with their family, and mostly its fate", must=True
    ),
    Truth("mixed-types", "ticket", "347082 beside A/5 21171"),
    Truth("missing-depends-on-target", "cabin|age|embarked", "cabins and ages are known of survivors rather"),
    Truth("impossible-value sentinel", "fare", "15 people, most of them crew, paid 0"),
    Truth("identifier-column", "name|ticket", "a name is a person"),
)
ADULT_TRUE: tuple[Truth, ...] = (
    Truth("class-unseen", "income", "labels of the test file end with a dot", must=True),
    Truth("class-not-judged label-shift drift", "income", "with a dot they are other labels"),
    Truth("missing-code mixed-nulls", "workclass|occupation|native-country", "? is no value"),
    Truth("weight-column weights", "fnlwgt", "a sampling weight: the people a row stands for", must=True),
    Truth(
        "sentinel capped-values outliers",
        "capital-gain",
        "99999 stands for more than the form holds, and lies far away",
    ),
    Truth("capped-values sentinel", "age|hours-per-week", "90 and 99 stand for more"),
    Truth(MIRRORED, "education|education-num", "the same, as a word and as a number"),
    Truth("missing-together", "workclass|occupation", "who told no class told no occupation"),
    Truth("missing-depends-on-target", "workclass|occupation", "a tenth of these earn much, a quarter of all"),
    Truth(
        "duplicate-rows near-duplicates train-test-overlap conflicting-labels", "rows|income", "24 rows repeat others"
    ),
)
DIAMONDS: tuple[Truth, ...] = (
    Truth(
        "impossible-value sentinel outliers",
        "x|y|z",
        "20 stones have a dimension of 0; y = 58.9, z = 31.8 are slips",
        must=True,
    ),
    Truth("outliers", "depth|table", "a table of 95 % and a depth of 43 % are slips: depth is 2 z / (x + y)"),
    Truth(MIRRORED, "depth|x|y|z", "depth is computed of the three"),
    Truth("sorted-target", "price|rows", "the file is sorted by price, in two parts"),
    Truth(
        "duplicate-rows near-duplicates train-test-overlap conflicting-labels",
        "rows|price",
        "146 stones stand there twice",
    ),
)
HOUSING: tuple[Truth, ...] = (
    Truth("capped-target", "median_house_value", "capped at 500,001: 4.7 % of the rows", must=True),
    Truth("capped-values", "housing_median_age|median_income", "capped at 52 (6 %), at 15.0001 and at 0.4999"),
    Truth("misaligned-columns stuck-value", "ocean_proximity", "the file is sorted by place"),
    Truth(TIED, "rows|longitude|latitude", "neighbours are alike"),
)
CHURN: tuple[Truth, ...] = (
    Truth(
        MIRRORED,
        "total_day_minutes|total_day_charge|total_eve_minutes|total_eve_charge|total_night_minutes|total_night_charge|total_intl_minutes|total_intl_charge",
        "a charge is the minutes times a price",
        must=True,
    ),
    Truth(MIRRORED, "voice_mail_plan|number_vmail_messages", "who has no plan has no messages"),
)
AMES: tuple[Truth, ...] = (
    Truth(MIRRORED, "BsmtFin_SF_1|BsmtFin_Type_1", "the column of square feet holds the number of the type"),
    Truth(MIRRORED, "Gr_Liv_Area|First_Flr_SF|Second_Flr_SF", "an area is the sum of two others, but for 40 rows"),
    Truth(MIRRORED, "Pool_Area|Pool_QC", "no pool, no area"),
    Truth(MIRRORED, "Garage_Type|Garage_Finish|Garage_Cond|Garage_Cars|Garage_Area", "no garage, nothing of it"),
    Truth(MIRRORED, "Misc_Feature|Misc_Val|Fireplaces", "nothing, no value"),
    Truth(
        MIRRORED,
        "Bsmt_Cond|Bsmt_Exposure|BsmtFin_Type_1|BsmtFin_Type_2|Total_Bsmt_SF|BsmtFin_SF_2",
        "no cellar, nothing of it",
    ),
    Truth(MIRRORED, "MS_SubClass|House_Style|Bldg_Type", "the class is made of style and type"),
    Truth("blanks-around-cells category-variants", "Sale_Type", "'WD ' ends with a blank"),
    Truth("missing-code mixed-nulls", "Mas_Vnr_Type|Misc_Feature", "None is no veneer, or no value"),
    Truth("sentinel impossible-value", "Lot_Frontage", "17 % have a frontage of 0: it was not recorded"),
    Truth(TIED, "Neighborhood|rows|Longitude|Latitude", "neighbours are alike"),
    Truth("sorted-column misaligned-columns time-order", "Year_Sold|rows", "the file is sorted by year"),
)
MARVEL: tuple[Truth, ...] = (
    Truth("spreadsheet-dates", "FIRST APPEARANCE", "Aug-62 was August 1962", must=True),
    Truth("missing-much", "EYE|GSM", "nobody knows the eyes of most", must=True),
    Truth("target-missing", "ALIGN", "17 % are neither good nor bad nor neutral"),
    Truth("identifier-column", "page_id|name|urlslug", "they name the page"),
    Truth(MIRRORED, "name|urlslug|page_id", "the address is made of the name"),
    Truth(MIRRORED, "FIRST APPEARANCE|Year", "the month holds the year"),
    Truth("missing-together", "FIRST APPEARANCE|Year", "both or none"),
    Truth(
        "missing-depends-on-target",
        "ID|EYE|HAIR|SEX|GSM|APPEARANCES|FIRST APPEARANCE|Year",
        "more is known of the good",
    ),
    Truth("invalid-text", "name|urlslug", "quotes and accents are escaped: \\u00f3"),
    Truth("sorted-column misaligned-columns", "APPEARANCES|rows", "the file is sorted by appearances"),
    Truth("mixed-dates future-dates", "FIRST APPEARANCE", "years without their century"),
)
SMS: tuple[Truth, ...] = (
    Truth("near-duplicates", "rows|text", "890 of 5,572 messages have a near-duplicate", must=True),
    Truth("duplicate-rows train-test-overlap", "rows", "403 messages repeat an earlier one"),
    Truth("personal-data", "text", "362 messages hold a phone number, 7 a mail address"),
    Truth(
        "invalid-text mojibake",
        "text",
        "29 messages hold U+0092, an apostrophe of Windows; 309 hold &amp; and the like",
    ),
    Truth("truncated-text", "text", "lengths pile up at 160, the longest message"),
)
BANKING: tuple[Truth, ...] = (
    Truth("near-duplicates", "rows|text", "151 of 3,080 test rows have a near-duplicate in training", must=True),
    Truth("sorted-target", "category|rows", "the file is sorted by category"),
)
ELEC: tuple[Truth, ...] = (
    Truth(
        f"{TIED} time-order time-leakage",
        "rows|period",
        "half-hours follow each other: a random split flatters by nine points",
        must=True,
    ),
    Truth(
        "stuck-value capped-values sentinel",
        "vicprice|vicdemand|transfer|rows",
        "constant in the first 17,424 rows: filled in",
    ),
    Truth("missing-together", "vicprice|vicdemand|transfer", "not known in these rows"),
    Truth("outliers", "nswprice|vicprice", "prices rise to twenty times the usual for an hour"),
    Truth("duplicate-rows near-duplicates train-test-overlap", "rows", "8 rows repeat others"),
)
BIKE: tuple[Truth, ...] = (
    Truth("leakage", "casual|registered", "casual + registered is the target", must=True),
    Truth(ALTERED, "*", "two years of growth, split by time: every column that goes with the season differs"),
    Truth("identifier-column identifier-leak sorted-column leakage", "instant", "it counts the hours"),
    Truth(MIRRORED, "temp|atemp", "the felt temperature follows the other (r = .988)"),
    Truth(MIRRORED, "workingday|day_type|holiday|weekday", "the same in words"),
    Truth(MIRRORED, "dteday|instant|yr|mnth|season", "the day holds month, year and season"),
    Truth(MIRRORED, "hr|time_segment", "parts of the day are hours"),
    Truth("missing-depends-on-target", "time_segment", "missing at midnight, when nobody rides"),
    Truth(
        "sentinel impossible-value stuck-value",
        "hum|windspeed",
        "a humidity of 0 on a whole day; a windspeed of 0 in 12 %",
    ),
    Truth(TIED, "rows|dteday|instant", "hours follow each other"),
)
ETT: tuple[Truth, ...] = (
    Truth(ALTERED, "*", "two years of one transformer, split by time"),
    Truth(MIRRORED, "HUFL|MUFL|LUFL|HULL|MULL|LULL", "a load is nearly the sum of two others (r = .987)"),
    Truth("stuck-value", "MUFL|MULL|LUFL|LULL", "three to six days on which nothing moves"),
    Truth("identifier-column sorted-column", "date", "every hour once"),
    Truth(TIED, "rows|date", "hours follow each other"),
)
TICKETS: tuple[Truth, ...] = (Truth("time-order", "created_at", "tickets have a date, and are split by label"),)

TABLES: dict[str, Callable[[Path, int, int], Clean]] = {
    made.__name__: made
    for made in (
        titanic,
        adult,
        diamonds,
        housing,
        churn,
        ames,
        marvel,
        sms,
        banking77,
        elec2,
        bike_hour,
        ett_h1,
        tickets,
    )
}
