"""Mapping a network to hardware: stages, the dataflow's plan, and the frozen schedule."""

from trackmac.mapping.plan import DotProductPlan, Plan, PoolPlan, plan
from trackmac.mapping.schedule import DotProductSchedule, PoolSchedule, Schedule, refuse_obstacles, schedule
from trackmac.mapping.stages import DotProductStage, PoolStage, Stage, stages_of, workload_of
from trackmac.mapping.weight_segments import Segment, WeightLayout

__all__ = [
    "DotProductPlan",
    "DotProductSchedule",
    "DotProductStage",
    "Plan",
    "PoolPlan",
    "PoolSchedule",
    "PoolStage",
    "Schedule",
    "Segment",
    "Stage",
    "WeightLayout",
    "plan",
    "refuse_obstacles",
    "schedule",
    "stages_of",
    "workload_of",
]
