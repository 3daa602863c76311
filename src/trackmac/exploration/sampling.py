"""What to train next: proposals that depend on the study and on finished trials alone, never on who finished first."""

import hashlib
import random
import warnings
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from trackmac.exploration.spaces import NetworkSpace, Parameters
from trackmac.training.architecture import CnnArchitecture

if TYPE_CHECKING:
    from optuna.samplers import BaseSampler

NO_HARDWARE = 300.0  # log10 cost of a network that no hardware point can run: worse than any that one can


@dataclass(frozen=True, slots=True, kw_only=True)
class Finished:
    """What the sampler learns of a finished trial: to be high, to be low."""

    parameters: Parameters
    accuracy: float
    log_cost: float
    """log10 of the product of the cost objectives on the network's best hardware point; `NO_HARDWARE` if none."""


def trial_seed(study_seed: int, trial: int) -> int:
    """Return the seed of a trial, 32 bits."""
    return _seed(f"trial {study_seed} {trial}")


def propose(
    space: NetworkSpace, sampler: str, *, seed: int, batch: int, size: int, finished: Sequence[Finished]
) -> tuple[Parameters, ...]:
    """Return the networks of batch number `batch`: a pure function of the arguments.

    Args:
        space: what can be proposed.
        sampler: "tpe" or "nsga2".
        seed: of the study.
        batch: counted from 0.
        size: networks in a batch; in the last one there may be fewer left, then the last are architectures anew.
        finished: all trials of the batches before, in the order of their numbers.
    """
    rng = random.Random(f"unseen {seed} {batch}")
    proposed = _asked(space, SAMPLERS[sampler], _seed(f"batch {seed} {batch}"), size, finished)
    seen = {space.architecture(trial.parameters) for trial in finished}
    result: list[Parameters] = []
    for parameters in proposed[: space.file.architectures() - len(seen)]:
        chosen = parameters if space.architecture(parameters) not in seen else _unseen(space, rng, seen)
        seen.add(space.architecture(chosen))
        result.append(chosen)
    return tuple(result)


def _unseen(space: NetworkSpace, rng: random.Random, seen: set[CnnArchitecture]) -> Parameters:
    """Return the first architecture not `seen`, counted from a random one on."""
    index = rng.randrange(space.file.architectures())
    while space.architecture(space.numbered(index)) in seen:
        index = (index + 1) % space.file.architectures()
    return space.numbered(index)


def _asked(
    space: NetworkSpace,
    make_sampler: "Callable[[int, int], BaseSampler]",
    seed: int,
    size: int,
    finished: Sequence[Finished],
) -> list[Parameters]:
    """Ask an Optuna study that knows nothing but `finished`; its sampler is seeded anew for each batch."""
    import optuna

    optuna.logging.set_verbosity(optuna.logging.WARNING)
    distributions: dict[str, optuna.distributions.BaseDistribution] = {
        name: optuna.distributions.IntDistribution(0, choices - 1) for name, choices in space.dimensions().items()
    }
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", optuna.exceptions.ExperimentalWarning)
        study = optuna.create_study(
            directions=["maximize", "minimize"],
            sampler=make_sampler(seed, size),
        )
        for number, trial in enumerate(finished):
            study.add_trial(
                optuna.trial.create_trial(
                    params=dict(trial.parameters),
                    distributions=distributions,
                    values=[trial.accuracy, trial.log_cost],
                    # NSGA-II finds its parents by this mark; a batch is a generation
                    system_attrs={"NSGAIISampler:generation": number // size},
                )
            )
        return [dict(study.ask(distributions).params) for _ in range(size)]


def _seed(purpose: str) -> int:
    """Return 32 bits that belong to a purpose."""
    return int.from_bytes(hashlib.sha256(purpose.encode()).digest()[:4], "big")


def _tpe(seed: int, size: int) -> "BaseSampler":
    from optuna.samplers import TPESampler

    return TPESampler(seed=seed, n_startup_trials=size)


def _nsga2(seed: int, size: int) -> "BaseSampler":
    from optuna.samplers import NSGAIISampler

    return NSGAIISampler(seed=seed, population_size=max(size, 2))


SAMPLERS: "dict[str, Callable[[int, int], BaseSampler]]" = {"tpe": _tpe, "nsga2": _nsga2}
