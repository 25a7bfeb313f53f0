"""The constrained optimum of a model small enough for it to be found without the trainer.

The model: every id has one number, shared by all tasks, and every task weighs the numbers of a row and its dense features by its own:

    logit_t(row) = bias_t + Σ_slot W[t, slot] · mean of the numbers of the row's ids in the slot + Σ_f V[t, f] · dense_f(row)

It is what `model { embedding_dim: 1 bottom: 8 linear_bottom: true linear_tower: true }` computes for up to 8 slots and dense features. The losses are expected ones: cross-entropies
against planted probabilities, without the luck of drawn labels. minimise() is L-BFGS, constrained() the method of multipliers around it. Needs NumPy only.
"""
import numpy as np


def softplus(x):
    return np.maximum(x, 0) + np.log1p(np.exp(-np.abs(x)))


class Population:
    """Rows alike in what the model reads are one, with their number as weight and their mean probabilities: expected losses stay the same."""

    def __init__(self, folder):
        value = np.load(folder + "/value.npy").astype(np.int64)
        dense = np.load(folder + "/dense.npy").astype(np.float64)
        probability = np.load(folder + "/probability.npy").astype(np.float64)
        user, item = value[:, 1], value[:, 2]
        pair = user * (item.max() + 1) + item
        _, first, self.group = np.unique(pair, return_index=True, return_inverse=True)
        count = np.bincount(self.group).astype(np.float64)
        self.weight = count / count.sum()
        self.probability = np.stack([np.bincount(self.group, p) / count for p in probability.T], 1)  # [pair, task]
        self.price = dense[first, :1]  # [pair, 1]: what the model reads of the dense features
        # Numbers of ids, slot after slot: user, item, category, segment, tags.
        columns = [value[first, c] for c in (1, 2, 3, 4)]
        sizes = [c.max() + 1 for c in columns]
        tags, tag_count = value[first, 8:], value[first, 7]
        begin = np.concatenate([[0], np.cumsum(sizes)])
        self.ids = np.stack([c + b for c, b in zip(columns, begin)], 1)  # [pair, 4]
        self.tags = tags + begin[4]  # [pair, 3]
        self.tag_share = (np.arange(3) < tag_count[:, None]) / tag_count[:, None]  # [pair, 3]
        self.numbers = int(begin[4] + tags.max() + 1)
        self.slots = 5

    def entropy(self):
        """[task] the loss of the planted probabilities themselves, as the model sees them: none can be lower."""
        return self.loss_of(np.log(self.probability) - np.log1p(-self.probability))

    def constant(self):
        """[task] the loss of the best constant: nothing of a task learnt."""
        rate = self.weight @ self.probability
        return -(rate * np.log(rate) + (1 - rate) * np.log1p(-rate))

    def loss_of(self, logits):
        return self.weight @ (softplus(logits) - self.probability * logits)


class Model:
    """Parameters of `tasks` of the population's tasks, as one flat vector, and their losses with gradients."""

    def __init__(self, population, tasks):
        self.population, self.tasks = population, tasks
        self.shapes = [(population.numbers,), (len(tasks), population.slots), (len(tasks), 1), (len(tasks),)]
        self.ends = np.cumsum([int(np.prod(s)) for s in self.shapes])

    def split(self, x):
        return [part.reshape(shape) for part, shape in zip(np.split(x, self.ends[:-1]), self.shapes)]

    def random(self, generator):
        x = generator.normal(0, 0.5, self.ends[-1])
        self.split(x)[3][:] = -1
        return x

    def forward(self, x):
        numbers, w, v, bias = self.split(x)
        p = self.population
        inputs = np.column_stack([numbers[p.ids], (numbers[p.tags] * p.tag_share).sum(1)])  # [pair, slot]
        return inputs, inputs @ w.T + p.price @ v.T + bias

    def losses(self, x):
        logits = self.forward(x)[1]
        p = self.population
        return p.weight @ (softplus(logits) - p.probability[:, self.tasks] * logits)

    def weighed(self, x, weigh):
        """weigh(losses) gives a value and its derivatives by the losses: the value and its gradient by x."""
        p = self.population
        numbers, w, _, _ = self.split(x)
        inputs, logits = self.forward(x)
        target = p.probability[:, self.tasks]
        losses = p.weight @ (softplus(logits) - target * logits)
        value, factors = weigh(losses)
        residual = (1 / (1 + np.exp(-logits)) - target) * p.weight[:, None] * factors
        to_inputs = residual @ w
        gradient = np.zeros_like(numbers)
        for s in range(4):
            gradient += np.bincount(p.ids[:, s], to_inputs[:, s], p.numbers)
        for k in range(3):
            gradient += np.bincount(p.tags[:, k], to_inputs[:, 4] * p.tag_share[:, k], p.numbers)
        return value, np.concatenate([gradient, (residual.T @ inputs).ravel(), (residual.T @ p.price).ravel(), residual.sum(0)])


def minimise(function, x, steps=1000, tolerance=1e-9, memory=30):
    """L-BFGS (Nocedal and Wright, Numerical Optimization, algorithm 7.5) until ten steps together gain less than `tolerance`."""
    value, gradient = function(x)
    history, past = [], [value]
    for _ in range(steps):
        direction, kept = -gradient.copy(), []
        for s, y, r in reversed(history):
            a = r * (s @ direction)
            kept.append(a)
            direction -= a * y
        if history:
            s, y, _ = history[-1]
            direction *= (s @ y) / (y @ y)
        for (s, y, r), a in zip(history, reversed(kept)):
            direction += (a - r * (y @ direction)) * s
        slope = gradient @ direction
        if slope >= 0:
            direction, slope, history = -gradient, -(gradient @ gradient), []
        length, low, high = (1.0 if history else min(1.0, 1 / np.abs(gradient).sum())), 0.0, np.inf
        for _ in range(30):  # weak Wolfe conditions by bisection
            new_value, new_gradient = function(x + length * direction)
            if not new_value <= value + 1e-4 * length * slope:
                high = length
            elif new_gradient @ direction < 0.9 * slope:
                low = length
            else:
                break
            length = 2 * low if high == np.inf else (low + high) / 2
        if not new_value < value:
            break
        s, y = length * direction, new_gradient - gradient
        if s @ y > 1e-14:
            history = (history + [(s, y, 1 / (s @ y))])[-memory:]
        x, value, gradient = x + s, new_value, new_gradient
        past.append(value)
        if len(past) > 10 and past[-11] - value < tolerance:
            break
    return x


def constrained(model, bounds, x, rounds=20):
    """min loss of the model's last task with the others' at most `bounds`, from x on. Gives x, its losses and the multipliers of relative violations."""
    bounds = np.asarray(bounds)
    last = len(model.tasks) - 1
    y, weight, worst = np.zeros(last), 100.0, np.inf
    for turn in range(rounds):
        def weigh(losses):
            excess = np.maximum(0, losses[:last] / bounds - 1 + y / weight)
            return losses[last] + weight / 2 * (excess ** 2).sum(), np.append(weight * excess / bounds, 1.0)
        x = minimise(lambda at: model.weighed(at, weigh), x, tolerance=max(1e-9, 1e-6 / 10 ** turn))
        violation = model.losses(x)[:last] / bounds - 1
        new_y = np.maximum(0, y + weight * violation)
        # How far both conditions are from being met: feasible, and no multiplier without a tight constraint.
        miss = np.abs(np.maximum(violation, -y / weight)).max(initial=0)
        y = new_y
        if miss < 1e-5 and turn >= 3:
            break
        if miss > worst / 3:
            weight *= 3
        worst = miss
    return x, model.losses(x), y


def extended(model, x, task_weights, generator):
    """Parameters for one more task than x has, its own weights drawn."""
    numbers, w, v, bias = model.split(x)
    return np.concatenate([numbers, np.vstack([w, task_weights(generator, w.shape[1])]).ravel(), np.append(v, 0), np.append(bias, -1.0)])


def best_of(model, bounds, starts):
    """The best feasible end of constrained() from several starts, and all ends' losses of the last task."""
    ends = [constrained(model, bounds, x) for x in starts]
    feasible = [e for e in ends if (e[1][:-1] <= np.asarray(bounds) * (1 + 1e-4)).all()]
    return min(feasible or ends, key=lambda e: e[1][-1]), sorted(e[1][-1] for e in feasible)


def check(folder):
    """Gradients against differences; and where constrained() ends, no direction of the parameters makes the weighed losses fall."""
    population, generator = Population(folder), np.random.default_rng(1)
    tasks = population.probability.shape[1]
    model = Model(population, list(range(tasks)))
    x, factors, step = model.random(generator), generator.uniform(0.5, 2, tasks), 1e-5
    _, gradient = model.weighed(x, lambda losses: (losses @ factors, factors))
    for i in generator.choice(len(x), 50, replace=False):
        at = np.zeros_like(x)
        at[i] = step
        difference = (model.losses(x + at) - model.losses(x - at)) @ factors / (2 * step)
        assert abs(difference - gradient[i]) < 1e-8, (i, difference, gradient[i])
    alone = Model(population, [0])
    bound = 1.01 * alone.losses(minimise(lambda at: alone.weighed(at, lambda losses: (losses[0], np.ones(1))), alone.random(generator)))
    model = Model(population, [0, 1])
    x, losses, y = constrained(model, bound, model.random(generator))
    _, gradient = model.weighed(x, lambda losses: (losses[1] + y @ (losses[:1] / bound), np.append(y / bound, 1.0)))
    print(f"gradients agree with differences; first task at {losses[0] / bound[0]:.6f} of its bound, multiplier {y[0] / bound[0]:.3f}, "
          f"largest derivative there {np.abs(gradient).max():.1e}")


if __name__ == "__main__":
    import sys
    check(sys.argv[1])  # truth/SLICE of a generated log with two tasks or more
