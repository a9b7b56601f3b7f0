"""What the tests of jobs share."""

import asyncio

import pytest


@pytest.fixture
def no_loop_of_a_browser():
    """A browser of an earlier test keeps its loop marked as running in this thread, in which no other may run then."""
    running = asyncio._get_running_loop()
    asyncio._set_running_loop(None)
    yield
    asyncio._set_running_loop(running)
