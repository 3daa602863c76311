"""`trackmac train`: a network of the zoo, trained at the widths asked for."""

from pathlib import Path
from typing import Annotated

import typer

from trackmac.cli.options import Json, Quiet, whole_number
from trackmac.cli.output import Output, refuse_unwritable
from trackmac.errors import CheckFailedError, InputError


def train(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="A name (trackmac list networks).")],
    *,
    data: Annotated[
        str, typer.Option("--data", metavar="DATA", help="digits, a folder of IDX files, or an .npz.")
    ] = "digits",
    weight_bits: Annotated[
        int | None,
        typer.Option("--weight-bits", metavar="N", parser=whole_number, help="2 to 8; else the network's own."),
    ] = None,
    activation_bits: Annotated[
        int | None,
        typer.Option("--activation-bits", metavar="N", parser=whole_number, help="2 to 8; else the network's own."),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", metavar="N", parser=whole_number, help="The same seed gives the same network.")
    ] = 0,
    epochs: Annotated[
        int | None, typer.Option("--epochs", metavar="N", parser=whole_number, help="Else by the size of the data.")
    ] = None,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.onnx", help="Else the network's name.")] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Train a quantised network and write it as ONNX."""
    from trackmac.exploration.trial import require_training
    from trackmac.networks.onnx_io import save_onnx
    from trackmac.training.architecture import architecture_named
    from trackmac.training.datasets import load_dataset

    output = Output(json, quiet)
    if out is not None and out.suffix != ".onnx":
        raise InputError(f"{out}: a network is written as ONNX, so --out must end in .onnx; rename it")
    require_training()
    dataset = load_dataset(data)
    architecture = architecture_named(network, dataset.input_shape, dataset.classes)
    refuse_unwritable(out or Path(f"{network}.onnx"))
    from trackmac.training.qat import train_network

    with output.progress() as tell:
        result = train_network(
            architecture, dataset, weight_bits=weight_bits, activation_bits=activation_bits, seed=seed, epochs=epochs,
            on_progress=lambda done, total, loss: tell("training", done, total),
        )  # fmt: skip
    path = out or Path(f"{result.network.name}.onnx")
    save_onnx(result.network, path)
    output.show(
        f"{result.network.name}: validation accuracy {100 * result.validation_accuracy:.2f} % "
        f"after {result.epochs} epochs in {result.seconds:.1f} s; written to {path}"
    )
    output.write_json(
        {
            "network": result.network.name,
            "dataset": dataset.name,
            "seed": seed,
            "epochs": result.epochs,
            "seconds": result.seconds,
            "validation_accuracy": result.validation_accuracy,
            "export_difference": result.export_difference,
            "out": str(path),
        }
    )
    if result.export_difference != 0:
        raise CheckFailedError(
            f"{result.network.name}: the integer network must compute what was trained, but its logits differ by "
            f"{result.export_difference:g}; use fewer channels or bits"
        )
