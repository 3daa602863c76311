import pytest
from numba.core import caching

from trackmac.compiled import compiled


def twice(number: int) -> int:
    return 2 * number


def test_a_function_compiles_where_no_cache_can_be_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(caching.CompileResultCacheImpl, "_locator_classes", [])

    assert compiled(twice)(21) == 42
