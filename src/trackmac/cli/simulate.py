"""`trackmac simulate`: a network, bit for bit, on simulated tracks."""

from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import DEFAULT_HARDWARE, Hardware, Json, Network, Quiet, Technology, whole_number
from trackmac.cli.output import Output
from trackmac.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from trackmac.networks.integer import IntegerNetwork
    from trackmac.results import SimulationResult

DEFAULT_IMAGES = 10
DIGITS_SHAPE = (1, 8, 8)

Data = Annotated[
    str | None,
    typer.Option(
        "--data", metavar="DATA", help="A name (trackmac list datasets), a folder, a zip, or an .npz; digits for 8x8."
    ),
]


def simulate(
    network: Network,
    *,
    hardware: Hardware = DEFAULT_HARDWARE,
    technology: Technology = None,
    data: Data = None,
    images: Annotated[
        int,
        typer.Option(
            "--images", metavar="N", parser=whole_number, help="How many images, the first ones in file order."
        ),
    ] = DEFAULT_IMAGES,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Run a network bit for bit on simulated tracks and check it against integer arithmetic.

    Ends with exit code 1 where an output differs, or where the events counted are not those that the closed forms
    predict.
    """
    from trackmac import api
    from trackmac.training.datasets import load_images, refuse_other_shape

    output = Output(json, quiet)
    if images < 1:
        raise InputError(f"--images must be at least 1, but it is {images}; give a larger number")
    loaded = api.load_network(network)
    data = data or _default_data(loaded)
    refuse_other_shape(data, loaded.input_shape)
    pixels, labels = load_images(data)
    known = None if labels is None else labels[:images]
    if known is not None and known.max() >= loaded.classes:
        raise InputError(
            f"data {data!r}: labels must be within 0..{loaded.classes - 1}, the classes of {loaded.name}, "
            f"but one is {known.max()}; choose other data"
        )
    with output.progress() as tell:
        result = api.simulate(
            loaded,
            hardware,
            pixels[:images],
            known,
            technology=technology,
            on_progress=lambda done: tell("simulating", done, 1.0),
        )
    if output.is_shown:
        _show(output, result)
    output.write_json(result.to_dict())
    _refuse_disagreement(result)


def _default_data(network: "IntegerNetwork") -> str:
    if network.input_shape == DIGITS_SHAPE:
        return "digits"
    raise InputError(
        f"{network.name} takes images of shape {list(network.input_shape)}, for which no data comes with trackmac; "
        "give --data"
    )


def _show(output: Output, result: "SimulationResult") -> None:
    from trackmac.report import quantities
    from trackmac.report.tables import plain_table

    accuracy = "no labels" if result.accuracy is None else f"accuracy {quantities.fraction(result.accuracy)}"
    images = f"{quantities.count(result.images)} image{'s' * (result.images != 1)}"
    output.show(
        f"{result.network} on {result.hardware}: {images}, {accuracy}, "
        f"{quantities.count(result.mismatches)} mismatches",
        "",
    )
    events = dict.fromkeys((*result.events, *result.predicted_events))
    rows = [
        (
            quantities.words(name),
            *(quantities.count(counts.get(name, 0)) for counts in (result.events, result.predicted_events)),
        )
        for name in events
    ]
    output.show(plain_table(None, ("event", "simulated", "predicted"), rows))


def _refuse_disagreement(result: "SimulationResult") -> None:
    if result.mismatches:
        raise CheckFailedError(
            f"{result.network}: every output must equal integer arithmetic, but {result.mismatches} differ; "
            "this is an error of trackmac, please report it"
        )
    if dict(result.events) != dict(result.predicted_events):
        raise CheckFailedError(
            f"{result.network}: the events counted must be those predicted, but they differ; "
            "this is an error of trackmac, please report it"
        )
