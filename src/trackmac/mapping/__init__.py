"""Mapping a network to hardware: stages, the dataflow's plan, and the frozen schedule."""

from trackmac.mapping.dot_product_plan import DotProductPlan
from trackmac.mapping.filter_segments import WeightSegment, segments_of
from trackmac.mapping.output_stationary import OutputStationaryPlan
from trackmac.mapping.plan import ElementPlan, Plan, plan
from trackmac.mapping.schedule import (
    DotProductSchedule,
    ElementSchedule,
    OutputStationarySchedule,
    Schedule,
    refuse_obstacles,
    schedule,
)
from trackmac.mapping.stage import DotProductStage, ElementStage, Stage
from trackmac.mapping.stages import constant_bits, stages_of, workload_of
from trackmac.mapping.weight_segments import Segment, WeightLayout

__all__ = [
    "DotProductPlan",
    "DotProductSchedule",
    "DotProductStage",
    "ElementPlan",
    "ElementSchedule",
    "ElementStage",
    "OutputStationaryPlan",
    "OutputStationarySchedule",
    "Plan",
    "Schedule",
    "Segment",
    "Stage",
    "WeightLayout",
    "WeightSegment",
    "constant_bits",
    "plan",
    "refuse_obstacles",
    "schedule",
    "segments_of",
    "stages_of",
    "workload_of",
]
