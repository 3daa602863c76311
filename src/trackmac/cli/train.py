"""`trackmac train`: a network of the zoo, trained at the widths asked for."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated
from zipfile import is_zipfile

import typer

from trackmac.cli.options import Json, Quiet, whole_number
from trackmac.cli.output import Output, refuse_unwritable
from trackmac.errors import CheckFailedError, InputError

if TYPE_CHECKING:
    from trackmac.training.architecture import ZooArchitecture

CLASSES_OF_NAMED_DATA = 10


def train(
    network: Annotated[str, typer.Argument(metavar="NETWORK", help="A name (trackmac list networks).")],
    *,
    data: Annotated[
        str,
        typer.Option("--data", metavar="DATA", help="A name (trackmac list datasets), a folder, a zip, or an .npz."),
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
    patience: Annotated[
        int | None,
        typer.Option(
            "--patience",
            metavar="N",
            parser=whole_number,
            help="Stop after N quantised epochs without a better validation accuracy, and take the best one.",
        ),
    ] = None,
    learning_rate: Annotated[
        float | None,
        typer.Option(
            "--learning-rate",
            metavar="RATE",
            help="The greatest of the quantised epochs; else 0.01, or less for many steps.",
        ),
    ] = None,
    augment: Annotated[
        str | None,
        typer.Option("--augment", metavar="none|shift|flip", help="Change training images; else by the data set."),
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on from FILE.checkpoint, which each epoch writes beside --out.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", metavar="FILE.onnx", help="Else the network's name.")] = None,
    json: Json = None,
    quiet: Quiet = False,
) -> None:
    """Train a quantised network and write it as ONNX."""
    from trackmac.exploration.trial import require_training
    from trackmac.networks.onnx_io import save_onnx
    from trackmac.training.architecture import require_trainable
    from trackmac.training.augmentation import augmentation_named
    from trackmac.training.datasets import DATASETS, load_dataset

    output = Output(json, quiet)
    if out is not None and out.suffix != ".onnx":
        raise InputError(f"{out}: a network is written as ONNX, so --out must end in .onnx; rename it")
    require_training()
    chosen = None if augment is None else augmentation_named(augment)
    require_trainable(network)
    bits = (weight_bits, activation_bits)
    if data in DATASETS:  # what is wrong with the network is said before images are loaded
        _architecture(network, DATASETS[data].input_shape, CLASSES_OF_NAMED_DATA, bits)
    if out is not None:
        _check_files(out, is_resumed=resume)
    with output.progress() as tell:
        dataset = load_dataset(data, on_progress=lambda done: tell("reading images", done, 1.0))
        architecture = _architecture(network, dataset.input_shape, dataset.classes, bits)
        path = out or Path(f"{architecture.name}.onnx")
        _check_files(path, is_resumed=resume)
        from trackmac.training.qat import accuracy, train_network

        checkpoint = _checkpoint(path)
        result = train_network(
            architecture, dataset, seed=seed, epochs=epochs, patience=patience, checkpoint=checkpoint,
            augmentation=dataset.augmentation if chosen is None else chosen, is_resumed=resume,
            learning_rate=learning_rate,
            on_fraction=lambda done: tell("training", done, 1.0),
        )  # fmt: skip
        save_onnx(result.network, path)
        checkpoint.unlink(missing_ok=True)
        tell("testing", 0, 1)
        test_accuracy = accuracy(result.network, dataset.test_images, dataset.test_labels)
    output.show(
        f"{result.network.name}: validation accuracy {100 * result.validation_accuracy:.2f} %, test accuracy "
        f"{100 * test_accuracy:.2f} % after {result.epochs} epochs in {result.seconds:.1f} s; written to {path}"
    )
    output.write_json(
        {
            "network": result.network.name,
            "dataset": dataset.name,
            "seed": seed,
            "epochs": result.epochs,
            "seconds": result.seconds,
            "validation_accuracy": result.validation_accuracy,
            "test_accuracy": test_accuracy,
            "export_difference": result.export_difference,
            "out": str(path),
        }
    )
    if result.export_difference != 0:
        raise CheckFailedError(
            f"{result.network.name}: the integer network must compute what was trained, but its logits differ by "
            f"{result.export_difference:g}; use fewer channels or bits"
        )


def _architecture(
    network: str, input_shape: tuple[int, int, int], classes: int, bits: tuple[int | None, int | None]
) -> "ZooArchitecture":
    from trackmac.training.architecture import architecture_named

    found = architecture_named(network, input_shape, classes)
    weight_bits, activation_bits = bits
    return found.with_bits(
        found.weight_bits if weight_bits is None else weight_bits,
        found.activation_bits if activation_bits is None else activation_bits,
    )


def _checkpoint(out: Path) -> Path:
    return out.with_suffix(".checkpoint")


def _check_files(out: Path, *, is_resumed: bool) -> None:
    refuse_unwritable(out)
    checkpoint = _checkpoint(out)
    if not is_resumed:
        return
    if not checkpoint.is_file():
        raise InputError(f"{checkpoint}: no such checkpoint; drop --resume to start anew")
    if not is_zipfile(checkpoint):
        raise InputError(f"{checkpoint}: must be a checkpoint of trackmac train, but is not; drop --resume")
