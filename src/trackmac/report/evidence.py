"""How much of a result rests on which kind of device figures, in words."""

from collections.abc import Mapping

from trackmac.report import quantities

NAMES = {"energy_pj": "energy", "latency_ns": "latency", "area_um2": "area"}


def evidence_text(evidence: Mapping[str, Mapping[str, float]]) -> str:
    """Write the shares of energy, latency and area: "energy: 60 % simulated, 40 % assumed; latency: ..."."""
    return "; ".join(f"{NAMES[key]}: {_shares(parts)}" for key, parts in evidence.items())


def _shares(parts: Mapping[str, float]) -> str:
    total = sum(parts.values())
    known = sorted(((name, part / total) for name, part in parts.items() if part), key=lambda item: -item[1])
    return ", ".join(f"{quantities.share(part)} {name}" for name, part in known)


def counts_text(counts: Mapping[str, int]) -> str:
    """Write how many figures have which evidence: "20 assumed, 9 simulated"."""
    return ", ".join(f"{count} {name}" for name, count in sorted(counts.items(), key=lambda item: -item[1]) if count)
