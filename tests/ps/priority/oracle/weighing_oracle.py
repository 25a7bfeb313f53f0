#!/usr/bin/python3
"""The ways of weighing tasks, once more in numpy on explicit gradient vectors: expected weights for weighing_oracle_test.cc.

    weighing_oracle.py > weighing_values.txt        writes the stored values
    weighing_oracle.py --check weighing_values.txt  computes them again and compares; without numpy
                                                    exit 77, or 1 where PRIMACY_TEST_DATA is set

Each problem is solved by another algorithm than the trainer's: smallest norms by trying every set of tasks with a weight
above its floor, CAGrad by grids that are refined, IMTL-G by the paper's closed form, Nash-MTL coordinate by coordinate,
PCGrad by projecting vectors, GradNorm's slopes by central differences. A line is `case what numbers...`.
"""
import itertools
import math
import os
import sys

try:
    import numpy as np
except ImportError:
    print("no numpy")
    sys.exit(1 if os.environ.get("PRIMACY_TEST_DATA") else 77)

MASK = (1 << 64) - 1
SEED = 7
FLOORS = [0.1, 0.2, 0.05, 0.15, 0.1]


# ---- hash.h

def mix64(x):
    x = (x + 0x9E3779B97F4A7C15) & MASK
    x = ((x ^ (x >> 30)) * 0xBF58476D1CE4E5B9) & MASK
    x = ((x ^ (x >> 27)) * 0x94D049BB133111EB) & MASK
    return x ^ (x >> 31)


def hash_combine(a, b):
    return mix64(a ^ mix64(b))


def random_below(seed, counter, bound):
    bits = mix64(mix64(seed) ^ ((counter * 0xD1342543DE82EF95) & MASK))
    return (bits * bound) >> 64


# ---- weights from gradients [n, d]

def smallest_norm(g, floors):
    n = len(g)
    best = None
    for size in range(1, n + 1):
        for free in itertools.combinations(range(n), size):
            # min |base + Σ_free v_i g_i|² with Σ v = rest, by its Lagrangian.
            rest = 1 - sum(floors)
            base = floors @ g
            f = g[list(free)]
            system = np.zeros((size + 1, size + 1))
            system[:size, :size] = f @ f.T
            system[:size, size] = system[size, :size] = 1
            right = np.append(-f @ base, rest)
            v = np.linalg.lstsq(system, right, rcond=None)[0][:size]
            if v.min() < -1e-12:
                continue
            w = np.array(floors)
            w[list(free)] += v
            value = np.sum((w @ g) ** 2)
            if best is None or value < best[0] - 1e-13:
                best = (value, w)
    return best[1]


def cagrad(g, c):
    n = len(g)
    g0 = g.mean(axis=0)
    norm0 = np.linalg.norm(g0)

    def dual(w):
        gw = w @ g
        return gw @ g0 + c * norm0 * np.linalg.norm(gw)

    centre, width = np.full(n, 1 / n), 1.0
    ticks = np.linspace(-1, 1, 9)
    for _ in range(60):
        grid = [centre]
        for move in itertools.product(ticks, repeat=n - 1):
            w = centre.copy()
            w[:-1] += width * np.array(move)
            w[-1] = 1 - w[:-1].sum()
            if w.min() >= 0:
                grid.append(w)
            else:  # onto the boundary, so that it can be found exactly
                w = np.maximum(w, 0)
                grid.append(w / w.sum())
        centre = min(grid, key=dual)
        width *= 0.62
    gw = centre @ g
    d = (g0 + c * norm0 * gw / np.linalg.norm(gw)) / (1 + c * c)
    return np.linalg.lstsq(g.T, d, rcond=None)[0]


def pcgrad(g, step, tasks):
    n = len(g)
    total = np.zeros(g.shape[1])
    for i in range(n):
        seed = hash_combine(hash_combine(SEED, step), tasks[i])
        others = [j for j in range(n) if j != i]
        for left in range(len(others), 1, -1):
            at = random_below(seed, left, left)
            others[left - 1], others[at] = others[at], others[left - 1]
        p = g[i].copy()
        for j in others:
            if p @ g[j] < 0:
                p = p - (p @ g[j]) / (g[j] @ g[j]) * g[j]
        total += p
    return np.linalg.lstsq(g.T, total, rcond=None)[0]


def imtl_g(g):
    u = g / np.linalg.norm(g, axis=1, keepdims=True)
    d = g[0] - g[1:]
    v = u[0] - u[1:]
    alpha = g[0] @ v.T @ np.linalg.inv(d @ v.T)
    return np.append(1 - alpha.sum(), alpha)


def nash(g):
    gram = g @ g.T
    gram = gram / np.linalg.norm(gram)
    a = 1 / np.sqrt(np.diag(gram))
    for _ in range(3000):
        for i in range(len(a)):
            b = gram[i] @ a - gram[i, i] * a[i]
            a[i] = (-b + math.sqrt(b * b + 4 * gram[i, i])) / (2 * gram[i, i])
    return a


def gradnorm_trajectory(g, loss_steps, alpha, rate):
    v = np.zeros(len(g))
    norms = np.linalg.norm(g, axis=1)
    out = []

    def weights(v):
        e = np.exp(v)
        return len(v) * e / e.sum()

    for loss in loss_steps:
        w = weights(v)
        out.extend(w)
        ratio = loss / loss_steps[0]
        target = (w * norms).mean() * (ratio / ratio.mean()) ** alpha
        mean = (w * norms).mean()

        def objective(v):
            return np.abs(weights(v) * norms - target).sum() / mean

        slope = np.zeros(len(v))
        for i in range(len(v)):
            h = np.zeros(len(v))
            h[i] = 1e-6
            slope[i] = (objective(v + h) - objective(v - h)) / 2e-6
        v = v - rate * slope
    return out


def metabalance_trajectory(g, scales, r, beta):
    m = np.zeros(len(g))
    out = []
    for scale in scales:
        norms = np.linalg.norm(g * scale[:, None], axis=1)
        m = beta * m + (1 - beta) * norms
        w = r * m[0] / m + (1 - r)
        w[0] = 1
        out.extend(w)
    return out


def emtl(g, loss, rho):
    norms = np.linalg.norm(g, axis=1)
    c = loss / norms
    pull = (c / c.mean() - 1) / norms
    return np.maximum(0, 1 + rho * norms.mean() * pull)


# ---- weights from losses

def uncertainty_trajectory(loss_steps, rate):
    s = np.zeros(loss_steps.shape[1])
    out = []
    for loss in loss_steps:
        half = np.array([1.0, 0.5, 1.0, 1.0, 1.0])[:len(s)]  # task 1 has a squared loss
        out.extend(half * np.exp(-s))
        s = s - rate * (-half * np.exp(-s) * loss + 0.5)
    return out


def dwa_trajectory(loss_steps, per_pass):
    means = loss_steps.reshape(-1, per_pass, loss_steps.shape[1]).mean(axis=1)
    out = []
    for step in range(len(loss_steps)):
        e = step // per_pass
        r = means[e - 1] / means[e - 2] if e >= 2 else np.ones(loss_steps.shape[1])
        x = np.exp(r / 2)
        out.extend(len(x) * x / x.sum())
    return out


def famo_trajectory(loss_steps, rate, decay):
    n = loss_steps.shape[1]
    v, before = np.zeros(n), None
    out = []
    for loss in loss_steps:
        z = np.exp(v) / np.exp(v).sum()
        w = z if before is None else z / before
        out.extend(w / w.sum())
        if before is not None:
            delta = np.log(before) - np.log(loss)
            jacobian = np.diag(z) - np.outer(z, z)
            v = v - rate * (jacobian @ delta + decay * v)
        before = loss
    return out


# ---- cases

def gradients(n, d, shift, lean):
    """Row i: a common direction times `lean` plus sines of its own; sizes differ."""
    common = np.sin(np.arange(d) + 0.3)
    rows = [(1 + 0.7 * i) * (lean * common + np.sin(1.7 * np.arange(d) * (i + 1) + shift + i))
            for i in range(n)]
    return np.array(rows)


def loss_table(n, steps):
    return np.array([[0.3 + 0.2 * i + 0.15 * math.sin(1.3 * t + i) + 0.5 / (1 + t * (1 + i)) for i in range(n)]
                     for t in range(steps)])


def lines():
    cases = [("pair", 2, 6, 0.0, 0.5), ("against", 2, 6, 1.0, -0.2), ("three", 3, 8, 0.4, 0.1),
             ("apart", 3, 8, 2.2, -0.3), ("four", 4, 9, 0.9, 0.4), ("five", 5, 12, 1.5, 0.0)]
    for name, n, d, shift, lean in cases:
        g = gradients(n, d, shift, lean)
        if name == "against":
            g[1] = -0.8 * g[0] + 0.3 * g[1]
        if name == "apart":
            g[2] = -0.5 * g[0] - 0.4 * g[1] + 0.2 * g[2]
        loss = loss_table(n, 6)
        scales = np.array([[1 + 0.5 * math.sin(t + i) for i in range(n)] for t in range(4)])
        yield name, "gram", (g @ g.T).ravel()
        yield name, "losses", loss.ravel()
        yield name, "scales", scales.ravel()
        yield name, "mgda", smallest_norm(g, np.zeros(n))
        yield name, "pe_ltr", smallest_norm(g, np.array(FLOORS[:n]))
        yield name, "cagrad", cagrad(g, 0.5)
        yield name, "pcgrad", np.concatenate([pcgrad(g, step, range(n)) for step in (0, 1, 2)])
        yield name, "imtl_g", imtl_g(g)
        yield name, "nash", nash(g)
        yield name, "emtl", emtl(g, loss[0], 1.0)
        yield name, "gradnorm", gradnorm_trajectory(g, loss, 1.5, 0.025)
        yield name, "metabalance", metabalance_trajectory(g, scales, 0.7, 0.9)
        yield name, "uncertainty", uncertainty_trajectory(loss, 0.1)
        yield name, "dwa", dwa_trajectory(loss, 2)
        yield name, "famo", famo_trajectory(loss, 0.5, 0.01)


def main():
    computed = [(name, what, [float(x) for x in numbers]) for name, what, numbers in lines()]
    if len(sys.argv) == 3 and sys.argv[1] == "--check":
        with open(sys.argv[2]) as stored:
            for (name, what, numbers), line in zip(computed, stored, strict=True):
                words = line.split()
                if words[:2] != [name, what]:
                    sys.exit(f"{name} {what}: the stored values have {words[:2]} here")
                if not np.allclose(numbers, [float(w) for w in words[2:]], rtol=1e-6, atol=1e-8):
                    sys.exit(f"{name} {what}: computed {numbers}, stored {words[2:]}")
        return
    for name, what, numbers in computed:
        print(name, what, *("%.15g" % x for x in numbers))


main()
