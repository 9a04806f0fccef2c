#!/usr/bin/env python3
"""Weighs the detector's measures anew: prints CONSTANT, WEIGHTS and BEND for src/detect/chance.rs.

    cargo bench --bench weigh -- SCENE/frames/*.tif … > measures.ndjson
    tools/weigh.py measures.ndjson SCENE…

A scene is a folder with `truth.csv`, one row a planted source: columns file, polarity (hot or cold),
x_px and y_px from the outer corner of the first pixel, radius_px. A frame belongs to the scene whose
folder is in its path. Of spots that overlap only the likeliest is a candidate, so weighing goes two
rounds: by prominence, then by the first round's chance. Needs numpy.
"""

import argparse
import collections
import csv
import json
import math
import pathlib
import sys

import numpy as np

TOLERANCE_PX = 3.0
OVERLAP, ALIKE, SAME_PLACE_PX, TOP, RISES = 0.8, 0.4, 3.0, 0.7, 1.25  # as in src/detect/overlap.rs
PIECES, AS_LIKELY = 2, 0.5  # as there
MOST_ODDS = 8.0  # as in src/detect/chance.rs
WIDE = 1 << 4  # the bit of a reason, as in src/detect/detection.rs


def truth_of(scenes):
    """(scene folder, file name) -> rows"""
    rows = collections.defaultdict(list)
    for scene in scenes:
        with open(scene / "truth.csv", newline="") as file:
            for row in csv.DictReader(file):
                rows[scene.resolve(), row["file"]].append(row)
    return rows


def radius(spot):
    return math.sqrt(spot["area_px"] / math.pi)


def same_thing(a, b):
    small, large = sorted((a, b), key=radius)
    apart = math.hypot(a["x_px"] - b["x_px"], a["y_px"] - b["y_px"])
    alike = radius(small) > ALIKE * radius(large)
    top = apart < SAME_PLACE_PX and abs(small["delta"]) < TOP * abs(large["delta"])
    near = apart < max(SAME_PLACE_PX, OVERLAP * radius(large))
    on_frame = not any(spot["reasons"] & WIDE for spot in (a, b))
    rises = on_frame and abs(small["delta"]) > RISES * abs(large["delta"])
    return a["polarity"] == b["polarity"] and near and (alike and not rises or top)


def kept(spots, worth, chance=None):
    """The best of those that are the same thing, but a whole for its top."""

    def is_whole_of(worse, better):
        a, b = spots[worse], spots[better]
        apart = math.hypot(a["x_px"] - b["x_px"], a["y_px"] - b["y_px"])
        top = apart < SAME_PLACE_PX and abs(b["delta"]) < TOP * abs(a["delta"])
        likely = chance is None or chance[worse] >= AS_LIKELY * chance[better]
        return a["area_px"] > b["area_px"] and top and likely

    out = []
    for at in sorted(range(len(spots)), key=lambda at: -worth[at]):
        same = [other for other in out if same_thing(spots[at], spots[other])]
        if all(is_whole_of(at, other) for other in same):
            out = [other for other in out if other not in same] + [at]
    return out


def is_piece(piece, whole):
    left, top, width, height = whole["bbox_px"]
    inside = left <= piece["x_px"] <= left + width and top <= piece["y_px"] <= top + height
    alike = radius(piece) > ALIKE * radius(whole) and piece["area_px"] < whole["area_px"]
    return piece["polarity"] == whole["polarity"] and inside and alike


def without_several(spots, stay, chance):
    """Without what is only several others together."""

    def is_several(at):
        pieces = [o for o in stay if is_piece(spots[o], spots[at])]
        return sum(chance[o] >= AS_LIKELY * chance[at] for o in pieces) >= PIECES

    return [at for at in stay if not is_several(at)]


def are_sources(spots, sources):
    """For each spot whether it is a source; a source is one spot's, the nearest pairs first."""
    pairs = []
    for at, spot in enumerate(spots):
        for number, row in enumerate(sources):
            reach = max(TOLERANCE_PX, float(row["radius_px"]))
            dx, dy = spot["x_px"] - float(row["x_px"]), spot["y_px"] - float(row["y_px"])
            apart = math.hypot(dx, dy) / reach
            if spot["polarity"] == row["polarity"] and apart <= 1:
                pairs.append((apart, at, number))
    taken, found = set(), [False] * len(spots)
    for _, at, number in sorted(pairs):
        if not found[at] and number not in taken:
            found[at] = True
            taken.add(number)
    return found


def regression(measures, is_source, ridge=1.0):
    """Log-odds by iteratively reweighted least squares; the ridge is on standardised measures."""
    middle, spread = measures.mean(0), measures.std(0) + 1e-9
    design = np.column_stack([np.ones(len(measures)), (measures - middle) / spread])
    penalty = ridge * np.eye(design.shape[1])
    penalty[0, 0] = 0
    weights = np.zeros(design.shape[1])
    for _ in range(50):
        chance = 1 / (1 + np.exp(-design @ weights))
        slope = design.T @ (is_source - chance) - penalty @ weights
        curve = (design.T * (chance * (1 - chance))) @ design + penalty
        step = np.linalg.solve(curve, slope)
        weights += step
        if abs(step).max() < 1e-9:
            break
    per_measure = weights[1:] / spread
    return weights[0] - per_measure @ middle, per_measure


def bend(odds, is_source):
    """Constant and weights of the log-odds and their square, for chances as often right as they say."""
    odds = np.clip(odds, -MOST_ODDS, MOST_ODDS)
    constant, weights = regression(np.column_stack([odds, odds**2]), is_source)
    return [constant, *weights]


def weighed(frames, rounds=2):
    """CONSTANT, WEIGHTS and BEND."""
    weights = None
    for _ in range(rounds):
        measures, is_source = [], []
        for spots, values, sources in frames:
            if weights is None:
                worth = [s["prominence"] * (0.4 if s["reasons"] & WIDE else 1) for s in spots]
            else:
                worth = weights[0] + values @ weights[1]
            chance = None if weights is None else 1 / (1 + np.exp(-worth))
            stay = kept(spots, worth, chance)
            if weights is not None:
                stay = without_several(spots, stay, chance)
            measures += [values[at] for at in stay]
            is_source += are_sources([spots[at] for at in stay], sources)
        measures, is_source = np.array(measures), np.array(is_source, float)
        weights = regression(measures, is_source)
        print(f"{len(is_source)} candidates, {is_source.sum():.0f} sources", file=sys.stderr)
    return *weights, bend(weights[0] + measures @ weights[1], is_source)


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("measures", type=pathlib.Path)
    parser.add_argument("scenes", type=pathlib.Path, nargs="+")
    arguments = parser.parse_args()
    truth, frames = truth_of(arguments.scenes), []
    with open(arguments.measures) as lines:
        names = json.loads(next(lines))["measures"]
        for line in lines:
            row = json.loads(line)
            file = pathlib.Path(row["file"]).resolve()
            sources = truth.get((file.parent.parent, file.name), [])
            spots = [spot["detection"] for spot in row["spots"]]
            values = np.array([spot["measures"] for spot in row["spots"]]).reshape(-1, len(names))
            frames.append((spots, values, sources))
    constant, weights, bent = weighed(frames)
    print(f"const CONSTANT: f64 = {constant:.4f};")
    for name, weight in zip(names, weights):
        print(f"    {weight:.4f}, // {name}")
    print(f"const BEND: [f64; 3] = [{', '.join(f'{of:.4f}' for of in bent)}];")


if __name__ == "__main__":
    main()
