"""Processes that end, or fork, around a hub: each a program of its own."""

from concurrent.futures import ThreadPoolExecutor

import hub_programs
import pytest

PROGRAMS = [*hub_programs.EXITS, *hub_programs.FORKS]

pytestmark = pytest.mark.thread_unsafe(reason="starts processes, several at a time")


@pytest.fixture(scope="module")
def ends():
    with ThreadPoolExecutor(4) as pool:
        return dict(zip(PROGRAMS, pool.map(hub_programs.run, PROGRAMS), strict=True))


@pytest.mark.parametrize("program", PROGRAMS)
def test_ends_by_itself_and_says_so(ends, program):
    assert ends[program] is None
