#!/usr/bin/env python3
"""Draws thermal frames of solar parks with planted defects, and their labels.

    tools/solar_frames.py park --seeds 1-40
    torenvalk detect --json --profile pv --scale 0.01 --offset -273.15 park/*.tif |
        torenvalk evaluate - park/truth.csv --list 0

Each seed is a park of its own: tables of modules of 60 or 72 cells or of half cells, upright or
lying, modules of 12 to 60 px, seen from straight above or up to 25 degrees aslant; with the warmth of
junction boxes, droppings, cells and grass between, sensor noise and shading. Planted are cells,
sections with a bypass diode of their own, whole modules and strings of them. Sizes and contrasts are
our own invention. A label reaches a third of its longer side, at least 3 px; what the border cuts, and
droppings, are to be ignored. Frames are centikelvin in TIFF. Needs numpy and scipy.
"""

import argparse
import csv
import math
import pathlib
import struct

import numpy as np
from scipy.ndimage import gaussian_filter

SAMPLES = 2  # a pixel, along each side
SECTIONS = 3  # bypass diodes a module
CELLS_ACROSS = 6
# Cells along a module, and its length over its width.
MODULES = {"60": (10, (1.62, 1.70)), "72": (12, (1.90, 2.00)), "half cells": (20, (1.55, 2.00))}
MARGIN_M = 0.4  # from the line of a row of tables to its first module
FIELD_M = 1000.0  # all that is drawn lies this far in, so that tables are counted from 0
KELVIN = 273.15


class Camera:
    """Pixels and metres of the plane that the tables lie in, one a projective map of the other."""

    def __init__(self, dice, short_m):
        self.width, self.height = (640, 512) if dice.random() < 0.7 else (336, 256)
        focal_px = self.width / (2 * math.tan(math.radians(dice.uniform(30, 57)) / 2))
        largest_px = 60 if self.width == 640 else 32
        self.module_px = math.exp(dice.uniform(math.log(12), math.log(largest_px)))
        away_m = focal_px * short_m / self.module_px
        tilt = math.radians(dice.uniform(0, 25)) if dice.random() < 0.7 else 0.0
        turn = dice.uniform(0, 2 * math.pi)
        if dice.random() < 0.3:
            turn = dice.choice([0, math.pi / 2]) + dice.normal(0, 0.05)
        lens = np.array([[focal_px, 0, self.width / 2], [0, focal_px, self.height / 2], [0, 0, 1]])
        sin, cos = math.sin(tilt), math.cos(tilt)
        tilted = np.array([[1, 0, 0], [0, cos, away_m * sin], [0, -sin, away_m * cos]])
        sin, cos = math.sin(turn), math.cos(turn)
        turned = np.array([[cos, -sin, 0], [sin, cos, 0], [0, 0, 1]])
        # The middle of the picture looks at some place within the field.
        east_m, north_m = FIELD_M + dice.uniform(0, 50, 2)
        moved = np.array([[1, 0, -east_m], [0, 1, -north_m], [0, 0, 1]])
        ahead = np.array([[1, 0, 0], [0, 1, -away_m * math.tan(tilt)], [0, 0, 1]])
        self.from_plane = lens @ tilted @ ahead @ turned @ moved
        self.to_plane = np.linalg.inv(self.from_plane)

    def plane(self):
        """The place of each sample: across and along the rows of tables."""
        rows, columns = np.mgrid[0 : self.height * SAMPLES, 0 : self.width * SAMPLES]
        return through(self.to_plane, (columns + 0.5) / SAMPLES, (rows + 0.5) / SAMPLES)

    def holds(self, corners):
        x, y = corners
        return x.min() > 1 and y.min() > 1 and x.max() < self.width - 1 and y.max() < self.height - 1

    def touches(self, corners):
        x, y = corners
        return x.max() > 0 and y.max() > 0 and x.min() < self.width and y.min() < self.height


def through(matrix, x, y):
    """Places through a projective map."""
    x, y, w = (row[0] * x + row[1] * y + row[2] for row in matrix)
    return x / w, y / w


class Park:
    """Tables in rows, modules in tables, and which module each sample shows."""

    def __init__(self, dice):
        self.short_m = dice.uniform(0.99, 1.13)
        self.kind = str(dice.choice(list(MODULES)))
        self.cells, (low, high) = MODULES[self.kind]
        self.long_m = self.short_m * dice.uniform(low, high)
        self.camera = Camera(dice, self.short_m)
        self.upright = dice.random() < 0.5
        self.rows = int(dice.choice([1, 2, 2, 3] if self.upright else [2, 3, 4, 5]))
        self.columns = int(dice.integers(6, 29))
        # A table that leans looks shorter from above.
        leaning = math.cos(math.radians(dice.uniform(0, 35)))
        gap_m = dice.uniform(0.01, 0.03)
        sides = (self.short_m, self.long_m * leaning)
        if not self.upright:
            sides = (self.long_m, self.short_m * leaning)
        self.module_m = np.array(sides) + gap_m
        self.table_m = self.module_m * (self.columns, self.rows)
        self.apart_m = self.table_m + (dice.uniform(0.2, 1.0), dice.uniform(1.0, 5.0))
        self.shifts_m = dice.uniform(0, self.apart_m[0], 4096)
        self.place()

    def place(self):
        u, v = self.camera.plane()
        line = np.floor(v / self.apart_m[1]).astype(int)
        along = u + self.shifts_m[line % len(self.shifts_m)]
        table = np.floor(along / self.apart_m[0]).astype(int)
        in_u, in_v = along - table * self.apart_m[0], v - line * self.apart_m[1] - MARGIN_M
        self.on = (in_u >= 0) & (in_u < self.table_m[0]) & (in_v >= 0) & (in_v < self.table_m[1])
        self.behind_m = in_v - self.table_m[1]
        column = np.clip(np.floor(in_u / self.module_m[0]), 0, self.columns - 1).astype(int)
        row = np.clip(np.floor(in_v / self.module_m[1]), 0, self.rows - 1).astype(int)
        # Shares of a module's own sides.
        self.across = np.clip(in_u / self.module_m[0] - column, 0, 1)
        self.down = np.clip(in_v / self.module_m[1] - row, 0, 1)
        self.first = (line.min(), table.min())
        self.size = (np.ptp(line) + 1, np.ptp(table) + 1, self.rows, self.columns)
        self.module = np.ravel_multi_index(
            (line - self.first[0], table - self.first[1], row, column), self.size
        )

    def shares(self):
        """Across the short side and along the long one."""
        return (self.across, self.down) if self.upright else (self.down, self.across)

    def corners(self, module, short=(0.0, 1.0), long=(0.0, 1.0)):
        """Of a part of a module, by shares of its sides, in pixels."""
        line, table, row, column = np.unravel_index(module, self.size)
        line, table = line + self.first[0], table + self.first[1]
        (u0, u1), (v0, v1) = (short, long) if self.upright else (long, short)
        left = table * self.apart_m[0] - self.shifts_m[line % len(self.shifts_m)]
        top = line * self.apart_m[1] + MARGIN_M
        u = left + (column + np.array([u0, u1, u1, u0])) * self.module_m[0]
        v = top + (row + np.array([v0, v0, v1, v1])) * self.module_m[1]
        return through(self.camera.from_plane, u, v)


def noise(dice, shape, steepness, deviation):
    """Ground whose amplitude falls with a power of the frequency."""
    fy, fx = np.fft.fftfreq(shape[0])[:, None], np.fft.rfftfreq(shape[1])[None]
    frequency = np.maximum(np.hypot(fy, fx), 1 / max(shape))
    size = (shape[0], shape[1] // 2 + 1)
    waves = (dice.standard_normal(size) + 1j * dice.standard_normal(size)) / frequency**steepness
    ground = np.fft.irfft2(waves, s=shape)
    return (ground - ground.mean()) / ground.std() * deviation


def usual(dice, park):
    """How warm each sample of a park is where nothing is wrong."""
    lines, tables, rows, columns = park.size
    warmth = dice.normal(0, dice.uniform(0.05, 0.35), park.size)
    warmth += dice.normal(0, dice.uniform(0, 1), (lines, tables, 1, 1)) * np.linspace(-1, 1, columns)
    warmth += dice.normal(0, 0.4, (lines, tables, 1, 1))
    warmth += dice.normal(0, 0.3) * np.linspace(-1, 1, rows)[:, None]
    frame = warmth.ravel()[park.module]
    middle = np.maximum(abs(park.across - 0.5), abs(park.down - 0.5))
    frame = frame + dice.uniform(0, 1) * (0.5 - middle) + dice.normal(0, 0.3) * (park.down - 0.5)
    short, long = park.shares()
    if dice.random() < 0.35:
        between = np.maximum(
            abs(short * CELLS_ACROSS % 1 - 0.5), abs(long * park.cells % 1 - 0.5)
        )
        frame = frame - dice.uniform(0.03, 0.12) * (between > 0.4)
    if dice.random() < 0.6:
        boxes = [(0.5, 0.1)]
        if park.kind == "half cells":
            boxes = [(1 / 6, 0.5), (0.5, 0.5), (5 / 6, 0.5)]
        size_m, kelvin = dice.uniform(0.04, 0.08), dice.uniform(0.5, 3)
        for at in boxes:
            own = kelvin * (1 + 0.2 * dice.standard_normal(park.size).ravel())[park.module]
            frame = frame + own * hump(park, at, size_m)
    return frame


def hump(park, at, size_m):
    """A Gaussian on every module."""
    short, long = park.shares()
    off = ((short - at[0]) * park.short_m) ** 2 + ((long - at[1]) * park.long_m) ** 2
    return np.exp(-off / (2 * size_m**2))


def lined(dice, park, frame):
    """Lines between modules, warmer or colder than these."""
    width_px = dice.uniform(1.0, min(3.0, max(1.3, 0.1 * park.camera.module_px)))
    half_m = width_px / park.camera.module_px * park.short_m / 2
    kelvin = dice.uniform(0.3, 1.5) * dice.choice([-1, 1])
    from_side = np.minimum(
        np.minimum(park.across, 1 - park.across) * park.module_m[0],
        np.minimum(park.down, 1 - park.down) * park.module_m[1],
    )
    if park.kind == "half cells":
        _, long = park.shares()
        middle = abs(long - 0.5) * park.long_m < half_m
        frame = frame + dice.uniform(-0.4, 0.4) * kelvin * middle
    return np.where(from_side < half_m, kelvin, frame)


class Defects:
    """What is planted, one thing a module, and its labels."""

    def __init__(self, dice, park):
        self.dice, self.park, self.labels = dice, park, []
        self.warmth = np.zeros(park.module.shape)
        seen = np.unique(park.module[park.on])
        whole = [one for one in seen if park.camera.holds(park.corners(one))]
        self.free = [int(one) for one in dice.permutation(whole)]

    def plant(self):
        for some, one in [
            (self.dice.random() < 0.35, self.string),
            (self.dice.integers(0, 4), self.module),
            (self.dice.integers(0, 3), self.section),
            (self.dice.integers(0, 5), self.cell),
            (self.dice.integers(0, 6), self.dropping),
        ]:
            for _ in range(int(some)):
                if self.free:
                    one(self.free.pop())

    def warm(self, module, kelvin, where=True):
        self.warmth += kelvin * (where & self.park.on & (self.park.module == module))

    def label(self, name, module, kelvin, short=(0.0, 1.0), long=(0.0, 1.0), ignored=False):
        x, y = corners = self.park.corners(module, short, long)
        if not self.park.camera.touches(corners):
            return
        sides = np.hypot(np.diff(x[:3]), np.diff(y[:3]))
        ignored = ignored or not self.park.camera.holds(corners)
        self.labels.append({
            "x_px": f"{x.mean():.2f}",
            "y_px": f"{y.mean():.2f}",
            "radius_px": f"{max(3.0, sides.max() / 3):.2f}",
            "polarity": "cold" if kelvin < 0 else "hot",
            "delta_k": f"{kelvin:.2f}",
            "class": name,
            "role": "ignore" if ignored else "target",
        })

    def string(self, module):
        *table, column = np.unravel_index(module, self.park.size)
        length = int(self.dice.integers(3, min(self.park.columns, 12) + 1))
        first = min(column, self.park.columns - length)
        kelvin = self.dice.uniform(1.5, 6)
        for at in range(first, first + length):
            one = int(np.ravel_multi_index((*table, at), self.park.size))
            self.free = [other for other in self.free if other != one]
            self.warm(one, kelvin * self.dice.uniform(0.85, 1.15))
            self.label("string", one, kelvin)

    def module(self, module):
        kelvin = self.dice.uniform(1.5, 8)
        self.warm(module, kelvin)
        self.label("module", module, kelvin)

    def section(self, module):
        kelvin = self.dice.uniform(2, 10)
        count = 2 if self.dice.random() < 0.25 else 1
        first = self.dice.integers(0, SECTIONS + 1 - count)
        start, end = first / SECTIONS, (first + count) / SECTIONS
        short, _ = self.park.shares()
        self.warm(module, kelvin, (short >= start) & (short < end))
        self.label("substring", module, kelvin, (start, end))

    def cell(self, module):
        kelvin = math.exp(self.dice.uniform(math.log(2), math.log(30)))
        across = int(self.dice.integers(CELLS_ACROSS))
        along = int(self.dice.integers(self.park.cells))
        short, long = self.park.shares()
        own = (np.floor(short * CELLS_ACROSS) == across) & (np.floor(long * self.park.cells) == along)
        self.warm(module, kelvin * self.dice.uniform(0.8, 1), own)
        start, end = across / CELLS_ACROSS, along / self.park.cells
        reach = (start, start + 1 / CELLS_ACROSS), (end, end + 1 / self.park.cells)
        self.label("hot_cell", module, kelvin, *reach)

    def dropping(self, module):
        at = self.dice.uniform(0.1, 0.9, 2)
        kelvin = self.dice.uniform(0.5, 1.5) * self.dice.choice([-1, 1])
        self.warm(module, kelvin * hump(self.park, at, self.dice.uniform(0.02, 0.06)))
        reach = [(share - 0.05, share + 0.05) for share in at]
        self.label("dropping", module, kelvin, *reach, ignored=True)


def drawn(seed):
    """A frame in degrees Celsius, and its labels."""
    dice = np.random.default_rng(seed)
    park = Park(dice)
    defects = Defects(dice, park)
    defects.plant()
    base = dice.uniform(20, 45)
    frame = base + lined(dice, park, usual(dice, park) + defects.warmth)
    steepness, deviation = dice.uniform(0.6, 1.8), dice.uniform(0.2, 2)
    ground = base + dice.uniform(-10, 6) + noise(dice, frame.shape, steepness, deviation)
    if dice.random() < 0.5:
        # Ground in the shade of a table.
        shade = (park.behind_m > 0) & (park.behind_m < 0.6)
        ground = ground - dice.uniform(1, 5) * shade
    frame = np.where(park.on, frame, ground)
    frame = frame + shading(dice, frame.shape)
    frame = gaussian_filter(frame, dice.uniform(0.5, 0.85) * SAMPLES)
    size = (park.camera.height, park.camera.width)
    frame = frame.reshape(size[0], SAMPLES, size[1], SAMPLES).mean((1, 3))
    return frame + dice.normal(0, dice.uniform(0.03, 0.1), size), defects.labels


def shading(dice, shape):
    """A slope and a vignette."""
    y, x = (np.linspace(-0.5, 0.5, side) for side in shape)
    turn = dice.uniform(0, 2 * math.pi)
    slope = math.cos(turn) * x + math.sin(turn) * y[:, None]
    return dice.uniform(0, 4) * slope + dice.uniform(0, 3) * (x**2 + y[:, None] ** 2)


def tiff(frame):
    """Centikelvin in one strip (TIFF 6.0, section 3)."""
    counts = np.clip(np.round((frame + KELVIN) * 100), 1, 65_535).astype("<u2").tobytes()
    height, width = frame.shape
    short, long = 3, 4
    fields = [
        (256, long, width), (257, long, height), (258, short, 16), (259, short, 1),
        (262, short, 1), (273, long, 0), (277, short, 1), (278, long, height),
        (279, long, len(counts)), (339, short, 1),
    ]
    start = 8 + 2 + 12 * len(fields) + 4
    entries = [
        struct.pack("<HHII", tag, kind, 1, start if tag == 273 else value)
        for tag, kind, value in fields
    ]
    head = struct.pack("<2sHIH", b"II", 42, 8, len(fields))
    return head + b"".join(entries) + bytes(4) + counts


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("out", type=pathlib.Path, help="folder for frames and truth.csv")
    parser.add_argument("--seeds", default="1-20", help="first-last")
    arguments = parser.parse_args()
    first, last = (int(end) for end in arguments.seeds.split("-"))
    arguments.out.mkdir(parents=True, exist_ok=True)
    names = ["file", "x_px", "y_px", "radius_px", "polarity", "delta_k", "class", "role"]
    with open(arguments.out / "truth.csv", "w", newline="", encoding="utf-8") as file:
        table = csv.DictWriter(file, names)
        table.writeheader()
        for seed in range(first, last + 1):
            frame, labels = drawn(seed)
            name = f"park-{seed:04}.tif"
            (arguments.out / name).write_bytes(tiff(frame))
            table.writerows({"file": name, **label} for label in labels)
            if not labels:
                table.writerow({"file": name})
            print(f"{name}: {len(labels)} labels", flush=True)


if __name__ == "__main__":
    main()
