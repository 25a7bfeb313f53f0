#!/usr/bin/env python3
"""compare.json files as Markdown, for docs/results.md: one table of NMT over all data sets and models, then one of all methods for each.

    methods_table.py [--weightings] COMPARE_JSON...

A data set is called like the folder of its file. Of the fixed weights the tables have the equal ones and the chosen one; --weightings: all.
"""
import json
import os
import statistics
import sys

MODELS = {"shared_bottom": "shared bottom", "omoe": "OMoE", "mmoe": "MMoE", "ple": "PLE"}


def brief(number, sign=""):
    """".9056", "+.0012"."""
    return f"{number:{sign}.4f}".replace("0.", ".", 1)


def cell(task):
    if task["test_mean"] is None:
        return "–"
    error = task["test_standard_error"]
    return brief(task["test_mean"]) + ("" if error is None else f" ± {brief(error)}")


def difference(task):
    if "nmt_minus" not in task or task["nmt_minus"]["mean"] is None:
        return "–"
    mean, low, high = (task["nmt_minus"][name] for name in ("mean", "low", "high"))
    if low is None:
        return brief(mean, "+")
    return f"{brief(mean, '+')} [{brief(low, '+')}, {brief(high, '+')}]"


def of_kind(model, kind):
    return next((method for method in model["methods"] if method["kind"] == kind), None)


def chosen_of(model):
    return next((method for method in model["methods"] if method["chosen"]), None)


def passes(method):
    return statistics.mean(method["row_passes"])


def summary(data):
    """A line for each data set and model: NMT's first task against it alone, the others against the chosen weighting."""
    print("| data, model | first task: NMT − alone | others: NMT − chosen weighting | chosen (of) | passes: NMT / alone / weightings | NMT ÷ alone |")
    print("|---" * 6 + "|")
    for name, page in data:
        tasks = page["tasks"]
        for model in page["models"]:
            nmt, alone, chosen = of_kind(model, "nmt"), of_kind(model, "single"), chosen_of(model)
            weighted = [method for method in model["methods"] if method["kind"] == "weighted"]
            first = f"{tasks[0]} {difference(alone['tasks'][tasks[0]])}" if alone else "–"
            others = "; ".join(f"{task} {difference(chosen['tasks'][task])}" for task in tasks[1:]) if chosen else "–"
            choice = f"{chosen['name'].removeprefix('weighted ')} ({len(weighted)})" if chosen else f"none ({len(weighted)})"
            cost = " / ".join([f"{passes(nmt):.1f}" if nmt else "–", f"{passes(alone):.1f}" if alone else "–",
                               f"{sum(map(passes, weighted)):.1f}"])
            share = f"{passes(nmt) / passes(alone):.2f}" if nmt and alone else "–"
            print(f"| {name}, {MODELS[model['model']]} | {first} | {others} | {choice} | {cost} | {share} |")


def is_shown(method, all_weightings):
    if method["kind"] != "weighted" or method["chosen"] or all_weightings:
        return True
    weights = method["name"].removeprefix("weighted ").split(":")
    return len(set(weights)) == 1


def details(name, page, all_weightings):
    tasks = page["tasks"]
    for model in page["models"]:
        print(f"\n| {name}, {MODELS[model['model']]} | {' | '.join(tasks)} | passes | seconds |")
        print("|---" * (len(tasks) + 3) + "|")
        for method in model["methods"]:
            if not is_shown(method, all_weightings):
                continue
            mark = "**" if method["kind"] == "nmt" else ""
            arrow = " ←" if method["chosen"] else ""
            cells = " | ".join(mark + cell(method["tasks"][task]) + mark for task in tasks)
            print(f"| {mark}{method['name']}{mark}{arrow} | {cells} | {passes(method):.1f} | {statistics.mean(method['seconds']):.1f} |")
        nmt = of_kind(model, "nmt")
        if nmt and sum(nmt["verdicts"].values()) > 0:
            counts = nmt["verdicts"]
            print(f"\nConstraints on the test slice: {counts['kept']} kept, {counts['not_kept']} not kept, "
                  f"{counts['not_decidable']} not decidable.")


def main():
    all_weightings = "--weightings" in sys.argv[1:]
    paths = [argument for argument in sys.argv[1:] if argument != "--weightings"]
    if not paths:
        sys.exit(__doc__)
    data = []
    for path in paths:
        with open(path, encoding="utf-8") as file:
            data.append((os.path.basename(os.path.dirname(os.path.abspath(path))), json.load(file)))
    summary(data)
    for name, page in data:
        details(name, page, all_weightings)


main()
