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
from trackmac.mapping.stage_table import DotProducts, StageTable, stage_table
from trackmac.mapping.stages import stages_of, workload_of
from trackmac.mapping.weight_segments import Segment, WeightLayout

__all__ = [
    "DotProductPlan",
    "DotProductSchedule",
    "DotProductStage",
    "DotProducts",
    "ElementPlan",
    "ElementSchedule",
    "ElementStage",
    "OutputStationaryPlan",
    "OutputStationarySchedule",
    "Plan",
    "Schedule",
    "Segment",
    "Stage",
    "StageTable",
    "WeightLayout",
    "WeightSegment",
    "plan",
    "refuse_obstacles",
    "schedule",
    "segments_of",
    "stage_table",
    "stages_of",
    "workload_of",
]
