#!/usr/bin/env python3
"""How good findings are over many simulated flights: precision, recall, places.

    tools/flights.py --program target/release/torenvalk --seeds 101-130

Each seed is a flight of its own (`sim-scene`), inspected without being told anything of it and held
against what was planted (`evaluate`). Recall counts spots that show from --from-k on in the frames
and that enough frames hold, precision all findings. A pair of numbers behind a share is its Wilson
interval of 95 %. Needs nothing but Python.
"""

import argparse
import collections
import json
import math
import pathlib
import subprocess
import tempfile

VIEWS = 3


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


def fly(program, folder, seed, spots, from_k):
    frames, case, truth = folder / "frames", folder / "flight.case", folder / "truth.json"
    run(program, "sim-scene", "--out", frames, "--seed", seed, "--spots", spots)
    # Beside the frames it would be a file that was skipped.
    (frames / "truth.json").rename(truth)
    run(program, "inspect", frames, "--case", case)
    report = run(program, "evaluate", case, truth, "--from-k", from_k, "--json")
    return json.loads(report), json.loads(truth.read_text())["spots"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--program", type=pathlib.Path, default="target/release/torenvalk")
    parser.add_argument("--seeds", default="101-120", help="first-last")
    parser.add_argument("--spots", type=int, default=40, help="planted a flight")
    parser.add_argument("--from-k", type=float, default=2.0)
    arguments = parser.parse_args()
    first, last = (int(end) for end in arguments.seeds.split("-"))
    sums, wrong, missed = collections.Counter(), [], []
    for seed in range(first, last + 1):
        with tempfile.TemporaryDirectory() as folder:
            told, spots = fly(
                arguments.program, pathlib.Path(folder), seed, arguments.spots, arguments.from_k
            )
        views = {spot["id"]: spot["views"] for spot in spots}
        often = [s for s in spots if s["views"] >= VIEWS and abs(s["seen_delta_k"]) >= arguments.from_k]
        names = {spot["id"] for spot in often}
        lost = [miss for miss in told["worst_missed"] if miss["name"] in names]
        if len(told["worst_missed"]) < told["missed"]:
            raise SystemExit(f"seed {seed}: not all of {told['missed']} misses are told")
        sums.update(
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
    print(f"precision               {share(sums['right'], sums['findings'])}")
    print(
        f"recall from {arguments.from_k:g} K, {VIEWS}+ views "
        f"{share(sums['labels'] - sums['lost'], sums['labels'])}"
    )
    print(f"inside the 95 % ellipse {share(sums['held'], sums['placed'])}")
    print(f"seen                    {sums['hundredths_of_a_hectare'] / 100:.0f} ha")
    for score, seed, miss in sorted(wrong, key=lambda row: -row[0])[:10]:
        print(f"  wrong  seed {seed} {miss['name']} {miss['delta_k']:+.1f} K, score {score:.2f}")
    for _, seed, miss, views in sorted(missed, key=lambda row: -row[0])[:10]:
        print(f"  missed seed {seed} {miss['name']} {miss['delta_k']:+.1f} K in {views} frames")


if __name__ == "__main__":
    main()
