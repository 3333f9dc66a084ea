"""Points on the map as people read and open them. Pure."""


def coordinates(latitude: float, longitude: float) -> str:
    """Degrees north and east, such as ``-30.034600, -51.217700``: 0.1 m apart at the last digit."""
    return f"{latitude:.6f}, {longitude:.6f}"


def map_link(latitude: float, longitude: float) -> str:
    """The address of a map that shows the point."""
    north, east = f"{latitude:.6f}", f"{longitude:.6f}"
    return f"https://www.openstreetmap.org/?mlat={north}&mlon={east}#map=17/{north}/{east}"
