import pytest

from trackmac import errors
from trackmac.errors import TrackmacError, UnknownNameError, unknown_name


def all_errors() -> list[type[TrackmacError]]:
    found = [value for value in vars(errors).values() if isinstance(value, type) and issubclass(value, TrackmacError)]
    assert len(found) > 5
    return found


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_the_tree_in_the_docstring_shows_every_error(error: type[TrackmacError]) -> None:
    assert errors.__doc__ is not None
    assert error.__name__ in errors.__doc__


@pytest.mark.parametrize("error", all_errors(), ids=lambda error: error.__name__)
def test_an_error_is_wrong_input_or_a_failed_check_but_not_both(error: type[TrackmacError]) -> None:
    is_input, is_check = issubclass(error, errors.InputError), issubclass(error, errors.CheckFailedError)

    assert is_input != is_check or error is TrackmacError


def test_an_unknown_name_names_the_nearest_and_all_known() -> None:
    error = unknown_name("circuit", "riple", ["ripple", "booth"])

    assert isinstance(error, UnknownNameError)
    assert str(error) == "unknown circuit 'riple': did you mean 'ripple'? known are booth, ripple"


def test_a_name_like_no_other_gets_no_guess() -> None:
    assert str(unknown_name("circuit", "xyz", ["ripple"])) == "unknown circuit 'xyz': known are ripple"
