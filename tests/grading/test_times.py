"""Times of hand-in are read as what they say, and refused by name where that is in doubt."""

from datetime import datetime

import pytest

from autograder.grading.course import time_remarks, timestamp
from autograder.grading.times import moment


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("2026-11-20 12:00:00 UTC", 12),
        ("2026-11-20 12:00:00.000000 UTC\n", 12),
        ("2026-11-20 12:00", 12),
        ("2026-11-20T12:00:00Z", 12),
        ("2026-11-20 13:30:00 +02:00", 11.5),
        ("2026-11-20 13:30:00+0200", 11.5),
        ("2026-11-20 13:30:00 UTC-05:30", 19),
        ("2026-11-20 13:00:00 Europe/Berlin", 12),
        ("2026-07-20 13:00:00 Europe/Berlin", 11),
    ],
)
def test_a_time_is_the_moment_that_it_names(text, hour):
    found = moment(text)
    assert found.hour + found.minute / 60 == hour
    assert found.tzinfo is None


@pytest.mark.parametrize("zone", ["CEST", "MESZ", "EST", "CST", "Mars/Olympus", "<b>", "+99:99"])
def test_zones_in_doubt_are_refused_by_name(tmp_path, zone):
    (tmp_path / "timestamp.txt").write_text(f"2026-11-20 13:30:00 {zone}")
    assert timestamp(tmp_path) is None
    (remark,) = time_remarks(tmp_path)
    assert remark.startswith(f"timestamp.txt names the zone {zone.strip('<>')}, which means")


@pytest.mark.parametrize(
    "text", ["", "last Tuesday", "2026-13-40 12:00 UTC", "20.11.2026 12:00", "2026-11-20"]
)
def test_what_is_no_time_is_said(tmp_path, text):
    (tmp_path / "timestamp.txt").write_text(text)
    assert timestamp(tmp_path) is None
    assert "holds no time, such as" in time_remarks(tmp_path)[0]


def test_nbgrader_reads_what_is_written(tmp_path):
    from nbgrader.utils import parse_utc

    (tmp_path / "timestamp.txt").write_text("2026-11-20 13:30:00 +02:00")
    assert parse_utc(timestamp(tmp_path)) == datetime(2026, 11, 20, 11, 30)
    assert time_remarks(tmp_path) == []
    assert time_remarks(tmp_path / "nowhere") == []
