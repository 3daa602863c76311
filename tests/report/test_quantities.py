import pytest

from trackmac.report import quantities


@pytest.mark.parametrize(
    ("energy_pj", "text"),
    [(0, "0 J"), (1, "1.00 pJ"), (0.0021, "2.10 fJ"), (999.6, "1.00 nJ"), (304_000_000, "304 µJ"), (1e12, "1.00 J")],
)
def test_an_energy_gets_the_prefix_that_suits_it(energy_pj: float, text: str) -> None:
    assert quantities.energy(energy_pj) == text


@pytest.mark.parametrize(
    ("time_ns", "text"), [(91.23, "91.2 ns"), (15_281_892.0, "15.3 ms"), (2.5e9, "2.50 s"), (0.5, "500 ps")]
)
def test_a_time_gets_the_prefix_that_suits_it(time_ns: float, text: str) -> None:
    assert quantities.duration(time_ns) == text


@pytest.mark.parametrize(
    ("product_pj_ns", "text"), [(8_930.0, "8.93 nJ·ns"), (0.5, "500 fJ·ns"), (0, "0 J·ns"), (4.43e6, "4.43 µJ·ns")]
)
def test_an_energy_delay_product_gets_the_prefix_that_suits_it(product_pj_ns: float, text: str) -> None:
    assert quantities.energy_delay(product_pj_ns) == text
    assert quantities.quantity("energy_delay_product_pj_ns", product_pj_ns) == text


def test_a_power_gets_the_prefix_that_suits_it() -> None:
    assert quantities.power(757_152.0) == "757 µW"


def test_a_power_that_nobody_knows_is_a_dash() -> None:
    assert quantities.power(None) == "–"


def test_a_power_density_is_in_watts_per_square_centimetre() -> None:
    assert quantities.power_density(134.0011) == "134 W/cm²"


@pytest.mark.parametrize(
    ("time_days", "text"), [(None, "–"), (19.2, "19.2 days"), (700, "700 days"), (1000, "2.74 years")]
)
def test_days_become_years_when_there_are_many(time_days: float | None, text: str) -> None:
    assert quantities.days(time_days) == text


@pytest.mark.parametrize(
    ("time_years", "text"), [(None, "–"), (0.5, "183 days"), (1, "1.00 years"), (52.66, "52.7 years")]
)
def test_years_become_days_when_there_are_few(time_years: float | None, text: str) -> None:
    assert quantities.years(time_years) == text


@pytest.mark.parametrize(("area_um2", "text"), [(18.41, "18.4 µm²"), (9_999, "10,000 µm²"), (128_853, "0.129 mm²")])
def test_an_area_is_in_mm2_where_it_is_large(area_um2: float, text: str) -> None:
    assert quantities.area(area_um2) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [(0, "0"), (0.002739, "0.00274"), (65.44, "65.4"), (1234.5, "1,230"), (1.23e-7, "1.23e-07"), (4.56e9, "4.56e+09")],
)
def test_a_number_has_three_digits(value: float, text: str) -> None:
    assert quantities.digits(value) == text


@pytest.mark.parametrize(
    ("key", "value", "text"),
    [("max_energy_pj", 5.0, "5.00 pJ"), ("min_accuracy", 0.975, "97.50 %"), ("max_area_um2", 20.0, "20.0 µm²")],
)
def test_a_key_names_the_unit(key: str, value: float, text: str) -> None:
    assert quantities.quantity(key, value) == text


def test_what_is_not_known_is_a_dash() -> None:
    assert quantities.fraction(None) == quantities.count(None) == "–"


@pytest.mark.parametrize(
    ("bits", "text"),
    [
        (0, "0 B"),
        (8, "1.00 B"),
        (8 * 1023, "1,020 B"),
        (8 * 1024, "1.00 KiB"),
        (1 << 21, "256 KiB"),
        (1 << 25, "4.00 MiB"),
    ],
)
def test_a_capacity_is_in_binary_units(bits: int, text: str) -> None:
    assert quantities.capacity(bits) == text


def test_counts_and_ratios_are_written_for_people() -> None:
    assert quantities.count(416_520) == "416,520"
    assert quantities.ratio(2.3456) == "2.35×"
