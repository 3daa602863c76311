"""What the chosen design is compared with: its own network on the classic magnetic-adder hardware."""

from dataclasses import dataclass

import numpy as np

from trackmac.arrays import Hardware
from trackmac.exploration.hardware_search import Candidates, search_hardware
from trackmac.exploration.selection import least_product
from trackmac.exploration.spaces import hardware_at, hardware_slabs
from trackmac.exploration.store import VerificationRecord
from trackmac.exploration.study import StudyFile
from trackmac.networks import IntegerNetwork
from trackmac.results import Baseline, Design
from trackmac.technology import Technology

MAGNETIC, LAYOUT = "magnetic_mac", "along"
DESCRIPTION = (
    "the same network on the classic magnetic full adder (sum and carry both written back), words along the track, "
    "at its own best point of the same hardware grid and technology: the least product of {objectives}"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class BaselineDesign:
    """The baseline's hardware and its costs."""

    id: str
    trial: int
    hardware: Hardware
    technology: Technology
    costs: Candidates


def best_magnetic_design(
    study: StudyFile, network: IntegerNetwork, trial: int, technology: Technology
) -> BaselineDesign | None:
    """Return the magnetic design of the least product of the study's cost objectives; None if no point can run it."""
    space = study.space.model_copy(update={"circuits": (MAGNETIC,), "layouts": (LAYOUT,)})
    slabs = hardware_slabs(space, [technology])
    front = search_hardware(network, trial, 0.0, slabs, study.objectives).front
    if not len(front):
        return None
    costs = front.taken(np.array([least_product(front, study)]))
    hardware = hardware_at(slabs, int(costs.point[0]))
    return BaselineDesign(
        id=f"{MAGNETIC}-{technology.name}-t{trial:03d}-{hardware.name}",
        trial=trial,
        hardware=hardware,
        technology=technology,
        costs=costs,
    )


def compared(design: Design, baseline: BaselineDesign, verified: VerificationRecord, study: StudyFile) -> Baseline:
    """Return the baseline beside `design`: a ratio of 2 says that the design needs half of it."""
    energy, latency, area = (
        float(column[0]) for column in (baseline.costs.energy_pj, baseline.costs.latency_ns, baseline.costs.area_um2)
    )
    return Baseline(
        name=MAGNETIC,
        description=DESCRIPTION.format(objectives=" x ".join(study.cost_objectives)),
        energy_pj=energy,
        latency_ns=latency,
        area_um2=area,
        energy_ratio=energy / design.energy_pj,
        latency_ratio=latency / design.latency_ns,
        area_ratio=area / design.area_um2,
        verified_images=verified.images,
        mismatches=verified.mismatches,
        events_agree=verified.events_agree,
        hardware=baseline.hardware.to_dict(),
    )
