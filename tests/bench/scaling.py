#!/usr/bin/python3
"""The cost model of docs/scaling.md: fitted to measured arrangements, checked against them, used for larger ones.

    for s in 1 2 3; do for w in 1 2 3 4; do
      build/primacy bench step --arrangement=job --model=shared_bottom --batch=4096 --servers=$s --workers=$w --runs=3 --json
    done; done > grid.jsonl
    tests/bench/scaling.py grid.jsonl [--cores=2] [--gbit=25]

On one machine a step takes the longer of two times:

    path = what one worker does and waits for, one thing after the other:  compute / W + exposed
    load = processor time of all processes, over the cores:                (a + k · keys(W) + m · W · S) / cores

compute (forward, backward) and exposed (waiting, pushing) are those of the 1 + 1 record; a, k and m are fitted by least squares to the
arrangements with two workers or more; keys(W) is the sum of all workers' unique keys, as measured. The calculation for clusters gives each process cores of
its own: a step is the longest of worker, server and network, and what is exposed of a round trip is added.
"""
import argparse, json
import numpy as np

parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
parser.add_argument("grid")
parser.add_argument("--cores", type=int, default=2)
parser.add_argument("--gbit", type=float, default=25, help="network of each host in the calculation")
options = parser.parse_args()
records = [json.loads(line) for line in open(options.grid) if line.startswith("{")]
rows = records[0]["batch"]
for record in records:
    record["ms"] = 1000 * rows / record["rows_per_s"]

alone = next(r for r in records if r["servers"] == 1 and r["workers"] == 1)
compute = alone["ms_forward"] + alone["ms_backward"]
exposed = alone["ms"] - compute
several = [r for r in records if r["workers"] > 1]
terms = lambda r: [1.0, r["unique_keys"] / 1000, r["workers"] * r["servers"]]
# Non-negative: a cost that comes out below zero is left out and the others are fitted again.
used = [0, 1, 2]
while True:
    matrix = np.array([terms(r) for r in several])[:, used]
    found, *_ = np.linalg.lstsq(matrix, np.array([options.cores * r["ms"] for r in several]), rcond=None)
    if (found >= 0).all():
        break
    used.pop(int(np.argmin(found)))
cost = np.zeros(3)
cost[used] = found
print(f"compute {compute:.2f} ms, exposed {exposed:.2f} ms; load {cost[0]:.2f} ms + {cost[1]:.3f} us a key + {cost[2]:.2f} ms a worker and server")
print("| servers + workers | measured | model | error |\n|---|---|---|---|")
errors = []
for r in records:
    path = compute / r["workers"] + exposed
    ms = max(path, float(np.dot(cost, terms(r))) / options.cores)
    errors.append(r["ms"] / ms - 1)
    print(f"| {r['servers']} + {r['workers']} | {r['rows_per_s']:,.0f} | {1000 * rows / ms:,.0f} | {100 * (r['ms'] / ms - 1):+.0f} % |")
print(f"largest error {100 * max(map(abs, errors)):.0f} %, mean {100 * np.mean(np.abs(errors)):.0f} %\n")

# ---- the calculation
rng = np.random.default_rng(7)
probability = 1 / np.arange(1, 1_000_001) ** 1.05
cumulative = np.cumsum(probability) / probability.sum()
slot = np.concatenate([np.arange(20), np.full(10, 20)])


def unique(batch):
    """Unique ids of `batch` rows of the step bench."""
    rank = np.searchsorted(cumulative, rng.random(batch * 30)).reshape(batch, 30)
    return len(np.unique((rank * 387420489 + slot * 377126537) % 1_000_000))


DIM_BYTES, DENSE_MB = 64, 0.58  # of dim 16; dense tensors of the shared bottom
gather_us = 1000 * alone["ms_server_gather"] / alone["unique_keys"]
apply_us = 1000 * alone["ms_server_apply"] / alone["unique_keys"]
print(f"per key of a server: gather {1000 * gather_us:.0f} ns, add or apply {1000 * apply_us:.0f} ns; network {options.gbit:g} Gbit/s a host")
print("| batch | workers | servers | worker ms | server ms | network ms | rows/s (calculated) | first wall |\n|---|---|---|---|---|---|---|---|")
for batch, workers, servers in [(4096, 10, 3), (4096, 10, 10), (40960, 10, 3), (40960, 10, 10), (40960, 100, 30), (409600, 100, 30), (409600, 100, 100)]:
    part = max(1, batch // workers)
    keys = unique(part)
    worker = compute / rows * part
    server = workers * keys / servers * (gather_us + 2 * apply_us) / 1000
    gb = workers * (keys * (8 + 2 * DIM_BYTES) + 2e6 * DENSE_MB) / 1e9
    wire = 1000 * 8 * gb / options.gbit / min(workers, servers)
    walls = {"worker": worker, "server": server, "network": wire}
    ms = max(walls.values()) + min(exposed, max(server, 0.3))
    print(f"| {batch:,} | {workers} | {servers} | {worker:.1f} | {server:.1f} | {wire:.1f} | {1000 * batch / ms:,.0f} | {max(walls, key=walls.get)} |")
