"""Every error that trackmac raises on purpose.

TrackmacError
├── InputError                  the input was wrong (exit code 2)
│   ├── FileFormatError         a file from outside is not what it should be
│   ├── UnknownNameError        no circuit, network, technology ... of that name
│   ├── PluginError             an installed package offers a circuit that cannot be loaded
│   ├── OperandError            operands out of range, of unequal number, or of an illegal width
│   ├── IllegalHardwareError    a layout that cannot be built
│   ├── UnmappableError         a network that this hardware cannot hold or run
│   └── UnsupportedNetworkError an operator or a shape that trackmac does not run
└── CheckFailedError            a check failed: a mismatch, a validation miss (exit code 1)

A message gives the rule, the value that breaks it and the way out, in one line.
"""

import difflib
from collections.abc import Iterable


class TrackmacError(Exception):
    """Base of all errors that trackmac raises on purpose."""


class InputError(TrackmacError):
    """The user's input was wrong; the message is one line."""


class FileFormatError(InputError):
    """A file from outside is missing, truncated, or not of the expected form."""


class UnknownNameError(InputError):
    """A name that is in no registry."""


class PluginError(InputError):
    """An installed package offers a circuit that cannot be loaded."""


class OperandError(InputError):
    """Operands out of range, of unequal number, or of an illegal width."""


class IllegalHardwareError(InputError):
    """A hardware layout that cannot be built."""


class UnmappableError(InputError):
    """A network that the given hardware cannot hold or run."""


class UnsupportedNetworkError(InputError):
    """An operator or a shape that trackmac does not run."""


class CheckFailedError(TrackmacError):
    """A check failed: a mismatch between simulation and arithmetic, or a validation miss."""


def unknown_name(kind: str, name: str, known: Iterable[str]) -> UnknownNameError:
    """Return the error for a `name` that is in no registry of `kind`, with the nearest known names."""
    names = sorted(known)
    near = difflib.get_close_matches(name, names, n=1)
    hint = f"did you mean {near[0]!r}? " if near else ""
    return UnknownNameError(f"unknown {kind} {name!r}: {hint}known are {', '.join(names)}")
