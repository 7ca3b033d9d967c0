"""A bench file for the twin, and a virtual bench on it."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from driver import FIRMWARE, VirtualBench

from soakbench.assets import find_bench
from soakbench.config import BenchConfig, load_bench

MakeBench = Callable[..., VirtualBench]


@pytest.fixture(scope="session")
def bench() -> BenchConfig:
    return load_bench(find_bench("twin"))


@pytest.fixture(scope="session")
def sensed() -> BenchConfig:
    """With converters, senses and a humidity sensor."""
    return load_bench(find_bench("twin-sensed"))


@pytest.fixture
def make_bench(bench: BenchConfig, tmp_path: Path) -> Iterator[MakeBench]:
    """Start a virtual bench; keyword arguments replace values of its [twin] table."""
    with ExitStack() as stack:

        def make(**twin: Any) -> VirtualBench:
            changed = bench.model_copy(update={"twin": bench.twin.model_copy(update=twin)})
            virtual = VirtualBench(changed, tmp_path / "port", [FIRMWARE])
            stack.callback(virtual.close)
            virtual.start()
            return virtual

        yield make


@pytest.fixture
def virtual(make_bench: MakeBench) -> VirtualBench:
    return make_bench()
