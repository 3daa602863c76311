from trackmac.report.evidence import counts_text, evidence_text


def test_shares_are_written_the_largest_first_and_nothing_is_not_written() -> None:
    text = evidence_text(
        {"energy_pj": {"measured": 0.0, "assumed": 3.0, "simulated": 1.0}, "area_um2": {"assumed": 7.0}}
    )

    assert text == "energy: 75.0 % assumed, 25.0 % simulated; area: 100.0 % assumed"


def test_a_small_share_is_not_written_as_none() -> None:
    assert "under 0.1 % assumed" in evidence_text({"energy_pj": {"assumed": 1e-6, "simulated": 1.0}})


def test_counts_are_written_the_largest_first() -> None:
    assert counts_text({"measured": 0, "simulated": 2, "assumed": 9}) == "9 assumed, 2 simulated"
