"""`trackmac quantize`: a float ONNX network and some images give an integer network."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from trackmac.cli.options import Json, Quiet, whole_number
from trackmac.cli.output import Output, refuse_unwritable
from trackmac.errors import InputError

if TYPE_CHECKING:
    from trackmac.bits import IntArray

DEFAULT_IMAGES = 256


def quantize(
    network: Annotated[Path, typer.Argument(metavar="FLOAT.onnx", help="A float network.")],
    *,
    data: Annotated[
        str,
        typer.Option("--data", metavar="DATA", help="A name (trackmac list datasets), a folder, a zip, or an .npz."),
    ],
    out: Annotated[Path, typer.Option("--out", metavar="FILE.onnx", help="Where the integer network is written.")],
    weight_bits: Annotated[int, typer.Option("--weight-bits", metavar="N", parser=whole_number, help="2 to 8.")] = 8,
    activation_bits: Annotated[
        int, typer.Option("--activation-bits", metavar="N", parser=whole_number, help="2 to 8.")
    ] = 8,
    scales: Annotated[
        str,
        typer.Option(
            "--scales",
            metavar="tensor|channel|float",
            help="Powers of two, one for each tensor or weight channel, or any scales.",
        ),
    ] = "tensor",
    images: Annotated[
        int,
        typer.Option("--images", metavar="N", parser=whole_number, help="How many, the first of the training part."),
    ] = DEFAULT_IMAGES,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Quantise a float ONNX network to integers, by the ranges that its activations have on images."""
    from trackmac.networks.onnx_io import save_onnx
    from trackmac.networks.quantization import FloatNetwork
    from trackmac.networks.scale_choice import scale_kind_named
    from trackmac.training.datasets import load_calibration_images, refuse_other_shape

    output = Output(json, quiet)
    if images < 1:
        raise InputError(f"--images must be at least 1, but it is {images}; give a larger number")
    if out.suffix != ".onnx":
        raise InputError(f"{out}: a network is written as ONNX, so --out must end in .onnx; rename it")
    kind = scale_kind_named(scales)
    if out.resolve() == network.resolve():
        raise InputError(f"{out}: --out must not be the float network itself; give another name")
    refuse_unwritable(out)
    found = FloatNetwork(network, weight_bits, activation_bits, kind)
    refuse_other_shape(data, found.input_shape)
    with output.progress() as tell:
        pixels, labels = load_calibration_images(data, lambda done: tell("reading images", done, 1.0))
        pixels, labels = pixels[:images], None if labels is None else labels[:images]
        result = found.quantized(pixels, lambda done: tell("calibrating", done, 1.0))
        predictions = result.network.predict(pixels)
    save_onnx(result.network, out)
    agreement = float((predictions == result.float_predictions).mean())
    output.show(
        f"{result.network.name}: {100 * agreement:.2f} % of {len(pixels)} calibration images get the class that the "
        f"float network gives them; written to {out}"
    )
    output.write_json(
        {
            "network": result.network.name,
            "weight_bits": weight_bits,
            "activation_bits": activation_bits,
            "scales": kind.value,
            "images": len(pixels),
            "agreement": agreement,
            "float_accuracy": _accuracy(result.float_predictions, labels),
            "accuracy": _accuracy(predictions, labels),
            "out": str(out),
        }
    )


def _accuracy(predictions: "IntArray", labels: "IntArray | None") -> float | None:
    return None if labels is None else float((predictions == labels).mean())
