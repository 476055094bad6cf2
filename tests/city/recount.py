#!/usr/bin/env python3
"""Counts a year again from its events alone: `duban --json replay` of an auditor on standard input.

Prints "metric period unit above below" for the metrics of procedures/metrics.yaml, with "-" for all units together and
"?" where no unit answers; and as metric "burden" how often plans had each unit inspected in a year, and on how many
topics. "metric/field" is the same by the values of a choice field, "?" where it is not stated. Shares nothing with the engine but docs/metrics.md and docs/plans.md; needs the standard library alone. Looks, on
the way, at what must be so of numbers, draws, older ledgers and of plans for a register; what is not ends it with code 1.
"""
import collections
import hashlib
import json
import re
import sys

ZONE_S = 8 * 3600
wrong = []


def day_of(stamp):
    """The day of an instant, "2019-03-14", in the workspace's zone."""
    import datetime
    at = datetime.datetime.strptime(stamp[:19], "%Y-%m-%dT%H:%M:%S") + datetime.timedelta(seconds=ZONE_S)
    return at.strftime("%Y-%m-%d")


def nanos(stamp):
    """An instant as a number that compares rightly."""
    whole, _, rest = stamp.rstrip("Z").partition(".")
    return whole, int((rest + "000000000")[:9])


def names(text):
    return [re.sub(r"\.head$", "", one.strip()) for one in text.strip("[]").split(",") if one.strip()]


class Shape:
    """Of a procedure's file: who answers for its cases, and which clocks are reports. Read line by line."""

    def __init__(self, source):
        span, stage_only, self.reports = [], [], set()
        section = stage = clock = None
        timed = False
        for line in source.split("\n"):
            line = re.sub(r"\s+#.*$", "", line)
            if re.match(r"^\S", line):
                section = line.split(":")[0]
            elif section == "clocks" and (found := re.match(r"^  (\w+):", line)):
                clock = found.group(1)
            elif section == "stages" and (found := re.match(r"^  (\w+):", line)):
                stage, timed = found.group(1), False
            if section == "clocks" and clock:
                if found := re.search(r"\bcharged_to: *(\[[^\]]*\]|\w+)", line):
                    span += names(found.group(1))
                if re.match(r"^    every:", line):
                    self.reports.add(clock)
            if section == "stages" and stage:
                timed = timed or re.match(r"^    within:", line) is not None
                if timed and (found := re.search(r"\bby: *(\[[^\]]*\]|[\w.]+)", line)):
                    stage_only += names(found.group(1))
        self.parties = span or stage_only


class Case:
    def __init__(self, procedure, shape):
        self.procedure, self.shape = procedure, shape
        self.parties, self.facts = {}, []
        self.open, self.dated, self.verification, self.truth, self.gone = True, False, "", "", ""
        self.choices = {}  # Of choice fields what they hold.
        self.clocks = {}  # Name: [running, due, from, overdue].

    def units(self):
        out = {member["unit"] for party in self.shape.parties for member in self.parties.get(party, [])}
        return sorted(out) or ["?"]

    def overdue(self):
        return self.open and any(running and late for running, _, _, late in self.clocks.values())


Fact = collections.namedtuple("Fact", "measure day units how what verification truth", defaults=[""])

shapes, cases, series, draws = {}, {}, {}, {}
plans = {}  # Their files, by name.
listed = {}  # Entries of registers that stand, by case and entry: register, who.
asked = {}  # Topics of inspections that came due, by year and unit.
items = {}  # Cases that were brought in, by what their ledger called them.


def bound(parties):
    return {party["party"]: party.get("bound", []) for party in parties}


def take(stream, events, recorded):
    """The events of one case in one commit."""
    case = cases.get(stream)
    if case is None:
        opened = events[0]["case_opened"]
        case = cases[stream] = Case(opened["procedure"], shapes[opened["procedure"]])
        case.parties = bound(opened.get("parties", []))
        if opened.get("number"):
            at = series[opened["series"]] = series.get(opened["series"], 0) + 1
            if int(opened["sequence"]) != at:
                wrong.append(f"{opened['number']} is {opened['sequence']} of its series, {at} is next")
    had, was_open, was_overdue = case.units(), case.open, case.overdue()
    new, merged, moved_on, fell_behind, caught_up = [], False, "", "", ""
    fresh = "case_opened" in events[0]
    for event in events:
        kind, body = next((k, v) for k, v in event.items())
        if kind == "case_opened":
            new.append(("opened", body["opened_at"], "", "", ""))
        elif kind == "fields_set":
            for field in body.get("fields", []):
                if field["field"] == "item" and field.get("values"):
                    items.setdefault(field["values"][0]["text"], set()).add(stream)
                case.choices[field["field"]] = sorted({one["choice"] for one in field.get("values", []) if "choice" in one})
        elif kind == "register_entered":
            listed[stream, body["entry"]] = (body["register"], body["subject"])
        elif kind == "register_left":
            listed.pop((stream, body["entry"]), None)
        elif kind == "party_rebound":
            case.parties[body["party"]] = body.get("bound", [])
            moved_on = body["at"]
        elif kind == "case_migrated":
            case.shape = shapes[case.procedure]
        elif kind == "action_taken":
            if body.get("finds"):
                case.truth = body["finds"][len("TRUTH_"):].lower()
            if body.get("verifies"):
                case.verification = body["verifies"][len("VERIFICATION_"):].lower()
                new.append(("checked", body["at"], "", "", case.verification))
        elif kind == "clock_started":
            case.clocks[body["clock"]] = [True, body["due"], body["from"], False]
            case.dated = case.dated or body["clock"] not in case.shape.reports
        elif kind == "clock_paused":
            case.clocks[body["clock"]][0] = False
            caught_up = caught_up or body["at"]
        elif kind == "clock_resumed":
            case.clocks[body["clock"]][:2] = [True, body["due"]]
        elif kind == "clock_moved":
            clock = case.clocks[body["clock"]]
            if nanos(clock[1]) != nanos(body["due"]) and body.get("action") != "calendar":
                clock[3] = False
            clock[1] = body["due"]
            caught_up = caught_up or body["at"]
            if body.get("action", "").startswith("extend_"):
                new.append(("extended", body["at"], "", "", ""))
        elif kind == "rung_fired":
            clock, rung = case.clocks[body["clock"]], body["rung"]
            if rung["kind"] == "RUNG_KIND_OVERDUE":
                clock[3] = True
                fell_behind = fell_behind or rung["at"]
            # A report whose due instant has passed.
            if body["clock"] in case.shape.reports and nanos(rung["at"]) > nanos(clock[1]):
                report(case, body["clock"], clock[2], "missing", keep=True)
        elif kind == "rung_withdrawn" and body["rung"] == "due":
            case.clocks[body["clock"]][3] = False
            drop = [f for f in case.facts if f.measure == "behind"]
            if drop:
                case.facts.remove(drop[-1])
                was_overdue = False
        elif kind == "clock_stopped":
            clock = case.clocks[body["clock"]]
            if body["clock"] in case.shape.reports and not body.get("fell_away"):
                late = nanos(body["at"]) > nanos(clock[1])
                report(case, body["clock"], clock[2], "late" if late else "on_time", keep=False)
            clock[0] = False
            caught_up = caught_up or body["at"]
        elif kind == "case_ended":
            case.open = False
            what = body["kind"][len("END_KIND_"):].lower()
            caught_up = caught_up or body["at"]
            if what == "merged":
                merged = True
                continue
            if what == "cancelled":
                case.gone = day_of(body["at"])
            new.append(("ended", body["at"], "late" if body.get("late") else "on_time" if case.dated else "none", what, "now"))
        elif kind == "case_reopened":
            case.open, case.clocks, case.dated, case.gone = True, {}, False, ""
            new.append(("reopened", body["at"], "", "", ""))
            if body.get("rebounded"):
                case.verification = "rebounded"
                new.append(("rebounded", body["at"], "", "", ""))
    if merged:
        case.facts = []
        return
    units = case.units()
    for measure, at, how, what, verification in new:
        verification = case.verification if verification == "now" else verification
        case.facts.append(Fact(measure, day_of(at), units, how, what, verification, case.truth))
    if not fresh and had != units and was_open and case.open:
        case.facts += [Fact("left", day_of(moved_on), had, "", "", ""), Fact("took", day_of(moved_on), units, "", "", "")]
    moved, overdue = not fresh and had != units, case.overdue()
    if was_overdue and (not overdue or moved):
        case.facts.append(Fact("caught_up", day_of(caught_up or moved_on or recorded), had, "", "", ""))
    if overdue and (not was_overdue or moved):
        case.facts.append(Fact("behind", day_of(fell_behind or moved_on or recorded), units, "", "", ""))


def report(case, clock, period, how, keep):
    """The report of the period that began then: late where it had been missing."""
    for i, fact in enumerate(case.facts):
        if fact.measure == "reports" and fact.day == day_of(period) and fact.what == clock:
            if not keep:
                case.facts[i] = fact._replace(how="late")
            return
    case.facts.append(Fact("reports", day_of(period), case.units(), how, clock, ""))


# --- Plans ---

def take_due(body):
    """What a plan asks of whom: a burden where its file says so; of a register exactly those who stand in it."""
    source, units = plans[body["plan"]], body.get("population", [])
    if found := re.search(r"^burden: {topic: ([^,}]+)", source, re.M):
        for unit in units:
            asked.setdefault((day_of(body["at"])[:4], unit), []).append(found.group(1))
    if found := re.search(r"^for: {register: (\w+)}", source, re.M):
        standing = sorted({who for register, who in listed.values() if register == found.group(1)})
        if standing != sorted(units):
            wrong.append(f"{body['plan']} is for {len(units)} units, {found.group(1)} has {len(standing)}")


# --- Draws, as docs/draws.md has them made by hand ---

def take_draw(kind, body):
    if kind == "draw_frozen":
        if (former := body.get("redraws")) and (former not in draws or not body.get("reason")):
            wrong.append(f"{body['draw']} repeats a draw, and does not say which and why")
        draws[body["draw"]] = body
    elif kind == "draw_seeded":
        draws[body["draw"]]["seed"] = body["seed"]
    elif kind == "draw_made":
        frozen = draws[body["draw"]]
        text = "".join(f"{c['id']}\t{c.get('group', '')}\t{c.get('excluded', '')}\n" for c in frozen["candidates"])
        text += "".join(f"#{s.get('group', '')}\t{s['count']}\n" for s in frozen["shares"])
        digest = hashlib.sha256(text.encode()).hexdigest()
        if digest != frozen["digest"]:
            wrong.append(f"{body['draw']}: the population's digest is another")
        drawn = []
        for share in frozen["shares"]:
            tickets = sorted((hashlib.sha256(f"{frozen['seed']}\n{digest}\n{c['id']}".encode()).hexdigest(), c["id"])
                             for c in frozen["candidates"]
                             if c.get("group", "") == share.get("group", "") and not c.get("excluded"))
            drawn += [one for _, one in tickets[:int(share["count"])]]
        if sorted(drawn) != sorted(body.get("drawn", [])):
            wrong.append(f"{body['draw']}: made again it draws others")


# --- Figures ---

def within(first, last):
    return lambda fact: first <= fact.day <= last


def occurred(measure, *tests):
    """A set of occurrences; of what ended, not what was called off."""
    return lambda case, holds: [f for f in case.facts if f.measure == measure and holds(f) and
                                not (measure == "ended" and f.what == "cancelled") and all(t(f) for t in tests)]


def stock(plus, minus):
    return {**{measure: 1 for measure in plus}, **{measure: -1 for measure in minus}}


done = lambda f: f.what == "done"
on_time = lambda f: f.how == "on_time"
METRICS = {
    "ended_on_time": (occurred("ended", done, lambda f: f.how != "none", on_time),
                      occurred("ended", done, lambda f: f.how != "none")),
    "rebound": (occurred("rebounded"), occurred("ended", done)),
    "check_passed": (occurred("checked", lambda f: f.verification == "passed"), occurred("checked")),
    "confirmed": (occurred("ended", lambda f: f.truth in ("confirmed", "partly")),
                  occurred("ended", lambda f: f.truth in ("confirmed", "partly", "unfounded"))),
    "extended": (occurred("extended"), occurred("opened")),
    "reports_on_time": (occurred("reports", on_time), occurred("reports")),
    "reports_missing": (occurred("reports", lambda f: f.how == "missing"), occurred("reports")),
}
# Of these the rate is also told by what a choice field holds now.
BY_FIELD = {"check_passed": "category", "confirmed": "heat", "ended_on_time": "source"}
OPEN = stock(["opened", "reopened", "took"], ["ended", "left"])
OVERDUE = stock(["behind"], ["caught_up"])


def add(counts, facts, which, weight=lambda f: 1):
    for fact in facts:
        counts["-"][which] += weight(fact)
        for unit in fact.units:
            counts[unit][which] += weight(fact)


def by_field(metric, period, holds, last):
    above, below = METRICS[metric]
    counts = collections.defaultdict(lambda: [0, 0], {"-": [0, 0]})
    for case in cases.values():
        if case.gone and case.gone <= last:
            continue
        values = case.choices.get(BY_FIELD[metric]) or ["?"]
        for which, counted in enumerate((above, below)):
            number = len(counted(case, holds))
            counts["-"][which] += number
            for value in values:
                counts[value][which] += number
    show(f"{metric}/{BY_FIELD[metric]}", period, counts, True)


def total(counts, facts, which, weights):
    # What moves between units neither comes nor goes in the total: it leaves and is taken at once.
    add(counts, [f for f in facts if f.measure in weights], which, lambda f: weights[f.measure])


def show(metric, period, counts, by_unit):
    for unit in sorted(counts):
        if unit == "-" or (by_unit and counts[unit] != [0, 0]):
            print(metric, period, unit, *counts[unit])


def figures(period, first, last, by_unit):
    holds = within(first, last)
    for metric, (above, below) in METRICS.items():
        counts = collections.defaultdict(lambda: [0, 0], {"-": [0, 0]})
        for case in cases.values():
            if case.gone and case.gone <= last:
                continue
            add(counts, above(case, holds), 0)
            add(counts, below(case, holds), 1)
        show(metric, period, counts, by_unit)
        if by_unit and metric in BY_FIELD:
            by_field(metric, period, holds, last)
    counts = collections.defaultdict(lambda: [0, 0], {"-": [0, 0]})
    for case in cases.values():
        if case.gone and case.gone <= last:
            continue
        opened = occurred("opened")(case, holds)
        if occurred("ended")(case, holds):
            add(counts, opened, 0)
        add(counts, opened, 1)
    show("ended_of_opened", period, counts, by_unit)
    counts = collections.defaultdict(lambda: [0, 0], {"-": [0, 0]})
    for case in cases.values():
        if case.gone and case.gone <= last:
            continue
        until = [f for f in case.facts if f.day <= last]
        total(counts, until, 0, OVERDUE)
        total(counts, until, 1, OPEN)
    show("overdue_at_end", period, counts, by_unit)


def main():
    at, recorded, events = None, "", []
    for line in sys.stdin:
        record = json.loads(line)["record"]
        event = record["event"]
        kind, body = next((k, v) for k, v in event.items())
        if kind == "procedure_published" and body.get("procedure"):
            shapes[body["procedure"]] = Shape(body["source"])
        elif kind.startswith("draw_"):
            take_draw(kind, body)
        here = (record["stream"], record["log_position"])
        if here != at and events:
            take(at[0], events, recorded)
            events = []
        at, recorded = here, record["recorded_at"]
        if kind == "plan_put":
            plans[body["plan"]["name"]] = body["plan"]["source"]
        elif kind == "plan_due":
            take_due(body)
        if record["stream"].startswith("cases/"):
            events.append(event)
    if events:
        take(at[0], events, recorded)
    wrong.extend(f"{item} is {len(streams)} cases" for item, streams in items.items() if len(streams) > 1)
    for (year, unit), topics in sorted(asked.items()):
        print("burden", year, unit, len(topics), len(set(topics)))
    year = 2019
    figures(f"{year - 1}", f"{year - 1}-01-01", f"{year - 1}-12-31", False)
    figures(f"{year - 1}Q4", f"{year - 1}-10-01", f"{year - 1}-12-31", False)
    figures(f"{year}", f"{year}-01-01", f"{year}-12-31", True)
    for quarter in range(4):
        first = quarter * 3 + 1
        figures(f"{year}Q{quarter + 1}", f"{year}-{first:02}-01", f"{year}-{first + 2:02}-31", True)
    for month in range(1, 13):
        figures(f"{year}-{month:02}", f"{year}-{month:02}-01", f"{year}-{month:02}-31", False)
    for what in wrong:
        print(what, file=sys.stderr)
    sys.exit(1 if wrong else 0)


main()
