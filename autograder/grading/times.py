"""When something was handed in: a text is read as the moment it names, or refused with the word in doubt."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

WHEN = re.compile(r"(\d{4}-\d\d-\d\d)[ T](\d\d:\d\d(?::\d\d(?:\.\d{1,6})?)?) ?(\S*)")
OFFSET = re.compile(r"(?:UTC|GMT)?([+-])(\d\d):?(\d\d)")
FARTHEST = timedelta(hours=14)
NO_TIME = "holds no time, such as 2026-11-20 12:00:00 UTC"
NO_ZONE = (
    "names the zone {}, which means one thing here and another there: write +02:00, UTC or Europe/Berlin"
)


def moment(text: str) -> datetime:
    """The moment that a text names, in UTC and without a zone, as nbgrader keeps it; by default it is UTC.

    Raises ValueError, the end of a sentence, for what cannot be read without doubt, such as CEST.
    """
    found = WHEN.fullmatch(text.strip())
    if not found:
        raise ValueError(NO_TIME)
    day, time, zone = found.groups()
    where = _zone(zone)
    try:
        local = datetime.fromisoformat(f"{day} {time}").replace(tzinfo=where)
        return local.astimezone(UTC).replace(tzinfo=None)
    except (ValueError, OverflowError):
        raise ValueError(NO_TIME) from None


def _zone(word: str) -> tzinfo:
    if word.upper() in ("", "Z", "UTC", "GMT"):
        return UTC
    if found := OFFSET.fullmatch(word):
        sign, hours, minutes = found.groups()
        ahead = timedelta(hours=int(hours), minutes=int(minutes))
        if ahead <= FARTHEST:
            return timezone(-ahead if sign == "-" else ahead)
    if "/" in word:  # short names, such as CST and CEST, are several zones or none
        try:
            return ZoneInfo(word)
        except (ZoneInfoNotFoundError, ValueError, OSError):
            pass
    named = "".join(c for c in word if c.isalnum() or c in "+-:/")[:20]
    raise ValueError(NO_ZONE.format(named))
