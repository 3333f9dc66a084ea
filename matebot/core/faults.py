"""What may be said of an error that nobody foresaw."""

import traceback
from pathlib import PurePath


def whereabouts(error: BaseException) -> str:
    """What was raised and where, without its text, which may hold people's words or a secret."""
    frames = traceback.extract_tb(error.__traceback__)[-3:]
    places = (f"{PurePath(each.filename).name}:{each.lineno} {each.name}" for each in frames)
    return " < ".join((type(error).__name__, *reversed(list(places))))
