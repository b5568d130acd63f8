"""Aids for long cells."""

import statistics

from coursekit.training import side_by_side


def test_jobs_side_by_side_come_back_in_their_order(capsys):
    jobs = [{"data": range(n), "n": 2} for n in (7, 3, 11, 5)]
    assert side_by_side(statistics.quantiles, jobs, "halving") == [[3.0], [1.0], [5.0], [2.0]]
