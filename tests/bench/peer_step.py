#!/usr/bin/env python3
"""The work of `primacy bench step`, written in PyTorch: the same model, batch, ids and optimizer in one process.

Prints one JSON object. Needs PyTorch and NumPy. PyTorch gets its best here: the widest vector instructions of the
machine, subnormal numbers flushed to zero, and batches that lie ready in memory. --lookup chooses how embeddings are
looked up: one nn.EmbeddingBag over all slots (bag) or nn.Embedding and a mean (rows).
"""
import argparse
import json
import os
import statistics
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["shared_bottom", "mmoe"], default="shared_bottom")
    parser.add_argument("--lookup", choices=["bag", "rows"], default="bag")
    parser.add_argument("--batch", type=int, default=1024, help="rows of a step")
    parser.add_argument("--dim", type=int, default=16, help="floats of an embedding")
    parser.add_argument("--table_rows", type=int, default=1_000_000)
    parser.add_argument("--single_slots", type=int, default=20)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a run")
    return parser.parse_args()


ARGS = parse_arguments()
for library in ("OMP", "OPENBLAS", "MKL"):  # read when the libraries are loaded
    os.environ[library + "_NUM_THREADS"] = str(ARGS.threads)
with open("/proc/cpuinfo", encoding="ascii") as processor:
    if "avx512f" in processor.read():  # PyTorch does not choose it by itself
        os.environ.setdefault("ATEN_CPU_CAPABILITY", "avx512")

import numpy as np  # noqa: E402
import torch  # noqa: E402
from torch import nn  # noqa: E402

TASKS = 3
LIST_VALUES = 10  # of the multi-valued slot, the last one
LABEL_RATES = (0.2, 0.05, 0.01)
BATCHES = 24


class Rows:
    """Batches of ids [batch, values] and labels [batch, task]."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        weights = np.arange(1, ARGS.table_rows + 1, dtype=np.float64) ** -1.05
        self.cumulative = np.cumsum(weights) / weights.sum()
        # The slot of each value. Every slot has the same popularities, but of other ids.
        self.slots = np.append(np.arange(ARGS.single_slots), [ARGS.single_slots] * LIST_VALUES)

    def next(self):
        uniform = self.random.random((ARGS.batch, len(self.slots)))
        ranks = np.minimum(np.searchsorted(self.cumulative, uniform), ARGS.table_rows - 1)
        ids = (ranks * 387_420_489 + self.slots * 377_126_537) % ARGS.table_rows
        labels = self.random.random((ARGS.batch, TASKS)) < np.array(LABEL_RATES)
        return torch.from_numpy(ids), torch.from_numpy(labels.astype(np.float32))


def layers(*sizes):
    """Linear layers with a ReLU after each."""
    modules = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        modules += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*modules)


class Embeddings(nn.Module):
    """Ids [batch, values] to [batch, (single_slots + 1) * dim]."""

    def __init__(self):
        super().__init__()
        kind = nn.EmbeddingBag if ARGS.lookup == "bag" else nn.Embedding
        options = {"mode": "mean"} if ARGS.lookup == "bag" else {}
        self.table = kind(ARGS.table_rows, ARGS.dim, sparse=True, **options)
        nn.init.normal_(self.table.weight, std=0.01)
        values = ARGS.single_slots + LIST_VALUES
        begins = torch.arange(ARGS.batch)[:, None] * values + torch.arange(ARGS.single_slots + 1)
        self.register_buffer("begins", begins.flatten())  # of the bags

    def forward(self, ids):
        if ARGS.lookup == "bag":
            return self.table(ids.flatten(), self.begins).view(len(ids), -1)
        found = self.table(ids)
        mean = found[:, ARGS.single_slots:].mean(1, keepdim=True)
        return torch.cat([found[:, :ARGS.single_slots], mean], 1).flatten(1)


class SharedBottomTop(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.towers = nn.ModuleList(nn.Sequential(layers(inputs, 64), nn.Linear(64, 1)) for _ in range(TASKS))

    def forward(self, shared):
        return torch.cat([tower(shared) for tower in self.towers], 1)


class MmoeTop(nn.Module):
    def __init__(self, inputs):
        super().__init__()
        self.experts = nn.ModuleList(layers(inputs, 64) for _ in range(4))
        self.gates = nn.ModuleList(nn.Linear(inputs, 4) for _ in range(TASKS))
        self.heads = nn.ModuleList(nn.Linear(64, 1) for _ in range(TASKS))

    def forward(self, shared):
        experts = torch.stack([expert(shared) for expert in self.experts], 1)  # [batch, expert, 64]
        mixes = [gate(shared).softmax(1)[:, :, None] * experts for gate in self.gates]
        return torch.cat([head(mix.sum(1)) for head, mix in zip(self.heads, mixes)], 1)


class Trainer:
    def __init__(self):
        self.embeddings = Embeddings()
        self.bottom = layers((ARGS.single_slots + 1) * ARGS.dim, 256, 128)
        self.top = SharedBottomTop(128) if ARGS.model == "shared_bottom" else MmoeTop(128)
        dense = list(self.bottom.parameters()) + list(self.top.parameters())
        self.optimizers = [torch.optim.Adagrad(self.embeddings.parameters(), lr=0.01),
                           torch.optim.Adagrad(dense, lr=0.01)]
        self.loss = nn.BCEWithLogitsLoss()  # mean over rows and tasks

    def step(self, ids, labels, seconds):
        laps = [time.perf_counter()]
        loss = self.loss(self.top(self.bottom(self.embeddings(ids))), labels)
        laps.append(time.perf_counter())
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        laps.append(time.perf_counter())
        for optimizer in self.optimizers:
            optimizer.step()
        laps.append(time.perf_counter())
        for part in range(3):
            seconds[part] += laps[part + 1] - laps[part]


def measure(trainer, batches, steps):
    """Rows per second, and milliseconds of forward, backward and update per step."""
    seconds = [0.0] * 3
    began = time.perf_counter()
    for step in range(steps):
        trainer.step(*batches[step % len(batches)], seconds)
    rate = steps * ARGS.batch / (time.perf_counter() - began)
    return rate, [round(1000 * part / steps, 3) for part in seconds]


def main():
    torch.set_num_threads(ARGS.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    rows = Rows(seed=7)
    batches = [rows.next() for _ in range(BATCHES)]
    trainer = Trainer()
    warm_up, _ = measure(trainer, batches, BATCHES)
    steps = max(BATCHES, int(ARGS.seconds * warm_up / ARGS.batch))
    runs = sorted(measure(trainer, batches, steps) for _ in range(ARGS.runs))
    rate, parts = runs[len(runs) // 2]
    print(json.dumps({
        "name": "step", "arrangement": "pytorch", "version": torch.__version__, "model": ARGS.model,
        "lookup": ARGS.lookup, "batch": ARGS.batch, "threads": ARGS.threads, "rows_per_s": round(rate),
        "rows_per_s_min": round(runs[0][0]), "rows_per_s_max": round(runs[-1][0]),
        "ms_forward": parts[0], "ms_backward": parts[1], "ms_apply": parts[2],
        "unique_keys": round(statistics.mean(len(np.unique(ids.numpy())) for ids, _ in batches)),
        "keys": int(batches[0][0].numel())}))


main()
