#!/usr/bin/env python3
"""The work of `primacy bench step`, written in PyTorch: the same model, batch, ids and optimizer.

Prints one JSON object; "version" names the PyTorch that ran. Needs PyTorch and NumPy (Debian: python3-torch,
python3-numpy and libopenblas0-openmp, with /usr/bin/python3). PyTorch gets its best here: the widest vector
instructions of the machine, subnormal numbers flushed to zero, and batches that lie ready in memory. --lookup chooses
how embeddings are looked up: one nn.EmbeddingBag over all slots (bag) or nn.Embedding and a mean (rows).

One process with --threads threads, or --processes processes of --threads threads each under DistributedDataParallel
(gloo, sparse gradients of the table), a core each where there are enough; the batch is shared out among them.
"""
import argparse
import json
import os
import statistics
import tempfile
import time


def parse_arguments():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--model", choices=["shared_bottom", "mmoe"], default="shared_bottom")
    parser.add_argument("--optimizer", choices=["adagrad", "adam"], default="adagrad", help="adam: SparseAdam on the table")
    parser.add_argument("--lookup", choices=["bag", "rows"], default="bag")
    parser.add_argument("--bf16", action="store_true", help="the dense part under autocast to bfloat16")
    parser.add_argument("--batch", type=int, default=1024, help="rows of a step, of all processes together")
    parser.add_argument("--dim", type=int, default=16, help="floats of an embedding")
    parser.add_argument("--rows", "--table_rows", dest="table_rows", type=int, default=1_000_000)
    parser.add_argument("--slots", "--single_slots", dest="slots", type=int, default=20, help="single-valued ones")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seconds", type=float, default=4.0, help="length of a run")
    arguments = parser.parse_args()
    if arguments.batch % arguments.processes:
        parser.error("--batch must be a multiple of --processes")
    return arguments


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
BATCH = ARGS.batch // ARGS.processes  # rows of a process


class Rows:
    """Batches of ids [batch, values] and labels [batch, task]."""

    def __init__(self, seed):
        self.random = np.random.default_rng(seed)
        weights = np.arange(1, ARGS.table_rows + 1, dtype=np.float64) ** -1.05
        self.cumulative = np.cumsum(weights) / weights.sum()
        # The slot of each value. Every slot has the same popularities, but of other ids.
        self.slots = np.append(np.arange(ARGS.slots), [ARGS.slots] * LIST_VALUES)

    def next(self):
        uniform = self.random.random((BATCH, len(self.slots)))
        ranks = np.minimum(np.searchsorted(self.cumulative, uniform), ARGS.table_rows - 1)
        ids = (ranks * 387_420_489 + self.slots * 377_126_537) % ARGS.table_rows
        labels = self.random.random((BATCH, TASKS)) < np.array(LABEL_RATES)
        return torch.from_numpy(ids), torch.from_numpy(labels.astype(np.float32))


def layers(*sizes):
    """Linear layers with a ReLU after each."""
    modules = []
    for inputs, outputs in zip(sizes, sizes[1:]):
        modules += [nn.Linear(inputs, outputs), nn.ReLU()]
    return nn.Sequential(*modules)


class Embeddings(nn.Module):
    """Ids [batch, values] to [batch, (slots + 1) * dim]."""

    def __init__(self):
        super().__init__()
        kind = nn.EmbeddingBag if ARGS.lookup == "bag" else nn.Embedding
        options = {"mode": "mean"} if ARGS.lookup == "bag" else {}
        self.table = kind(ARGS.table_rows, ARGS.dim, sparse=True, **options)
        nn.init.normal_(self.table.weight, std=0.01)
        values = ARGS.slots + LIST_VALUES
        begins = torch.arange(BATCH)[:, None] * values + torch.arange(ARGS.slots + 1)
        self.begins = begins.flatten()  # of the bags

    def forward(self, ids):
        if ARGS.lookup == "bag":
            return self.table(ids.flatten(), self.begins).view(len(ids), -1)
        found = self.table(ids)
        mean = found[:, ARGS.slots:].mean(1, keepdim=True)
        return torch.cat([found[:, :ARGS.slots], mean], 1).flatten(1)


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


class Network(nn.Module):
    """Ids to scores [batch, task]."""

    def __init__(self):
        super().__init__()
        self.embeddings = Embeddings()
        self.bottom = layers((ARGS.slots + 1) * ARGS.dim, 256, 128)
        self.top = SharedBottomTop(128) if ARGS.model == "shared_bottom" else MmoeTop(128)

    def forward(self, ids):
        pooled = self.embeddings(ids)
        with torch.autocast("cpu", torch.bfloat16, enabled=ARGS.bf16):
            return self.top(self.bottom(pooled)).float()


def make_optimizers(table, dense):
    if ARGS.optimizer == "adagrad":
        return [torch.optim.Adagrad(table, lr=0.01), torch.optim.Adagrad(dense, lr=0.01)]
    return [torch.optim.SparseAdam(table, lr=0.001), torch.optim.Adam(dense, lr=0.001)]


class Trainer:
    def __init__(self):
        network = Network()
        table = list(network.embeddings.parameters())
        self.optimizers = make_optimizers(table, [*network.bottom.parameters(), *network.top.parameters()])
        self.network = nn.parallel.DistributedDataParallel(network) if ARGS.processes > 1 else network
        self.loss = nn.BCEWithLogitsLoss()  # mean over rows and tasks

    def step(self, ids, labels, seconds):
        laps = [time.perf_counter()]
        loss = self.loss(self.network(ids), labels)
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
    """Rows per second of all processes, and milliseconds of forward, backward and update per step."""
    seconds = [0.0] * 3
    began = time.perf_counter()
    for step in range(steps):
        trainer.step(*batches[step % len(batches)], seconds)
    rate = steps * ARGS.batch / (time.perf_counter() - began)
    return rate, [round(1000 * part / steps, 3) for part in seconds]


def agreed(steps):
    """The first process's number of steps."""
    if ARGS.processes == 1:
        return steps
    shared = torch.tensor([steps])
    torch.distributed.broadcast(shared, 0)
    return int(shared)


def train(rank, meeting_place):
    torch.set_num_threads(ARGS.threads)
    torch.set_flush_denormal(True)
    torch.manual_seed(1)
    cores = sorted(os.sched_getaffinity(0))
    if ARGS.processes > 1:
        if len(cores) >= ARGS.processes * ARGS.threads:
            os.sched_setaffinity(0, cores[rank * ARGS.threads:(rank + 1) * ARGS.threads])
        torch.distributed.init_process_group("gloo", init_method="file://" + meeting_place, rank=rank,
                                             world_size=ARGS.processes)
    rows = Rows(seed=7 + rank)
    batches = [rows.next() for _ in range(BATCHES)]
    trainer = Trainer()
    warm_up, _ = measure(trainer, batches, BATCHES)
    steps = agreed(max(BATCHES, int(ARGS.seconds * warm_up / ARGS.batch)))
    runs = sorted(measure(trainer, batches, steps) for _ in range(ARGS.runs))
    rate, parts = runs[len(runs) // 2]
    if rank > 0:
        return
    print(json.dumps({
        "name": "step", "arrangement": "pytorch", "version": torch.__version__, "model": ARGS.model,
        "compute": "BF16" if ARGS.bf16 else "FP32", "optimizer": ARGS.optimizer, "lookup": ARGS.lookup,
        "batch": ARGS.batch, "slots": ARGS.slots, "dim": ARGS.dim, "table_rows": ARGS.table_rows,
        "threads": ARGS.threads, "processes": ARGS.processes,
        "rows_per_s": round(rate), "rows_per_s_min": round(runs[0][0]), "rows_per_s_max": round(runs[-1][0]),
        "ms_forward": parts[0], "ms_backward": parts[1], "ms_apply": parts[2],
        "unique_keys": round(statistics.mean(len(np.unique(ids.numpy())) for ids, _ in batches)),
        "keys": int(batches[0][0].numel())}), flush=True)


def main():
    if ARGS.processes == 1:
        train(0, "")
        return
    with tempfile.TemporaryDirectory() as folder:
        torch.multiprocessing.spawn(train, args=(folder + "/meet",), nprocs=ARGS.processes)


if __name__ == "__main__":
    main()
