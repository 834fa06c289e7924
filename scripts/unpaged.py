#!/usr/bin/env python3
"""Fills the blocks of docs/unpaged.md from runs that scripts/docs.sh has made.

Starts nothing. An approximate number (~) stays as the page has it while it is near what
was measured, and so does the host's address in a picture.

usage: unpaged.py PAGE WORK    the page with its blocks made anew, to stdout
"""
import json
import re
import sys

RUNGS = ["svm-npt", "vmx-ug", "vmx-ept", "svm-shadow", "vmx-shadow"]
REASONS_LAST = ["io"]
NEAR = 0.10
NO_EXIT = 30		# instructions: less than any exit takes
ORIGIN = 0x7c00		# where a boot sector lies
COLUMN = 46		# where the hardware's side of a picture begins


def read(name):
    with open(f"{WORK}/{name}", encoding="utf-8") as f:
        return f.read()


def run_of(name):
    """The report's run that is not the reference."""
    runs = json.loads(read(f"{name}.json"))["runs"]
    return next(r for r in runs if r["rung"] != "bare")


def guest_lines(name):
    """What the guest printed, less what may differ."""
    text = read(f"{name}.txt").split("\nended by")[0]
    return [line for line in text.split("\n") if line and not line.startswith("raw ")]


def costs_of(name):
    """Instructions beyond the guest's own, step by step."""
    raw = [int(line[4:], 16) for line in read(f"{name}.txt").split("\n")
           if re.match(r"raw [0-9a-f]{8}$", line)]
    return [cost - raw[0] for cost in raw[1:]]


def about(number):
    """Two digits of it."""
    unit = 10 ** max(0, len(str(number)) - 2)
    return f"~{(number + unit // 2) // unit * unit:,}"


def steps():
    """(address, bytes, instruction, remark) of the lines that the page shows."""
    with open(f"{WORK}/turn_on.bin", "rb") as f:
        image = f.read()
    for line in read("turn_on.lst").split("\n"):
        found = re.match(r" *\d+ ([0-9A-F]{8}) ([0-9A-F\[\]]+) +\t(.*?)\t*;\| (.*)", line)
        if found:
            at, code, text, remark = found.groups()
            at, size = int(at, 16), len(re.sub(r"[\[\]]", "", code)) // 2
            yield (at + ORIGIN, image[at:at + size].hex(" "),
                   re.sub(r"\t", " ", text).strip(), remark)


def table(head, rows):
    lines = ["| " + " | ".join(head) + " |", "|" + "---|" * len(head)]
    return "\n".join(lines + ["| " + " | ".join(row) + " |" for row in rows])


def fenced(text):
    return "```\n" + text + "\n```"


def made_listing():
    return fenced("\n".join(f"{address:x}  {code:<24} {text:<31} ; {remark}".rstrip()
                            for address, code, text, remark in steps()))


def made_output():
    lines = {rung: guest_lines(rung) for rung in RUNGS + ["bare"]}
    for rung, said in lines.items():
        if said != lines["bare"]:
            sys.exit(f"unpaged.py: on {rung} the guest printed something else than on bare")
    return fenced("\n".join(lines["bare"]))


def made_costs():
    costs = {rung: costs_of(rung) for rung in RUNGS}
    shown = list(steps())
    rows = []
    for rung in RUNGS:
        if len(costs[rung]) != len(shown):
            sys.exit(f"unpaged.py: {rung}: {len(costs[rung])} costs, {len(shown)} steps")
    for i, (_, _, text, remark) in enumerate(shown):
        cells = [about(costs[rung][i]) if costs[rung][i] > NO_EXIT else "–"
                 for rung in RUNGS]
        rows.append([f"`{text}`", remark] + cells)
    return table(["instruction", ""] + [f"`{rung}`" for rung in RUNGS], rows)


def made_picture(rung):
    text = read(f"{rung}.txt").split("\n0x0000000000400000 on ")[1]
    lines = text.split("\n  differs ")[0].split("\n  pass ")[0].strip().split("\n")
    return fenced("\n".join(line.rstrip() for line in ["0x0000000000400000 on " + lines[0]]
                            + lines[1:]))


def made_timeline():
    rows = []
    for rung in RUNGS:
        run = run_of(rung)
        for s in run["timeline"]:
            mode = "not observed" if s["mode"] == "unobserved" else s["mode"]
            rows.append([f"`{rung}`", run["machine"], mode, s["ran_as"], f"{s['exits']:,}",
                         about(s["instructions"])])
    return table(["rung", "machine", "guest mode", "ran as", "exits", "guest instructions"],
                 rows)


def made_exits():
    exits = {rung: run_of(rung)["exits"] for rung in RUNGS}
    names = {name for e in exits.values() for name in e["by_reason"]}
    order = sorted(names - set(REASONS_LAST)) + [n for n in REASONS_LAST if n in names]
    rows = [[name] + [f"{exits[r]['by_reason'].get(name, 0) or '–'}" for r in RUNGS]
            for name in order]
    rows.append(["all"] + [str(exits[r]["total"]) for r in RUNGS])
    return table(["reason"] + [f"`{rung}`" for rung in RUNGS], rows)


def made_loaders():
    rows = []
    for guest in ["mb2", "limine"]:
        run = run_of(guest)
        first = run["timeline"][0]
        rows.append([f"`{guest}`", f"`{run['rung']}`", first["mode"], first["ran_as"],
                     run["outcome"]])
    return table(["guest", "rung", "starts in mode", "ran as", "outcome"], rows)


def keep_numbers(old, new):
    """The old block's approximate numbers where they are near the new ones."""
    pattern = r"~[\d,]+"
    before = re.findall(pattern, old)
    if re.sub(pattern, "~", old) != re.sub(pattern, "~", new):
        return new

    def choose(found):
        was = before.pop(0)
        a, b = (int(t[1:].replace(",", "")) for t in (was, found[0]))
        return was if abs(a - b) <= NEAR * max(a, b) else found[0]
    return re.sub(pattern, choose, new)


def keep_addresses(old, new):
    """The old picture if only frames of the host's differ: its layout is nobody's affair."""
    def plain(text):
        lines = [line[:COLUMN] + re.sub(r"0x[0-9a-f]+(?=[0-9a-f]{3}\b)", "0x", line[COLUMN:])
                 for line in text.split("\n")]
        return "\n".join(lines)
    return old if plain(old) == plain(new) else new


def block(found):
    name, argument, old = found[1], found[2], found[3].strip("\n")
    makers = {"listing": made_listing, "output": made_output, "costs": made_costs,
              "timeline": made_timeline, "exits": made_exits, "loaders": made_loaders}
    if name == "picture":
        new = keep_addresses(old, made_picture(argument))
    else:
        new = keep_numbers(old, makers[name]())
    head = f"<!-- made: {name}{' ' + argument if argument else ''} -->"
    return f"{head}\n\n{new}\n\n<!-- end -->"


if __name__ == "__main__":
    PAGE, WORK = sys.argv[1:]
    with open(PAGE, encoding="utf-8") as page:
        sys.stdout.write(re.sub(r"<!-- made: (\w+) ?([\w-]*) -->\n(.*?)<!-- end -->",
                                block, page.read(), flags=re.S))
