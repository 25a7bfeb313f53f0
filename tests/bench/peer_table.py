#!/usr/bin/env python3
"""Records of `primacy bench step` and of peer_step.py as a table: medians of both sides and their ratio.

    peer_table.py [--markdown] DIR

DIR/names has a line a section, its name and its title; DIR/SECTION.jsonl, where it exists, the section's records, one JSON
object a line. Records of the same model and precision are compared; where a side has several arrangements, that of the
highest median stands for it, and all are listed below.
"""
import collections
import json
import os
import statistics
import sys

MODELS = {"shared_bottom": "shared bottom", "mmoe": "MMoE"}


def arrangement_of(record):
    """A short name of how the work was arranged."""
    if record["arrangement"] == "process":
        return "in process"
    if record["arrangement"] == "job":
        return f"{record['servers']:.0f} + {record['workers']:.0f}, batch {record['batch']:,.0f}"
    if record["threads"] == 1 and record["processes"] == 1:
        return "one thread"
    count = max(record["threads"], record["processes"])
    return f"{count} {'threads' if record['threads'] > 1 else 'processes'}, batch {record['batch']:,.0f}"


def show(rates):
    spread = f" ({min(rates):,.0f} to {max(rates):,.0f})" if len(rates) > 1 else ""
    return f"{statistics.median(rates):,.0f}{spread}"


def best(arrangements):
    return max(arrangements, key=lambda name: statistics.median(arrangements[name]))


def sections(folder):
    with open(os.path.join(folder, "names"), encoding="utf-8") as names:
        for line in names:
            name, title = line.rstrip("\n").split(" ", 1)
            path = os.path.join(folder, name + ".jsonl")
            if os.path.exists(path):
                with open(path, encoding="utf-8") as records:
                    yield title, [json.loads(record) for record in records]


def table(records):
    """Rows of cells, and lines that list every arrangement where there are several."""
    rates = collections.defaultdict(lambda: ({}, {}))  # (model, compute): ours, theirs; each arrangement: rates
    for record in records:
        side = rates[record["model"], record["compute"]][record["arrangement"] == "pytorch"]
        side.setdefault(arrangement_of(record), []).append(record["rows_per_s"])
    rows, notes = [], []
    for (model, compute), (ours, theirs) in rates.items():
        if not ours or not theirs:
            continue
        our_best, their_best = best(ours), best(theirs)
        ratio = statistics.median(ours[our_best]) / statistics.median(theirs[their_best])
        rows.append([f"{MODELS[model]}, {compute.lower()}", show(ours[our_best]), show(theirs[their_best]), f"{ratio:.2f}"])
        for side, name in ((ours, "Primacy"), (theirs, "PyTorch")):
            if len(side) > 1:
                listed = "; ".join(f"{arrangement}: {show(side[arrangement])}" for arrangement in side)
                notes.append(f"{MODELS[model]}, {compute.lower()}, {name}: {listed}")
    return rows, notes


def print_text(header, rows):
    widths = [max(len(row[c]) for row in [header, *rows]) for c in range(len(header))]
    for row in [header, *rows]:
        print("  ".join(cell.ljust(width) if c == 0 else cell.rjust(width) for c, (cell, width) in enumerate(zip(row, widths))))


def print_markdown(header, rows):
    for row in [header, ["---"] * len(header), *rows]:
        print("| " + " | ".join(row) + " |")


def main():
    markdown = "--markdown" in sys.argv[1:]
    folder = sys.argv[-1]
    for title, records in sections(folder):
        versions = {record["version"] for record in records if "version" in record}
        rows, notes = table(records)
        header = [f"rows/s, {title}", "Primacy", "PyTorch " + ", ".join(sorted(versions)), "ratio"]
        (print_markdown if markdown else print_text)(header, rows)
        print()
        for note in notes:
            print(("- " if markdown else "  ") + note)
        if notes:
            print()


if __name__ == "__main__":
    main()
