"""A PyTorch module that is a graph of named steps, each after those that it reads."""

from collections import Counter

import torch
from torch import Tensor, nn

from trackmac.networks.layers import INPUT


class Sum(nn.Module):
    """The sum of two maps."""

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        """Return first + second."""
        return first + second


class GlobalAverage(nn.Module):
    """The sum of each channel times `factor`, which stands for one over the number of elements."""

    def __init__(self, factor: float) -> None:
        super().__init__()
        self.factor = factor

    def forward(self, x: Tensor) -> Tensor:
        """Return [N, C, 1, 1]."""
        return x.sum(dim=(2, 3), keepdim=True) * self.factor


class GraphModule(nn.Module):
    """Steps by name; the last one gives the output."""

    def __init__(self) -> None:
        super().__init__()
        self.steps = nn.ModuleDict()
        self.sources: dict[str, tuple[str, ...]] = {}

    def append(self, name: str, step: nn.Module, *sources: str) -> str:
        """Append a step that reads the outputs of `sources`; return its name."""
        self.steps[name] = step
        self.sources[name] = sources
        return name

    def forward(self, x: Tensor) -> Tensor:
        """Run all steps, forgetting each output after its last reader."""
        readers = Counter(source for sources in self.sources.values() for source in sources)
        outputs = {INPUT: x}
        result = x
        for name, step in self.steps.items():
            result = outputs[name] = step(*(outputs[source] for source in self.sources[name]))
            for source in self.sources[name]:
                readers[source] -= 1
                if readers[source] == 0:
                    del outputs[source]
        assert isinstance(result, torch.Tensor)
        return result
