"""Small pictures for the people of the sandbox: pixel art, painted into PNGs without a library."""

import struct
import zlib

CELL = 12  # pixels to a cell; a picture is 14 x 14 cells, the drawing and a margin of one
GRID = 14

Colour = tuple[int, int, int]


def _rgb(text: str) -> Colour:
    return int(text[0:2], 16), int(text[2:4], 16), int(text[4:6], 16)


_INKS = {
    "b": _rgb("a9714b"),  # capybara
    "d": _rgb("7d4f33"),
    "k": _rgb("22202b"),  # eyes
    "o": _rgb("f4a259"),  # cat
    "q": _rgb("ffc9d2"),
    "w": _rgb("fff8ef"),
    "s": _rgb("c9d3df"),  # robot
    "c": _rgb("19d3c5"),
    "a": _rgb("ff5d73"),
    "f": _rgb("ee7337"),  # fox
    "p": _rgb("7b5ea7"),  # owl
    "l": _rgb("a48bd0"),
    "y": _rgb("ffc145"),
    "g": _rgb("4f9d4a"),  # cactus, and the leaves in the gourd
    "h": _rgb("7fc46b"),
    "t": _rgb("c96f4a"),
    "v": _rgb("ef6f9f"),  # octopus
    "n": _rgb("8a5a34"),  # gourd
    "m": _rgb("e8edf2"),
    "r": _rgb("b98252"),
}

# Each row is a whole one (12 cells) or a left half (6 cells) to be mirrored; a dot is the ground.
_DRAWINGS: dict[str, tuple[str, str, str]] = {
    "capybara": (
        "8fd3c1",
        "4fa3a5",
        """......
           ..bd..
           ..bbbb
           ..bbbb
           .bbbbb
           .bkbbb
           .bbbbb
           .bbddd
           .bbdkd
           .bbddd
           ..bddd
           ...bbb""",
    ),
    "cat": (
        "7aa8f0",
        "4d6fd0",
        """......
           .o....
           .oo...
           .oqo..
           .ooooo
           .ooooo
           .owkoo
           .owkoo
           .oooqq
           .owooo
           ..owoo
           ...ooo""",
    ),
    "robot": (
        "5b6478",
        "343a4a",
        """.....a
           .....s
           ..ssss
           .sssss
           .skkkk
           .skckk
           .skckk
           .skkkk
           .sssss
           ..sskk
           ...sss
           ....ss""",
    ),
    "fox": (
        "ffe3a8",
        "f7b267",
        """......
           .f....
           .ff...
           .fkf..
           .fffff
           .fffff
           .fkfff
           .wwfff
           .wwwff
           ..wwww
           ...www
           ....kk""",
    ),
    "owl": (
        "2f3f73",
        "1c2548",
        """......
           ..p...
           ..pp..
           ..pppp
           .pwwwp
           .pwkwp
           .pwwwp
           .ppppy
           .plplp
           .pplpl
           ..pppp
           ...y..""",
    ),
    "cactus": (
        "ffd6c0",
        "ffb199",
        """....hh
           ....hg
           .h..gg
           .g..hg
           .g..gg
           .ggggh
           ..gggg
           ....gh
           ....gg
           ...ttt
           ...ttt
           ....tt""",
    ),
    "octopus": (
        "3fb8c9",
        "1f7a99",
        """......
           ...vvv
           ..vvvv
           .vvvvv
           .vwwvv
           .vwkvv
           .vvvvv
           .vvvvq
           .vvvvv
           .v.vv.
           .v.v..
           v..v..""",
    ),
    "ghost": (
        "b48ce8",
        "7447b8",
        """......
           ...www
           ..wwww
           .wwwww
           .wwkww
           .wwkww
           .wwwww
           .wqwwk
           .wwwwk
           .wwwww
           .wwwww
           .w.ww.""",
    ),
    "gourd": (
        "b7e4a1",
        "5fae6b",
        """.........mm.
           ........m...
           ...ghgg.m...
           ..ghgghgmg..
           ..rnnnnnnr..
           ...nnnnnn...
           ..nnnnnnnn..
           .nrrnnnnnnn.
           .nrnnnnnnnn.
           .nnnnnnnnnn.
           ..nnnnnnnn..
           ...nnnnnn...""",
    ),
}
NAMES = tuple(_DRAWINGS)


def portrait(name: str) -> bytes:
    """The PNG of one of `NAMES`, 168 x 168 pixels.

    Raises:
        KeyError: There is no such drawing.
    """
    top, bottom, drawing = _DRAWINGS[name]
    rows = [_whole(row.strip()) for row in drawing.splitlines()]
    cells = ["." * GRID, *(f".{row}." for row in rows), "." * GRID]
    return _png(_pixels(cells, _rgb(top), _rgb(bottom)), GRID * CELL)


def _whole(row: str) -> str:
    return row if len(row) == GRID - 2 else row + row[::-1]


def _pixels(cells: list[str], top: Colour, bottom: Colour) -> bytes:
    """Filter bytes and RGB rows; the ground fades from the one colour to the other."""
    side, lines = GRID * CELL, bytearray()
    for y in range(side):
        ground = bytes(a + (b - a) * y // side for a, b in zip(top, bottom, strict=True))
        row = b"".join(bytes(_INKS.get(cell, ground)) * CELL for cell in cells[y // CELL])
        lines += b"\x00" + row
    return bytes(lines)


def _png(rows: bytes, side: int) -> bytes:
    head = struct.pack(">IIBBBBB", side, side, 8, 2, 0, 0, 0)
    parts = ((b"IHDR", head), (b"IDAT", zlib.compress(rows, 9)), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(_chunk(kind, data) for kind, data in parts)


def _chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
