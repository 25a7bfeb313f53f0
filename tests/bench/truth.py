#!/usr/bin/python3
"""How far NMT ends from the constrained optimum, where that is known: logs with planted tastes, a model small enough for an independent solver.

    tests/bench/truth.py OUT [--tasks=2,3,4,5] [--conflicts=0,0.25,0.5,0.75,1] [--seeds=3] [--ratios=1,2,4,8,16,32]

For every number of tasks and conflict: generates a log (`primacy generate --appeal_share=1 --own_share=0.5 --truth`), trains the first task alone, NMT with
its defaults and hand weightings (each task weighs so many times the next one), and finds the constrained optimum of the same model with the
solver of truth_oracle.py. All losses are expected ones: of the planted probabilities of the train rows, so that no drawn label has a part in them.
OUT keeps what is done; a second call goes on. PRIMACY names the binary (build/primacy). Needs NumPy (Debian: python3-numpy).
"""
import argparse
import json
import os
import shutil
import subprocess
import sys

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import numpy as np  # noqa: E402

import truth_oracle as oracle  # noqa: E402

PRIMACY = os.environ.get("PRIMACY", "build/primacy")
SLACK = 0.002  # priority.slack
RESTARTS = 1  # of the optimum in order of priority, besides a start from the stage before
MODEL = ["model.embedding_dim=1", "model.bottom=8", "model.linear_bottom=true", "model.linear_tower=true",
         "data.ignore_slot=hour,position", "data.ignore_dense=item_age",
         "table_optimizer.learning_rate=0.2", "dense_optimizer.learning_rate=0.01"]  # so small a model learns slowly at the usual rates


def run(*arguments):
    done = subprocess.run([PRIMACY, *arguments], capture_output=True, text=True)
    if done.returncode != 0:
        sys.exit(f"{' '.join(done.args)}\n{done.stderr[-2000:]}")


def cached(path, make):
    """What make() gave when it was called first, as JSON in `path`."""
    if not os.path.exists(path):
        made = make()
        with open(path + ".tmp", "w", encoding="ascii") as file:
            json.dump(made, file)
        os.rename(path + ".tmp", path)
    with open(path, encoding="ascii") as file:
        return json.load(file)


class Log:
    def __init__(self, out, tasks, conflict, rows):
        self.folder, self.tasks, self.conflict = f"{out}/tasks-{tasks}-conflict-{conflict:g}", tasks, conflict
        if not os.path.exists(self.folder + "/log"):
            os.makedirs(self.folder, exist_ok=True)
            run("generate", f"--out={self.folder}/log", f"--rows={rows}", f"--tasks={tasks}", f"--conflict={conflict}",
                "--appeal_share=1", "--own_share=0.5", "--users=40", "--items=30", "--truth")
        self.population = oracle.Population(self.folder + "/log/truth/train")

    def train(self, name, seed, *settings):
        """Expected losses [task] of a training's model (NaN: not served), and its report."""
        folder = f"{self.folder}/{name}-{seed}"

        def score():
            if not os.path.exists(folder + "/report.json"):
                shutil.rmtree(folder, ignore_errors=True)
                run("train", f"--job={self.folder}/log/job.txt", f"--run_dir={folder}", "--launcher=local", f"--set=training.seed={seed}",
                    *[f"--set={s}" for s in MODEL + list(settings)])
            run("predict", f"--checkpoint={folder}", "--slice=train", f"--out={folder}/predictions.csv")
            with open(folder + "/predictions.csv", encoding="ascii") as file:
                columns = file.readline().strip().split(",")[2:]
                table = np.loadtxt(file, delimiter=",", usecols=range(2, 2 + len(columns)), ndmin=2)
            os.remove(folder + "/predictions.csv")
            shutil.rmtree(folder + "/checkpoints", ignore_errors=True)
            # Rows in the order of the log, as in truth/; the model gives rows of a pair the same.
            p = np.clip(table, 1e-12, 1 - 1e-12)
            truth = np.load(self.folder + "/log/truth/train/probability.npy").astype(np.float64)
            truth = truth[:, [self.names.index(c) for c in columns]]
            losses = -(truth * np.log(p) + (1 - truth) * np.log1p(-p)).mean(0)
            return {c: loss for c, loss in zip(columns, losses)}

        losses = cached(folder + ".json", score)
        with open(folder + "/report.json", encoding="ascii") as file:
            report = json.load(file)
        return np.array([losses.get(n, np.nan) for n in self.names]), report

    @property
    def names(self):
        return ["like", "click", "stay", "share", "follow"][:self.tasks]


class Optimum:
    """Of one log: each task alone, in order of priority with the trainer's slack, and at losses that a training reached."""

    def __init__(self, log):
        self.log, self.population, self.constant = log, log.population, log.population.constant()
        self.generator = np.random.default_rng(1)
        found = cached(log.folder + "/optimum.json", self.find)
        self.alone, self.kept, self.in_order, self.spread = (np.array(found[k]) for k in ("alone", "kept", "in_order", "spread"))
        self.models = found["models"]

    def model(self, tasks):
        return oracle.Model(self.population, list(range(tasks)))

    def find(self):
        alone = []
        for t in range(self.log.tasks):
            model = oracle.Model(self.population, [t])
            ends = [oracle.minimise(lambda x: model.weighed(x, lambda losses: (losses[0], np.ones(1))), model.random(self.generator)) for _ in range(2)]
            alone.append(min(model.losses(x)[0] for x in ends))
            if t == 0:
                x = ends[0]
        self.alone = np.array(alone)
        kept, spread, losses, models = [alone[0]], 0.0, np.array(alone[:1]), [list(x)]
        for k in range(1, self.log.tasks):
            starts = [self.model(k + 1).random(self.generator) for _ in range(RESTARTS)]
            starts.append(oracle.extended(self.model(k), x, lambda g, n: g.normal(0, 0.3, (1, n)), self.generator))
            (x, losses, _), lows = oracle.best_of(self.model(k + 1), np.array(kept) * (1 + SLACK), starts)
            kept.append(losses[k])
            models.append(list(x))
            # How far the worst restart ended from the best, as a share of what is to be had.
            spread = max(spread, (lows[-1] - lows[0]) / (self.constant[k] - alone[k]) if lows else np.inf)
        return {"alone": alone, "kept": kept, "in_order": list(losses), "spread": spread, "models": models}

    def at(self, name, losses):
        """[task] the lowest loss that task could have had with those above as in `losses`; the first one's is its loss alone."""
        def find():
            lowest = [self.alone[0]]
            for k in range(1, self.log.tasks):
                starts = [np.array(self.models[k]), self.model(k + 1).random(self.generator)]
                (_, reached, _), _ = oracle.best_of(self.model(k + 1), np.maximum(losses[:k], self.alone[:k] * 1.00001), starts)
                lowest.append(reached[k])
            return lowest
        return np.array(cached(f"{self.log.folder}/at-{name}.json", find))

    def share(self, losses):
        """[task] of what is to be had: 0 the best constant, 1 the best of the task alone."""
        return (self.constant - losses) / (self.constant - self.alone)


def percent(values, digits=1):
    return " / ".join(f"{100 * v:.{digits}f}" for v in np.atleast_1d(values))


def study(log, options):
    best = Optimum(log)
    alone, nmt, lambdas, passes = [], [], [], []
    for seed in range(1, options.seeds + 1):
        alone.append(log.train("single", seed, "priority.method=SINGLE", "priority.single_task=like")[0][0])
        losses, report = log.train("nmt", seed)
        nmt.append(losses)
        lambdas.append([t["lambda"] for t in report["stages"][-1]["tasks"] if t["role"] == "constraint"])
        passes.append(report["row_passes"])
    alone, nmt = np.array(alone), np.array(nmt)
    reached = np.stack([best.at(f"nmt-{s + 1}", nmt[s]) for s in range(options.gaps)])
    gap = best.share(reached) - best.share(nmt[:options.gaps])
    grid = []
    for ratio in options.ratios:
        weights = [ratio ** (log.tasks - 1 - t) for t in range(log.tasks)]
        setting = "priority.weight=" + ",".join(f"{w:g}" for w in weights)
        seen = [log.train(f"weighted-{ratio:g}", s, "priority.method=WEIGHTED", setting)[0] for s in range(1, options.grid_seeds + 1)]
        grid.append((ratio, np.array(seen)))
    print(f"\n### {log.tasks} tasks, conflict {log.conflict:g} (correlation with the first task {1 - 2 * log.conflict:+g})")
    print(f"constant {np.round(best.constant, 4)}, alone {np.round(best.alone, 5)}, planted {np.round(log.population.entropy(), 5)}; restarts differ by {percent(best.spread, 3)} %")
    print(f"first task alone, trained: {percent((alone / best.alone[0] - 1), 2)} % above the optimum")
    print(f"optimum in order, slack {SLACK:g}:   first +{percent(best.in_order[0] / best.alone[0] - 1, 2)} %   shares {percent(best.share(best.in_order))} %")
    above, over = nmt[:, 0] / alone - 1, nmt[:, 0] / best.alone[0] - 1
    print(f"NMT, {options.seeds} seeds: first {percent(above.mean(), 2)} % above alone, {percent(over.mean(), 2)} % above the optimum   shares {percent(best.share(nmt.mean(0)))} %"
          f"   λ {np.round(np.mean(lambdas, 0), 1)}   passes {np.mean(passes):.0f}")
    for s in range(options.seeds):
        print(f"    seed {s + 1}: first {percent(above[s], 2)} %   shares {percent(best.share(nmt[s]))} %   λ {np.round(lambdas[s], 1)}")
    print(f"gap of NMT to the optimum at the losses it gives the tasks above: {percent(gap.mean(0)[1:])} points")
    for ratio, seen in grid:
        mean = seen.mean(0)
        line = f"weights {ratio:g}:1:  first {percent((seen[:, 0] / alone[:len(seen)] - 1).mean(), 2)} % above alone   shares {percent(best.share(mean))} %"
        if log.tasks == 2:
            at = best.at(f"weighted-{ratio:g}", mean)
            line += f"   gap {percent((best.share(at) - best.share(mean))[1:])} points"
        print(line)
    sys.stdout.flush()


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("out")
    numbers = lambda kind: lambda text: [kind(n) for n in text.split(",")]
    parser.add_argument("--tasks", type=numbers(int), default=[2, 3, 4, 5])
    parser.add_argument("--conflicts", type=numbers(float), default=[0, 0.25, 0.5, 0.75, 1])
    parser.add_argument("--rows", type=int, default=60_000)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--gaps", type=int, default=1, help="seeds whose gap to the optimum is computed")
    parser.add_argument("--ratios", type=numbers(float), default=[1, 2, 4, 8, 16, 32])
    parser.add_argument("--grid_seeds", type=int, default=1, help="seeds of the weightings")
    options = parser.parse_args()
    for tasks in options.tasks:
        for conflict in options.conflicts:
            study(Log(options.out, tasks, conflict, options.rows), options)


if __name__ == "__main__":
    main()
