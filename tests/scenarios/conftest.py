"""After the scenarios: which rows of the feature table they have shown, and what was left out."""

from collections import Counter
from collections.abc import Generator

import pytest

from tests.scenarios.judge import specs
from tests.scenarios.rows import ROWS, row_of

SHOWN = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Count from nothing."""
    config.addinivalue_line("markers", "rows(*numbers): rows of the feature table that this shows")
    config.stash[SHOWN] = Counter()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the rows of each test that passed."""
    del call
    report = yield
    if report.when == "call" and report.passed:
        item.config.stash[SHOWN].update(rows_of(item))
    return report


def rows_of(item: pytest.Item) -> set[str]:
    """The rows that a test shows, by its name and its markers."""
    named = row_of(item.name)
    marked = {row for mark in item.iter_markers("rows") for row in mark.args}
    return marked | ({named} if named else set())


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table."""
    shown = terminalreporter.config.stash[SHOWN]
    if specs() is None:
        terminalreporter.write_line(
            "the services' own documents are not at hand: requests were not judged by them"
        )
    if not shown:
        return
    terminalreporter.section("rows of the feature table that scenarios showed working")
    for row, title in ROWS.items():
        terminalreporter.write_line(f"{row:>5}  {shown[row]:>3} scenarios  {title}")
