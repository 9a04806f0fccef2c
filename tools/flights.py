#!/usr/bin/env python3
"""How good findings are over many simulated flights: precision, recall, places, confidence.

    tools/flights.py --program target/release/torenvalk --seeds 101-130
    tools/flights.py --program target/release/torenvalk --seeds 201-260 --varied
    tools/flights.py --program target/release/torenvalk --seeds 1001-1160 --varied --weigh

Each seed is a flight of its own (`sim-scene`), inspected without being told anything of it and held
against what was planted (`evaluate`). With --varied ground, camera, spots, height and overlap are
another way in each. Recall counts spots that show from --from-k on in the frames and that enough
frames hold, precision all findings. A pair of numbers behind a share is its Wilson interval of 95 %.
--weigh prints CONSTANT and WEIGHTS for src/fuse/confidence.rs instead. --params names a file of what
else the flights have (as `truth.json` words it); what stands behind -- goes to `inspect`. Needs
nothing but Python.
"""

import argparse
import collections
import json
import math
import pathlib
import random
import sqlite3
import subprocess
import tempfile

VIEWS = 3
SUREST, MOST_VIEWS, CONTRASTS_K = 0.9995, 8, (0.2, 20.0)  # as in src/fuse/confidence.rs
NEAR_M, EARTH_M = 3.0, 6_371_000.0
ODD = {"drifts_with_camera", "moves", "sensor_fixed"}  # no things on the ground


def share(count, of):
    """A share of so many, with its interval."""
    if of == 0:
        return "none"
    z, p = 1.96, count / of
    middle = (p + z * z / (2 * of)) / (1 + z * z / of)
    reach = z / (1 + z * z / of) * math.sqrt(p * (1 - p) / of + z * z / (4 * of * of))
    return f"{p:.4f} ({count} of {of}; {middle - reach:.4f} to {min(1.0, middle + reach):.4f})"


def run(*command):
    done = subprocess.run([str(word) for word in command], capture_output=True, text=True)
    if done.returncode != 0:
        raise SystemExit(f"{' '.join(map(str, command))}: {done.stderr.strip()}")
    return done.stdout


def varied(seed):
    """Another ground, camera, height and overlap, and how many spots."""
    dice = random.Random(seed)
    params = {
        "spots": {
            "contrast_k": [dice.choice([0.5, 1.0, 2.0]), dice.choice([6.0, 20.0])],
            "sigma_m": [0.1, dice.uniform(0.5, 1.5)],
        },
        "ground": {
            "texture_k": dice.uniform(0.15, 1.3),
            "roughness": dice.uniform(0.4, 0.66),
            "asset_spread_k": dice.uniform(0.3, 2.5),
        },
        "camera": {
            "noise_k": dice.uniform(0.03, 0.1),
            "fixed_pattern_k": dice.uniform(0.01, 0.08),
            "vignette_k": dice.uniform(0.0, 1.0),
            "drift_k": dice.uniform(0.0, 1.0),
            "stuck_pixels": dice.choice([0, 3, 6]),
        },
        "flight": {
            "altitude_m": dice.uniform(75.0, 120.0),
            "overlap_front": dice.uniform(0.3, 0.82),
            "overlap_side": dice.uniform(0.2, 0.7),
        },
    }
    return params, dice.choice([10, 25, 40, 60])


def fly(arguments, folder, seed, *options):
    """What `evaluate` says, the spots, and the findings with the scores of their views."""
    frames, case, truth = folder / "frames", folder / "flight.case", folder / "truth.json"
    program, spots, params = arguments.program, arguments.spots, folder / "params.json"
    told = json.loads(arguments.params.read_text()) if arguments.params else {}
    if arguments.varied:
        told, spots = varied(seed)
    params.write_text(json.dumps(told))
    run(program, "sim-scene", "--out", frames, "--seed", seed, "--spots", spots, "--params", params)
    # Beside the frames it would be a file that was skipped.
    (frames / "truth.json").rename(truth)
    run(program, "inspect", frames, "--case", case, *options)
    # All misses, of which those are picked here that count.
    wanted = ["--from-k", 0, "--list", 100_000, "--json"]
    report = json.loads(run(program, "evaluate", case, truth, *wanted))
    with sqlite3.connect(case / "case.gpkg") as tables:
        findings = list(tables.execute(
            "SELECT id, views_possible, confidence, delta_k, reasons, lat, lon FROM findings"
        ))
        views = collections.defaultdict(list)
        for finding, score in tables.execute("SELECT finding, score FROM observations"):
            views[finding].append(score)
    planted = json.loads(truth.read_text())
    right, aside = judged([(*row[-2:], row[3]) for row in findings], planted)
    rows = [
        (at in right, views[name], possible, told, delta_k, bool(ODD & set(json.loads(reasons))))
        for at, (name, possible, told, delta_k, reasons, *_) in enumerate(findings)
        if at not in aside
    ]
    return report, planted["spots"], rows


def judged(findings, planted):
    """Which of (lat, lon, kelvin) are spots, the nearest first, and which are assets that look so.

    Unlike `evaluate` it knows no spot that nobody could find: whether it is one is all that counts.
    """
    def pairs(things, within_m):
        for at, (lat, lon, delta_k) in enumerate(findings):
            for number, thing in enumerate(things):
                east = math.radians(lon - thing["lon"]) * math.cos(math.radians(lat))
                apart_m = EARTH_M * math.hypot(east, math.radians(lat - thing["lat"]))
                if apart_m < within_m and (delta_k > 0) == (thing["delta_k"] > 0):
                    yield apart_m, at, number
    right, taken = set(), set()
    for _, at, number in sorted(pairs(planted["spots"], NEAR_M)):
        if at not in right and number not in taken:
            right.add(at)
            taken.add(number)
    aside = {at for _, at, _ in pairs(planted["round_assets"], NEAR_M)} - right
    return right, aside


def weighed(rows):
    """A logistic regression by Newton's steps: constant and weights."""
    points = []
    for right, scores, possible, _, delta_k, odd in rows:
        if len(scores) < 2 or 2 * len(scores) < possible or odd:
            continue
        chances = [min(max(score, 1 - SUREST), SUREST) for score in scores]
        odds = sum(math.log(chance / (1 - chance)) for chance in chances) / len(chances)
        often = math.log(min(len(scores), MOST_VIEWS))
        contrast = math.log(min(max(abs(delta_k), CONTRASTS_K[0]), CONTRASTS_K[1]))
        points.append(([1.0, odds, len(scores) / possible, often, contrast], right))
    weights = [0.0] * len(points[0][0])
    for _ in range(50):
        every = range(len(weights))
        slope, bend = [0.0 for _ in every], [[1e-6 * (a == b) for b in every] for a in every]
        for point, right in points:
            odds = sum(w * x for w, x in zip(weights, point))
            chance = 1 / (1 + math.exp(-min(max(odds, -30.0), 30.0)))
            for a in every:
                slope[a] += (right - chance) * point[a]
                for b in every:
                    bend[a][b] += chance * (1 - chance) * point[a] * point[b]
        weights = [w + step for w, step in zip(weights, solved(bend, slope))]
    return weights, len(points)


def solved(matrix, right):
    """The solution of a small system, by elimination with pivots."""
    rows = [row + [value] for row, value in zip(matrix, right)]
    for at in range(len(rows)):
        best = max(range(at, len(rows)), key=lambda row: abs(rows[row][at]))
        rows[at], rows[best] = rows[best], rows[at]
        rows[at] = [value / rows[at][at] for value in rows[at]]
        for row in range(len(rows)):
            if row != at:
                factor = rows[row][at]
                rows[row] = [a - factor * b for a, b in zip(rows[row], rows[at])]
    return [row[-1] for row in rows]


def calibration(rows):
    """From each confidence on: how many findings, how sure they are said to be and how many are."""
    rows = [(told, right) for right, _, _, told, *_ in rows]
    for least in (0.9, 0.7, 0.5):
        some = [(told, right) for told, right in rows if told >= least]
        if some:
            said = sum(told for told, _ in some) / len(some)
            right = sum(right for _, right in some) / len(some)
            print(f"confidence from {least}     {len(some)} of {said:.3f}, {right:.3f} right")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default="target/release/torenvalk")
    parser.add_argument("--seeds", default="101-120", help="first-last")
    parser.add_argument("--spots", type=int, default=40, help="planted a flight")
    parser.add_argument("--from-k", type=float, default=2.0)
    what = parser.add_mutually_exclusive_group()
    what.add_argument("--varied", action="store_true", help="each flight another way")
    what.add_argument("--params", type=pathlib.Path, help="JSON for sim-scene")
    parser.add_argument("--weigh", action="store_true", help="weigh confidence anew")
    parser.add_argument("inspect", nargs="*", help="options of inspect, behind --")
    arguments = parser.parse_args()
    first, last = (int(end) for end in arguments.seeds.split("-"))
    sums, wrong, missed, rows = collections.Counter(), [], [], []
    options = [*arguments.inspect, *(["--least-confidence", 0] if arguments.weigh else [])]
    for seed in range(first, last + 1):
        with tempfile.TemporaryDirectory() as folder:
            told, spots, own = fly(arguments, pathlib.Path(folder), seed, *options)
        rows += own
        if arguments.weigh:
            print(f"seed {seed}: {sum(row[0] for row in own)} of {len(own)} right", flush=True)
            continue
        views = {spot["id"]: spot["views"] for spot in spots}
        often = [s for s in spots if s["views"] >= VIEWS and abs(s["seen_delta_k"]) >= arguments.from_k]
        names = {spot["id"] for spot in often}
        lost = [miss for miss in told["worst_missed"] if miss["name"] in names]
        if len(told["worst_missed"]) < told["missed"]:
            raise SystemExit(f"seed {seed}: not all of {told['missed']} misses are told")
        often_seen = [row for row in own if len(row[1]) >= VIEWS]
        sums.update(
            right_often=sum(row[0] for row in often_seen),
            often=len(often_seen),
            right=told["right"],
            findings=told["right"] + told["wrong"],
            labels=len(often),
            lost=len(lost),
            held=told["inside_ellipse95"]["count"],
            placed=told["inside_ellipse95"]["of"],
            hundredths_of_a_hectare=round(100 * told["hectares"]),
        )
        wrong += [(miss["score"], seed, miss) for miss in told["worst_wrong"]]
        missed += [(abs(miss["delta_k"]), seed, miss, views[miss["name"]]) for miss in lost]
        print(
            f"seed {seed}: {told['right']} right, {told['wrong']} wrong, {len(lost)} of "
            f"{len(often)} missed, median {told['position']['median']:.2f} m",
            flush=True,
        )
    if arguments.weigh:
        (constant, *weights), count = weighed(rows)
        print(f"of {count}: CONSTANT {constant:.3f}, WEIGHTS {[round(w, 3) for w in weights]}")
        return
    print(f"precision               {share(sums['right'], sums['findings'])}")
    print(f"  of {VIEWS}+ views          {share(sums['right_often'], sums['often'])}")
    print(
        f"recall from {arguments.from_k:g} K, {VIEWS}+ views "
        f"{share(sums['labels'] - sums['lost'], sums['labels'])}"
    )
    print(f"inside the 95 % ellipse {share(sums['held'], sums['placed'])}")
    calibration(rows)
    print(f"seen                    {sums['hundredths_of_a_hectare'] / 100:.0f} ha")
    for score, seed, miss in sorted(wrong, key=lambda row: -row[0])[:10]:
        print(f"  wrong  seed {seed} {miss['name']} {miss['delta_k']:+.1f} K, score {score:.2f}")
    for _, seed, miss, views in sorted(missed, key=lambda row: -row[0])[:10]:
        print(f"  missed seed {seed} {miss['name']} {miss['delta_k']:+.1f} K in {views} frames")


if __name__ == "__main__":
    main()
