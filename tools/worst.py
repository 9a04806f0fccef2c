#!/usr/bin/env python3
"""Draws a detector's worst misses and worst false alarms on scenes with planted truth.

    torenvalk detect --json SCENE/frames/*.tif > spots.ndjson
    tools/worst.py --least-score 0.3 --out worst.png spots.ndjson SCENE [spots.ndjson SCENE …]

Worst are the strongest sources that no spot lies on, and the spots with the highest score on no source.
Columns of SCENE/truth.csv as for tools/weigh.py, and delta_k, sigma_major_px, sigma_minor_px. Needs
numpy and Pillow.
"""

import argparse
import json
import math
import pathlib

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from weigh import are_sources, truth_of

SIDE, HALF, ACROSS = 240, 40, 6


def crop(frame, x, y, told):
    """A square around a place, stretched to its own range, with a cross and what is told of it."""
    left, top = int(x) - HALF, int(y) - HALF
    padded = np.pad(frame, 2 * HALF, mode="edge")
    part = padded[top + 2 * HALF : top + 4 * HALF, left + 2 * HALF : left + 4 * HALF].astype(float)
    low, high = np.percentile(part, (1, 99.5))
    grey = np.clip((part - low) / max(high - low, 1) * 255, 0, 255).astype(np.uint8)
    tile = Image.new("RGB", (SIDE, SIDE + 44), "white")
    tile.paste(Image.fromarray(grey).resize((SIDE, SIDE), Image.Resampling.NEAREST))
    draw, middle = ImageDraw.Draw(tile), SIDE / 2
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        near, far = (14, 30)
        line = [middle + dx * near, middle + dy * near, middle + dx * far, middle + dy * far]
        draw.line(line, fill=(255, 160, 0), width=2)
    draw.multiline_text((4, SIDE + 3), told, fill="black", font=ImageFont.load_default(12))
    return tile


def radius_of(row):
    return max(3.0, float(row["radius_px"]))


def why_missed(row, spots, sources, size):
    """What is there instead."""
    x, y = float(row["x_px"]), float(row["y_px"])
    if min(x, y, size[0] - x, size[1] - y) < 2 * float(row["sigma_major_px"]):
        return "the picture's border cuts it"
    for other in sources:
        apart = math.hypot(float(other["x_px"]) - x, float(other["y_px"]) - y)
        reach = 2.5 * (float(row["sigma_major_px"]) + float(other["sigma_major_px"]))
        stronger = abs(float(other["delta_k"])) > abs(float(row["delta_k"]))
        if other is not row and stronger and apart < reach:
            return "a stronger neighbour fills its ring"
    near = [s for s in spots if math.hypot(s["x_px"] - x, s["y_px"] - y) < 2.5 * radius_of(row)]
    same = [s for s in near if s["polarity"] == row["polarity"]]
    if same:
        return "taken as one with a neighbour"
    return "only the other polarity is seen" if near else "nothing is seen"


def why_wrong(spot, sources):
    near = []
    for row in sources:
        apart = math.hypot(spot["x_px"] - float(row["x_px"]), spot["y_px"] - float(row["y_px"]))
        if apart < 2.5 * float(row["sigma_major_px"]):
            near.append(spot["polarity"] == row["polarity"])
    if near:
        of_both = "a third spot that holds two sources"
        of_one = "a second spot on one source" if any(near) else "halo of the other polarity"
        return of_both if sum(near) > 1 else of_one
    return "ground or roof edge, " + (" ".join(spot["reasons"]) or "no reason against it")


def gathered(spots_file, scene, least_score):
    truth, missed, wrong = truth_of([scene]), [], []
    for line in open(spots_file):
        row = json.loads(line)
        file = pathlib.Path(row["file"])
        sources = truth.get((scene.resolve(), file.name), [])
        spots = [s for s in row["detections"] if s["score"] >= least_score]
        found = are_sources(spots, sources)
        right = [spot for spot, is_source in zip(spots, found) if is_source]
        frame = np.asarray(Image.open(scene / "frames" / file.name))
        for source in sources:
            hit = are_sources(right, [source])
            if not any(hit):
                why = why_missed(source, spots, sources, frame.shape[::-1])
                told = f"{float(source['delta_k']):+.1f} K, {float(source['sigma_major_px']):.0f} by " \
                       f"{float(source['sigma_minor_px']):.0f} px\n{why}"
                place = float(source["x_px"]), float(source["y_px"])
                missed.append((abs(float(source["delta_k"])), frame, place, told))
        for spot, is_source in zip(spots, found):
            if not is_source:
                told = f"score {spot['score']:.2f}, {spot['delta_k']:+.1f} K\n" \
                       f"{why_wrong(spot, sources)}"
                wrong.append((spot["score"], frame, (spot["x_px"], spot["y_px"]), told))
    return missed, wrong


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--least-score", type=float, default=0.3)
    parser.add_argument("--out", type=pathlib.Path, required=True)
    parser.add_argument("pairs", nargs="+", help="NDJSON and scene, one after the other")
    arguments = parser.parse_args()
    missed, wrong = [], []
    for spots, scene in zip(arguments.pairs[::2], arguments.pairs[1::2]):
        more = gathered(spots, pathlib.Path(scene), arguments.least_score)
        missed, wrong = missed + more[0], wrong + more[1]
    sheet = Image.new("RGB", (ACROSS * (SIDE + 8), 2 * (SIDE + 78)), "white")
    draw = ImageDraw.Draw(sheet)
    for at, (title, worst) in enumerate((("Strongest sources missed", missed),
                                         ("Surest false alarms", wrong))):
        top = at * (SIDE + 78)
        draw.text((4, top + 6), title, fill="black", font=ImageFont.load_default(16))
        worst.sort(key=lambda one: -one[0])
        for number, (_, frame, (x, y), told) in enumerate(worst[:ACROSS]):
            sheet.paste(crop(frame, x, y, told), (number * (SIDE + 8), top + 28))
    sheet.save(arguments.out, optimize=True)


if __name__ == "__main__":
    main()
