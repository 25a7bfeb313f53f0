#!/usr/bin/python3
"""What the arrangement of processes does to a job's model, its constraints and its multipliers.

    tests/bench/consistency.py JOB LOG [--seeds=5] [--consistency=BSP,SSP:2,ASP] [--arrangements=1:1,2:2,2:4]
                               [--launcher=mpi] [--set=FIELD=VALUE ...]     # PRIMACY names the binary; default build/primacy

Trains the job in every consistency (SSP:n with a staleness of n) and arrangement (servers:workers) over several seeds and prints a
line of Markdown for each. Of the last stage: the tasks' test AUC, with its standard deviation over the seeds; each constraint's
hold-out loss above (+) or below (-) its bound, for the model that was chosen, in percent; how many seeds kept all
constraints; each constraint's multiplier, mean over the stage's evaluations and seeds, and in brackets how far it moves between
evaluations; and the stage's steps.
"""
import argparse, json, os, statistics, subprocess, sys, tempfile

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("job")
parser.add_argument("log")
parser.add_argument("--seeds", type=int, default=5)
parser.add_argument("--consistency", default="BSP,SSP:2,ASP")
parser.add_argument("--arrangements", default="1:1,2:2,2:4")
parser.add_argument("--launcher", default="mpi")
parser.add_argument("--set", action="append", default=[])
options = parser.parse_args()
primacy = os.environ.get("PRIMACY", "build/primacy")


def train(directory, consistency, arrangement, seed):
    kind, _, staleness = consistency.partition(":")
    servers, workers = arrangement.split(":")
    command = [primacy, "train", f"--job={options.job}", f"--run_dir={directory}", f"--launcher={options.launcher}", f"--servers={servers}",
               f"--workers={workers}", f"--set=data.log={os.path.abspath(options.log)}", f"--set=training.seed={seed}",
               f"--set=runtime.consistency={kind}", *(f"--set={change}" for change in options.set)]
    if staleness:
        command.append(f"--set=runtime.staleness={staleness}")
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)}\n{done.stderr[-2000:]}")
    report = json.load(open(f"{directory}/report.json"))
    stage = report["stages"][-1]
    kept = {t["task"]: t["bound"] for t in stage["tasks"] if t["role"] == "constraint"}
    paths = {task: [] for task in kept}
    for line in open(f"{directory}/events.jsonl"):
        event = json.loads(line)
        if event["event"] == "evaluation" and event["stage"] == len(report["stages"]) - 1:
            for task in event["tasks"]:
                if task["task"] in paths:
                    paths[task["task"]].append(task["lambda"])
    return {
        "auc": {task: figures["test"]["auc"] for task, figures in report["final"].items()},
        "above": {t["task"]: 100 * (t["holdout"]["loss"] / kept[t["task"]] - 1) for t in stage["tasks"] if t["task"] in kept},
        "kept": stage["kept"],
        "lambda": {task: statistics.mean(path) for task, path in paths.items()},
        "move": {task: statistics.mean(abs(b - a) for a, b in zip(path, path[1:])) if len(path) > 1 else 0.0 for task, path in paths.items()},
        "steps": stage["steps"],
    }


def line(cells):
    print("| " + " | ".join(cells) + " |", flush=True)


header = False
for consistency in options.consistency.split(","):
    for arrangement in options.arrangements.split(","):
        with tempfile.TemporaryDirectory() as parent:
            runs = [train(f"{parent}/{seed}", consistency, arrangement, seed) for seed in range(1, options.seeds + 1)]
        tasks, constraints = list(runs[0]["auc"]), list(runs[0]["above"])
        mean = lambda figure, task: statistics.mean(run[figure][task] for run in runs)
        spread = lambda figure, task: statistics.stdev(run[figure][task] for run in runs) if len(runs) > 1 else 0.0
        if not header:
            line(["", *tasks, *(f"{task} over its bound, %" for task in constraints), "kept", *(f"λ {task}" for task in constraints), "steps"])
            line(["---"] * (len(tasks) + 2 * len(constraints) + 3))
            header = True
        line([f"{consistency.replace(':', ' ')}, {arrangement.replace(':', ' + ')}",
              *(f"{mean('auc', task):.4f} ({spread('auc', task):.4f})".replace("0.", ".") for task in tasks),
              *(f"{mean('above', task):+.2f} ({spread('above', task):.2f})" for task in constraints),
              f"{sum(run['kept'] for run in runs)} of {len(runs)}",
              *(f"{mean('lambda', task):.2f} ({mean('move', task):.2f})" for task in constraints),
              f"{statistics.mean(run['steps'] for run in runs):.0f}"])
