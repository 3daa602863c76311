"""From the chosen designs to the result: verify each, test its network once, compare the best with a baseline."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from trackmac.arrays import Hardware
from trackmac.cells.provenance import stale_lines
from trackmac.exploration.baseline import MAGNETIC, BaselineDesign, best_magnetic_design, compared
from trackmac.exploration.network_search import NetworkSearch
from trackmac.exploration.progress import Progress
from trackmac.exploration.selection import Selection
from trackmac.exploration.setup import StudySetup
from trackmac.exploration.spaces import hardware_at
from trackmac.exploration.store import StudyStore, VerificationRecord
from trackmac.exploration.study import StudyFile
from trackmac.exploration.verification import VerificationTask, verify_all
from trackmac.exploration.workers import Workers
from trackmac.floorplans import Floorplan
from trackmac.mapping import schedule
from trackmac.mapping.network_floorplan import network_floorplan
from trackmac.models.evaluation import evaluate_network
from trackmac.results import Baseline, Design, Evaluation, ExplorationResult
from trackmac.technology import Technology


@dataclass(frozen=True, slots=True, kw_only=True)
class Outcome:
    """A study whose trials are all done, and what was chosen of them."""

    setup: StudySetup
    store: StudyStore
    found: NetworkSearch
    chosen: Selection

    def exact_designs(self) -> Iterable[Design]:
        """Yield the front before it is thinned."""
        return (self._design(place) for place in range(len(self.chosen.exact)))

    def verified(self, workers: Workers, progress: Progress) -> ExplorationResult:
        """Verify every shown design and the baseline bit for bit, take their test accuracy, and return the result."""
        study = self.setup.study
        compared_place = self.chosen.knee if self.chosen.best is None else self.chosen.best
        baseline = self._baseline(compared_place)
        records = verify_all(self._tasks(baseline), self.store, workers, progress)
        tests = self._test_accuracies()
        front: dict[int, Design] = {}
        for place in self.chosen.shown:
            design = self._design(place)
            front[int(place)] = _checked(design, records[design.id], tests[design.trial])
        return ExplorationResult(
            study=study.name,
            dataset=study.dataset,
            seed=study.seed,
            front=tuple(front.values()),
            knee=front[self.chosen.knee],
            best=None if self.chosen.best is None else front[self.chosen.best],
            budget=study.constraints.given(),
            baselines=_baselines(front[compared_place], baseline, records, study),
            trials_run=self.found.trials_run,
            trials_reused=self.found.trials_reused,
            hardware_points=sum(len(slab.grid) for slab in self.setup.slabs),
            feasible_points=sum(search.feasible_points for search in self.found.searches.values()),
            figures=self._figures(),
            best_evaluation=self._evaluation(compared_place),
            best_schedule=self._schedule(compared_place),
            best_floorplan=self._floorplan(compared_place),
            exact_front_designs=len(self.chosen.exact),
            notes=self._notes(baseline),
        )

    def _design(self, place: int) -> Design:
        exact = self.chosen.exact
        trial, hardware = int(exact.trial[place]), hardware_at(self.setup.slabs, int(exact.point[place]))
        return Design(
            id=self._id(place),
            trial=trial,
            accuracy=float(exact.accuracy[place]),
            energy_pj=float(exact.energy_pj[place]),
            dynamic_energy_pj=float(exact.dynamic_energy_pj[place]),
            latency_ns=float(exact.latency_ns[place]),
            area_um2=float(exact.area_um2[place]),
            network=self.store.trials[trial].network,
            hardware=hardware.to_dict(),
        )

    def _id(self, place: int) -> str:
        return f"t{self.chosen.exact.trial[place]:03d}-h{self.chosen.exact.point[place]:05d}"

    def _technology(self, place: int) -> Technology:
        return self.setup.technologies[int(self.chosen.exact.technology[place])]

    def _baseline(self, place: int) -> BaselineDesign | None:
        trial = int(self.chosen.exact.trial[place])
        return best_magnetic_design(self.setup.study, self.store.network(trial), trial, self._technology(place))

    def _tasks(self, baseline: BaselineDesign | None) -> list[VerificationTask]:
        """Return what to verify: every shown design, the baseline last."""
        exact = self.chosen.exact
        tasks = []
        for place in self.chosen.shown:
            hardware = hardware_at(self.setup.slabs, int(exact.point[place]))
            tasks.append(self._task(self._id(place), int(exact.trial[place]), hardware, self._technology(place)))
        if baseline is not None:
            tasks.append(self._task(baseline.id, baseline.trial, baseline.hardware, baseline.technology))
        return tasks

    def _task(self, name: str, trial: int, hardware: Hardware, technology: Technology) -> VerificationTask:
        return VerificationTask(
            id=name,
            network_path=self.store.network_path(trial),
            hardware=hardware,
            technology=technology,
            dataset=self.setup.study.dataset,
            images=min(self.setup.study.verify_images, len(self.setup.dataset.test_images)),
        )

    def _test_accuracies(self) -> dict[int, float]:
        """Return the test accuracy of every shown network, by trial: the only look at the test labels in a study."""
        dataset = self.setup.dataset
        trials = sorted({int(self.chosen.exact.trial[place]) for place in self.chosen.shown})
        return {
            trial: float((self.store.network(trial).predict(dataset.test_images) == dataset.test_labels).mean())
            for trial in trials
        }

    def _evaluation(self, place: int) -> Evaluation:
        exact = self.chosen.exact
        network = self.store.network(int(exact.trial[place]))
        hardware = hardware_at(self.setup.slabs, int(exact.point[place]))
        return evaluate_network(network.name, network.shapes, hardware, self._technology(place))

    def _schedule(self, place: int) -> str:
        exact = self.chosen.exact
        network = self.store.network(int(exact.trial[place]))
        hardware = hardware_at(self.setup.slabs, int(exact.point[place]))
        return schedule(network.shapes, hardware, self._technology(place)).table()

    def _floorplan(self, place: int) -> Floorplan:
        exact = self.chosen.exact
        network = self.store.network(int(exact.trial[place]))
        hardware = hardware_at(self.setup.slabs, int(exact.point[place]))
        return network_floorplan(network.name, network.shapes, hardware, self._technology(place))

    def _figures(self) -> tuple[Mapping[str, Any], ...]:
        """Return the device figures of all technologies; one that two take from the same companion once."""
        figures = (figure for technology in self.setup.technologies for figure in technology.figures)
        return tuple(asdict(figure) for figure in dict.fromkeys(figures))

    def _notes(self, baseline: BaselineDesign | None) -> tuple[str, ...]:
        notes = []
        if self.chosen.best is None:
            notes.append(f"No design keeps the whole budget. {self._nearest()}")
        if baseline is None:
            notes.append(f"No point of the hardware grid can run the network with {MAGNETIC}, so there is no baseline.")
        return (*notes, *stale_lines(self.setup.technologies))

    def _nearest(self) -> str:
        """Say what the front can reach of each limit, the others aside."""
        exact, reached = self.chosen.exact, []
        for limit, value in self.setup.study.constraints.given().items():
            side, objective = limit.split("_", 1)
            column = getattr(exact, objective)
            nearest = column.max() if side == "min" else column.min()
            reached.append(f"{limit} is {value:g}, the front reaches {nearest:g}")
        return f"One limit at a time: {'; '.join(reached)}."


def _checked(design: Design, record: VerificationRecord, test_accuracy: float) -> Design:
    return replace(
        design,
        test_accuracy=test_accuracy,
        verified_images=record.images,
        mismatches=record.mismatches,
        events_agree=record.events_agree,
    )


def _baselines(
    design: Design, baseline: BaselineDesign | None, records: Mapping[str, VerificationRecord], study: StudyFile
) -> tuple[Baseline, ...]:
    return () if baseline is None else (compared(design, baseline, records[baseline.id], study),)
