"""Samples for libraries of torch: `from bench.samples.tensors import *`."""

# mypy: ignore-errors
from __future__ import annotations

import torch

torch.manual_seed(0)

# Pictures in [0, 1]: (1, 3, 192, 192).
picture = torch.nn.functional.avg_pool2d(torch.rand(1, 3, 194, 194), 3, 1)
picture = (picture - picture.min()) / (picture.max() - picture.min())
near = (picture + 0.02 * torch.randn_like(picture)).clamp(0, 1)
far = torch.rand_like(picture)

# Scores of 3 classes: (2, 3); what they should be.
right = torch.tensor([[4.0, 0.1, -3.0], [-3.0, 0.2, 4.0]])
wrong = right.flip(0)
classes = torch.tensor([0, 2])
one_hot = torch.nn.functional.one_hot(classes, 3).float()

# Scores of two classes, or one, for each pixel: (1, 2, 16, 16) and (1, 1, 16, 16), with labels and masks.
label = torch.zeros(1, 16, 16, dtype=torch.long)
label[:, 4:12, 4:12] = 1
mask = label[:, None].float()
scored = 8 * (mask - 0.5) + 0.1 * torch.randn_like(mask)
unscored = -scored
scored2, unscored2 = torch.cat([-scored, scored], 1), torch.cat([scored, -scored], 1)

# Numbers: (2, 4); the true ones, and others near them and far.
true = torch.tensor([[1.0, 2.0, 3.5, 0.5], [0.3, 1.1, 2.2, 4.0]])
close = true + 0.05
off = true.flip(1) + 1.3

# Boxes (x1, y1, x2, y2).
box = torch.tensor([[10.0, 10.0, 50.0, 60.0], [20.0, 30.0, 80.0, 90.0]])
beside = box + 1
away = box + torch.tensor([18.0, 14.0, 40.0, 30.0])

# Embeddings of two classes: together by class, and mixed.
kinds = torch.tensor([0, 0, 0, 0, 1, 1, 1, 1])
grouped = torch.eye(2)[kinds] @ torch.tensor([[1.0, 0.2, 0.0, 0.1], [0.0, 0.1, 1.0, 0.3]])
grouped = grouped + 0.02 * torch.randn(8, 4)
mixed = grouped[torch.tensor([0, 4, 1, 5, 2, 6, 3, 7])]

# Clouds of points: (12, 2).
cloud = torch.randn(12, 2)
shifted = cloud + 3

# Waves: (1, 4000).
wave = torch.sin(torch.arange(4000.0) / 5)[None] + 0.2 * torch.randn(1, 4000)
noisy = wave + 0.05 * torch.randn(1, 4000)
noise = torch.randn(1, 4000)


def lowered(value):
    """Where a number ends whose gradient is followed down what ``value(x)`` gives."""
    x = torch.zeros(1, requires_grad=True)
    optimizer = torch.optim.SGD([x], lr=0.1)
    for _ in range(60):
        optimizer.zero_grad()
        value(x).sum().backward()
        optimizer.step()
    return x.item()


def stepped(make, steps=300, start=2.0, **options):
    """Where a number ends that an optimiser, made by ``make(parameters)``, takes down or up ``goal``."""
    x = torch.full((1,), start, requires_grad=True)
    goal = options.pop("goal")
    optimizer = make([x])

    def closure():
        optimizer.zero_grad()
        value = goal(x).sum()
        value.backward()
        return value

    for _ in range(steps):
        closure()  # some step without asking for it
        optimizer.step(closure)
    return x.item()
