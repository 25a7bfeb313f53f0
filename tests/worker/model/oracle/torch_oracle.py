#!/usr/bin/python3
"""The four kinds of model in PyTorch: expected scores, losses and gradients for model_torch_test.cc.

    torch_oracle.py > torch_values.txt        writes the stored values
    torch_oracle.py --check torch_values.txt  computes them again and compares; without PyTorch
                                              exit 77, or 1 where PRIMACY_TEST_DATA is set

Parameters and the batch follow from formulas that the test repeats. A line is `case what numbers...`; of each gradient two
numbers are kept: its sum and its sum weighted by 1, 2, 3, ... modulo 7.
"""
import math
import os
import sys

try:
    import torch
    import torch.nn.functional as F
except ImportError:
    print("no PyTorch")
    sys.exit(1 if os.environ.get("PRIMACY_TEST_DATA") else 77)

torch.set_default_dtype(torch.float64)

TASKS = ["like", "stars", "price"]
OUTPUTS = {"like": 1, "stars": 3, "price": 1}
FACTOR = [0.5, 0.25, 0.125]
ROWS = 6
USER = [0, 1, 2, 1, 0, 3]
TAGS = [[4, 4, 5], [], [0], [6, 5, 4, 6], [5], []]
ITEM = [0, 0, 1, 2, 1, 0]
DENSE = [[0.5, -1.0], [1.5, 0.25], [-0.75, 2.0], [0.0, 0.0], [1.0, 1.0], [-2.0, 0.5]]
LABEL = [[1, 2, 0.5], [0, 0, -1.0], [0, 1, 2.0], [1, 1, 0.0], [0, 2, 1.5], [1, 0, -0.5]]
WEIGHT = [[1, 1, 0.5], [1, 0, 1], [0, 1, 1], [2, 1, 0], [1, 0.5, 1], [1, 1, 1]]


def values(name, rows, cols, scale):
    """Element i of a parameter: scale * sin(i + sum of the name's bytes), rounded to float."""
    start = sum(name.encode())
    flat = [scale * math.sin(i + start) for i in range(rows * cols)]
    return torch.tensor(flat, dtype=torch.float32).double().reshape(rows, cols).requires_grad_()


class Parameters:
    def __init__(self):
        self.all = {}

    def get(self, name, rows, cols, scale):
        if name not in self.all:
            self.all[name] = values(name, rows, cols, scale)
        return self.all[name]

    def linear(self, name, x, out):
        scale = 1.5 / math.sqrt(x.shape[1])
        return F.linear(x, self.get(name + "/weight", out, x.shape[1], scale), self.get(name + "/bias", 1, out, scale)[0])

    def hidden(self, name, x, layers):
        for l, units in enumerate(layers):
            x = torch.relu(self.linear(f"{name}/{l}", x, units))
        return x

    def mix(self, gate, x, experts):
        weights = torch.softmax(self.linear(gate, x, len(experts)), 1)
        return sum(weights[:, e : e + 1] * experts[e] for e in range(len(experts)))


def pooled(p):
    small = p.get("table 0", 7, 4, 1.0)
    large = p.get("table 1", 3, 8, 1.0)
    flat = torch.tensor(sum(TAGS, []))
    starts = torch.tensor([sum(len(t) for t in TAGS[:i]) for i in range(ROWS)])
    tags = F.embedding_bag(flat, small, starts, mode="mean")
    return torch.cat([small[USER], tags, large[ITEM], torch.tensor(DENSE)], 1)


def tower_inputs(kind, p, x):
    if kind == "SHARED_BOTTOM":
        return [x] * 3
    if kind == "PLE":
        own, shared = [x] * 3, x
        for level in range(2):
            name = f"level/{level}/"
            from_shared = [p.hidden(f"{name}shared_expert/{e}", shared, [12, 5]) for e in range(2)]
            from_own = [[p.hidden(f"{name}expert/{t}/{e}", own[i], [12, 5]) for e in range(2)] for i, t in enumerate(TASKS)]
            if level == 0:
                shared = p.mix(name + "shared_gate", shared, sum(from_own, []) + from_shared)
            own = [p.mix(f"{name}gate/{t}", own[i], from_own[i] + from_shared) for i, t in enumerate(TASKS)]
        return own
    experts = [p.hidden(f"expert/{e}", x, [12, 5]) for e in range(2)]
    return [p.mix("shared_gate" if kind == "OMOE" else f"gate/{t}", x, experts) for t in TASKS]


def run(kind):
    p = Parameters()
    inputs = tower_inputs(kind, p, p.hidden("bottom", pooled(p), [20, 16]))
    scores = [p.linear(f"tower/{t}/1", p.hidden(f"tower/{t}", inputs[i], [7]), OUTPUTS[t]) for i, t in enumerate(TASKS)]
    label, weight = torch.tensor(LABEL), torch.tensor(WEIGHT, dtype=torch.float64)
    losses = [
        (weight[:, 0] * F.binary_cross_entropy_with_logits(scores[0][:, 0], label[:, 0], reduction="none")).sum(),
        (weight[:, 1] * F.cross_entropy(scores[1], label[:, 1].long(), reduction="none")).sum(),
        (weight[:, 2] * F.mse_loss(scores[2][:, 0], label[:, 2], reduction="none")).sum(),
    ]
    sum(f * l for f, l in zip(FACTOR, losses)).backward()
    yield f"{kind} scores", torch.cat(scores, 1).detach().flatten().tolist()
    yield f"{kind} losses", [l.item() for l in losses]
    for name, value in p.all.items():
        gradient = value.grad.flatten()
        weights = torch.arange(1, len(gradient) + 1) % 7
        yield f"{kind} {name.replace(' ', '_')}", [gradient.sum().item(), (weights * gradient).sum().item()]


def main():
    lines = [line for kind in ["SHARED_BOTTOM", "OMOE", "MMOE", "PLE"] for line in run(kind)]
    if len(sys.argv) < 3 or sys.argv[1] != "--check":
        for what, numbers in lines:
            print(what, *("%.10g" % n for n in numbers))
        return 0
    stored = [line.split() for line in open(sys.argv[2])]
    assert len(stored) == len(lines), "stored values are of another script"
    for words, (what, numbers) in zip(stored, lines):
        assert words[:2] == what.split(), what
        for a, b in zip(words[2:], numbers, strict=True):
            assert abs(float(a) - b) <= 1e-8 * (1 + abs(b)), (what, a, b)
    print(f"{len(lines)} lines agree")
    return 0


sys.exit(main())
