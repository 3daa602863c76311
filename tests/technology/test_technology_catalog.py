"""The contract that every shipped technology keeps; a new file in catalog/ is found by itself."""

import re

import pytest

from trackmac.cost import Event, Phase
from trackmac.errors import UnknownNameError
from trackmac.files import parse_yaml
from trackmac.technology.catalog import (
    record_names,
    record_text,
    shipped_record,
    technology_names,
    technology_schema,
    technology_summaries,
)
from trackmac.technology.schema import OPTIONAL_KEYS, UNREAD_KEYS, TechnologyRecord
from trackmac.technology.technology import Technology, load_technology
from trackmac.technology.unit_costs import unit_costs
from trackmac.units import ohmic_voltage_v


@pytest.fixture(params=technology_names())
def technology(request: pytest.FixtureRequest) -> Technology:
    return load_technology(str(request.param))


def test_the_published_tables_and_their_companion_are_shipped() -> None:
    assert {"physics-45nm", "rtsim-destiny-2017", "spimulator-2025"} <= set(technology_names())
    assert "companion-45nm" in record_names()
    assert "companion-45nm" not in technology_names()


@pytest.mark.parametrize("name", record_names())
def test_a_file_is_named_as_its_record(name: str) -> None:
    assert shipped_record(name).name == name


@pytest.mark.parametrize("name", record_names())
def test_the_text_of_a_record_is_a_file_that_loads(name: str) -> None:
    assert parse_yaml(record_text(name), TechnologyRecord, where=name) == shipped_record(name)


def test_every_figure_has_value_range_evidence_source_and_record(technology: Technology) -> None:
    required = set(TechnologyRecord(name="x", summary="x").figures()) - OPTIONAL_KEYS

    assert required <= {figure.key for figure in technology.figures}
    for figure in technology.figures:
        assert 0 <= figure.low <= figure.value <= figure.high
        assert figure.evidence in {"measured", "simulated", "published", "assumed"}
        assert len(figure.source) > 20
        assert figure.record in record_names()


def test_what_is_recalled_is_marked_as_assumed(technology: Technology) -> None:
    recalled = [figure for figure in technology.figures if re.search("recall|recollect", figure.source)]

    assert recalled
    assert {figure.evidence for figure in recalled} == {"assumed"}


def test_every_assumption_that_a_result_depends_on_is_told_in_one_line(technology: Technology) -> None:
    read = [figure for figure in technology.figures if figure.key not in UNREAD_KEYS]
    assumed = [figure for figure in read if figure.evidence == "assumed"]

    lines = technology.assumptions()

    assert len(lines) == len(assumed)
    assert all(line.startswith(f"{figure.key} = ") for line, figure in zip(lines, assumed, strict=True))
    assert not any("\n" in line for line in lines)


def test_every_event_but_the_lockstep_step_costs_energy(technology: Technology) -> None:
    costs = unit_costs(technology)

    free = {event for event in Event if not costs.energy_pj(event, physical_domains=64, bus_length_mm=1.0) > 0}

    assert free == {Event.SHIFT_STEPS}


def test_every_phase_takes_time(technology: Technology) -> None:
    costs = unit_costs(technology)

    assert all(costs.phase_ns(phase) > 0 for phase in Phase)


def test_cycles_times_clock_is_the_time() -> None:
    technology = load_technology("spimulator-2025")
    clock_ns = technology.value("clock_ns")
    cycles = {"shift": 2, "sense": 17, "write": 21, "transverse_read": 17, "transverse_write": 23}

    for section, count in cycles.items():
        figure = technology.figure(f"{section}.latency_ns")

        assert figure.value == pytest.approx(count * clock_ns)
        assert figure.source.startswith(f"{count} cycles ")
        assert figure.evidence == "assumed"  # the clock is


def test_rtsim_figures_are_those_of_rm_config() -> None:
    value = load_technology("rtsim-destiny-2017").value

    assert value("shift.energy_pj") == pytest.approx(0.0195e3 / 32)
    assert value("sense.energy_pj") == pytest.approx(0.080096e3 / 32)
    assert value("write.energy_pj") == pytest.approx(0.108981e3 / 32)
    assert (value("shift.latency_ns"), value("sense.latency_ns"), value("write.latency_ns")) == (
        2.14192,
        1.61338,
        4.84522,
    )
    assert value("bank_leakage_nw") == 3120.202e6


def test_spimulator_figures_are_those_of_its_source() -> None:
    value = load_technology("spimulator-2025").value

    assert value("shift.energy_pj") == 0.3
    assert value("sense.energy_pj") == 0.7
    assert value("write.energy_pj") == 0.1
    assert value("transverse_write.energy_pj") == 0.3
    assert value("transverse_read.energy_pj") == pytest.approx(0.504676821 + 0.000958797)


def test_a_bit_takes_one_to_four_square_features(technology: Technology) -> None:
    feature_nm = technology.value("geometry.feature_nm")
    bit_nm2 = technology.value("geometry.domain_length_nm") * technology.value("geometry.track_pitch_nm")

    assert 1 <= bit_nm2 / feature_nm**2 <= 4


def test_ohmic_heat_of_the_shift_pulse_is_near_the_published_shift_energy(technology: Technology) -> None:
    # V x I x t of the stated track, from density, resistivity and cross-section, against the flat figure.
    value = technology.value
    cross_section_cm2 = value("geometry.track_width_nm") * value("geometry.track_thickness_nm") * 1e-14
    current_a = value("shift.current_density_a_per_cm2") * cross_section_cm2
    length_nm = value("shift.stated_domains") * value("geometry.domain_length_nm")
    voltage_v = ohmic_voltage_v(value("shift.current_density_a_per_cm2"), value("shift.resistivity_ohm_m"), length_nm)

    heat_pj = voltage_v * current_a * value("shift.latency_ns") * 1e3

    assert 0.5 < heat_pj / value("shift.energy_pj") < 2


def test_the_junction_has_a_few_kiloohms_parallel(technology: Technology) -> None:
    radius_um = technology.value("mtj.diameter_nm") / 2e3

    parallel_ohm = technology.value("mtj.ra_ohm_um2") / (3.14159 * radius_um**2)

    assert 2_000 < parallel_ohm < 10_000


def test_the_bank_leakage_of_rtsim_is_told_to_rank_nothing() -> None:
    notes = " ".join(load_technology("rtsim-destiny-2017").notes)

    assert "3120.202 mW" in notes
    assert "ranks nothing" in notes


def test_each_technology_has_a_summary_of_one_line() -> None:
    summaries = technology_summaries()

    assert tuple(summaries) == technology_names()
    assert all(summary and "\n" not in summary for summary in summaries.values())


def test_the_text_of_an_unknown_record_is_refused() -> None:
    with pytest.raises(
        UnknownNameError, match=r"unknown technology 'rtsim': .*known are companion-45nm, physics-45nm, rtsim-destiny"
    ):
        record_text("rtsim")


def test_the_json_schema_refuses_unknown_keys_and_describes_every_section() -> None:
    schema = technology_schema()

    assert schema["additionalProperties"] is False
    assert set(schema["properties"]) == set(TechnologyRecord.model_fields)
