"""The outer loop: batches of networks, trained, stored, and each searched at every hardware point."""

from collections.abc import Mapping
from dataclasses import dataclass

from trackmac.errors import InputError
from trackmac.exploration.hardware_search import HardwareSearch, search_hardware
from trackmac.exploration.progress import TRAINING, Progress
from trackmac.exploration.sampling import NO_HARDWARE, Finished, propose, trial_seed
from trackmac.exploration.setup import StudySetup
from trackmac.exploration.spaces import Parameters
from trackmac.exploration.store import StudyStore, TrialRecord
from trackmac.exploration.study import StudyFile
from trackmac.exploration.trial import Trainer, TrialOutcome, TrialTask, run_trial
from trackmac.exploration.workers import Workers


@dataclass(frozen=True, slots=True, kw_only=True)
class NetworkSearch:
    """All trials of a study: what each has to offer, by number, and how many were run now or before."""

    searches: Mapping[int, HardwareSearch]
    trials_run: int
    trials_reused: int


def search_networks(
    setup: StudySetup, store: StudyStore, workers: Workers, trainer: Trainer, progress: Progress
) -> NetworkSearch:
    """Run all trials of a study that `store` does not have, batch by batch.

    Raises:
        InputError: a stored trial is not one that this study proposes.
        CheckFailedError: a network was exported with a difference.
    """
    study = setup.study
    reused = _stored(store, study)
    searches: dict[int, HardwareSearch] = {}
    progress(TRAINING, reused, study.trials)
    for batch, first in enumerate(range(0, study.trials, study.trials_per_batch)):
        finished = [_finished(store.trials[trial], searches[trial], study) for trial in range(first)]
        proposed = propose(
            setup.space, study.sampler, seed=study.seed, batch=batch, size=study.trials_per_batch, finished=finished
        )
        batch_trials = dict(zip(range(first, study.trials), proposed, strict=False))
        missing = []
        for trial, parameters in batch_trials.items():
            if trial in store.trials:
                _refuse_foreign(store, trial, parameters)
                searches[trial] = _searched(setup, store, trial)
            else:
                missing.append(_task(setup, store, trainer, trial, parameters))
        for outcome in workers.run(run_trial, missing):
            store.add_trial(_record(outcome))
            searches[outcome.task.trial] = _searched(setup, store, outcome.task.trial)
            progress(TRAINING, _stored(store, study), study.trials)
    return NetworkSearch(
        searches=dict(sorted(searches.items())), trials_run=study.trials - reused, trials_reused=reused
    )


def _stored(store: StudyStore, study: StudyFile) -> int:
    return sum(trial in store.trials for trial in range(study.trials))


def _searched(setup: StudySetup, store: StudyStore, trial: int) -> HardwareSearch:
    accuracy = store.trials[trial].accuracy
    return search_hardware(store.network(trial), trial, accuracy, setup.slabs, setup.study.objectives)


def _finished(record: TrialRecord, search: HardwareSearch, study: StudyFile) -> Finished:
    """Tell the sampler the accuracy and the best hardware in the first technology."""
    front = search.front.taken(search.front.technology == 0)
    log_cost = float(front.product(study.cost_objectives).min()) if len(front) else NO_HARDWARE
    return Finished(parameters=record.parameters, accuracy=record.accuracy, log_cost=log_cost)


def _task(setup: StudySetup, store: StudyStore, trainer: Trainer, trial: int, parameters: Parameters) -> TrialTask:
    return TrialTask(
        trial=trial,
        parameters=parameters,
        architecture=setup.space.architecture(parameters),
        dataset=setup.study.dataset,
        seed=trial_seed(setup.study.seed, trial),
        epochs=setup.study.epochs,
        network_path=store.network_path(trial),
        trainer=trainer,
    )


def _record(outcome: TrialOutcome) -> TrialRecord:
    task = outcome.task
    return TrialRecord(
        trial=task.trial,
        parameters=dict(task.parameters),
        network=task.architecture.name,
        seed=task.seed,
        accuracy=outcome.accuracy,
    )


def _refuse_foreign(store: StudyStore, trial: int, parameters: Parameters) -> None:
    if store.trials[trial].parameters != parameters:
        raise InputError(
            f"{store.folder}: trial {trial} is not the one that this study proposes (another version of Optuna, or an "
            "edited file); drop --resume to start anew"
        )
