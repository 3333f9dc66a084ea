"""After the scenarios: which rows of the feature table they have shown, and what was left out."""

from collections import Counter
from collections.abc import Generator

import pytest

from tests.scenarios.judge import specs
from tests.scenarios.rows import ROW, ROWS, TOLD, row_of


def pytest_configure(config: pytest.Config) -> None:
    """Know the marker."""
    config.addinivalue_line("markers", "rows(*numbers): rows of the feature table that this shows")


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(
    item: pytest.Item, call: pytest.CallInfo[None]
) -> Generator[None, pytest.TestReport, pytest.TestReport]:
    """Note the rows of each test, for whichever process prints the table."""
    report = yield
    if call.when == "call":
        report.user_properties += [(ROW, row) for row in sorted(rows_of(item))]
    return report


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print the table, and what the long runs have to tell."""
    told = [
        (name, str(value))
        for report in terminalreporter.getreports("passed")
        if report.when == "call"
        for name, value in report.user_properties
    ]
    for name, value in told:
        if name == TOLD:
            terminalreporter.write_line(value)
    if specs() is None:
        terminalreporter.write_line(
            "the services' own documents are not at hand: requests were not judged by them"
        )
    shown = Counter(value for name, value in told if name == ROW)
    if not shown:
        return
    terminalreporter.section("rows of the feature table that scenarios showed working")
    for row, title in ROWS.items():
        terminalreporter.write_line(f"{row:>5}  {shown[row]:>3} scenarios  {title}")


def rows_of(item: pytest.Item) -> set[str]:
    """The rows that a test shows, by its name and its markers."""
    named = row_of(item.name)
    marked = {row for mark in item.iter_markers("rows") for row in mark.args}
    return marked | ({named} if named else set())
