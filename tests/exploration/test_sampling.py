import pytest

from trackmac.exploration.sampling import SAMPLERS, Finished, propose, trial_seed
from trackmac.exploration.spaces import NetworkSpace, Parameters
from trackmac.exploration.study import StudyFile

SIZE = 4


@pytest.fixture
def space(study: StudyFile) -> NetworkSpace:
    return NetworkSpace(file=study.network_space, input_shape=(1, 8, 8), classes=10)


def outcome(space: NetworkSpace, parameters: Parameters) -> Finished:
    """Accuracy for wide words, cost for channels: a trade-off that a sampler can learn."""
    architecture = space.architecture(parameters)
    return Finished(
        parameters=parameters,
        accuracy=(architecture.weight_bits + architecture.activation_bits) / 6,
        log_cost=float(sum(architecture.channels)),
    )


def run(space: NetworkSpace, sampler: str, seed: int, batches: int) -> list[Finished]:
    finished: list[Finished] = []
    for batch in range(batches):
        proposed = propose(space, sampler, seed=seed, batch=batch, size=SIZE, finished=finished)
        finished += [outcome(space, parameters) for parameters in proposed]
    return finished


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_the_same_arguments_give_the_same_proposals(space: NetworkSpace, sampler: str) -> None:
    assert run(space, sampler, 1, 4) == run(space, sampler, 1, 4)
    assert run(space, sampler, 1, 4) != run(space, sampler, 2, 4)


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_no_network_is_proposed_twice_until_all_are_done(space: NetworkSpace, sampler: str) -> None:
    count = space.file.architectures()

    finished = run(space, sampler, 3, count // SIZE)

    assert len({space.architecture(trial.parameters) for trial in finished}) == count
    assert propose(space, sampler, seed=3, batch=count // SIZE, size=SIZE, finished=finished) == ()


@pytest.mark.parametrize("sampler", sorted(SAMPLERS))
def test_proposals_depend_on_what_was_found(space: NetworkSpace, sampler: str) -> None:
    finished = run(space, sampler, 1, 3)
    turned = [
        Finished(parameters=trial.parameters, accuracy=1 - trial.accuracy, log_cost=-trial.log_cost)
        for trial in finished
    ]

    ours = propose(space, sampler, seed=1, batch=3, size=SIZE, finished=finished)
    others = propose(space, sampler, seed=1, batch=3, size=SIZE, finished=turned)

    assert ours != others


def test_seeds_differ_between_trials_and_studies() -> None:
    seeds = {trial_seed(study, trial) for study in range(20) for trial in range(50)}

    assert len(seeds) == 1000
    assert all(0 <= seed < 1 << 32 for seed in seeds)
