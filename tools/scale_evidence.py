#!/usr/bin/env python3
"""How fast a large case is exported and verified, beside sha256sum on the same bytes.

    scale_evidence.py --binary PATH --frames DIR --scratch DIR [--originals 5000] [--gigabytes 7]

Takes radiometric frames, makes as many originals of them as asked for, each with bytes of its own
behind the picture's end (which readers skip) up to the size that makes the total, inspects them,
and then measures export, verify of the folder, and a run of sha256sum over the originals: seconds
by the clock, seconds of processor, and the most memory at once. One export is killed half-way and
started again: what it had copied is not copied twice. Everything is removed at the end.

Each measurement is of files that were read before, as far as memory holds them.
"""

import argparse
import hashlib
import json
import os
import pathlib
import resource
import shutil
import signal
import subprocess
import sys
import time

SETTINGS = """format_version = 1
case_number = "scale"
[privacy]
frames_outside = "keep"
"""


def measured(name, command, good=(0, 6, 7)):
    """Runs a command; tells wall and processor seconds and the most memory."""
    begun = time.monotonic()
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    out = process.stdout.read()
    _, status, used = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    wall = time.monotonic() - begun
    if process.returncode not in good:
        sys.exit(f"{name}: exit code {process.returncode}")
    cpu = used.ru_utime + used.ru_stime
    print(f"{name}: {wall:.1f} s, {cpu:.1f} s of processor, {used.ru_maxrss / 1024:.0f} MB at most",
          flush=True)
    return out, wall, cpu


def make(frames, folder, count, total):
    """As many files as asked for, in all of that many bytes."""
    folder.mkdir(parents=True)
    # Not held: the system counts a process's memory from before it became another program.
    sources = [path for path in sorted(frames.iterdir())
               if path.suffix.lower() in (".jpg", ".jpeg")]
    if not sources:
        sys.exit(f"{frames}: no JPEG")
    for number in range(count):
        source = sources[number % len(sources)].read_bytes()
        tail = max(64, total // count - len(source))
        seed = hashlib.sha256(str(number).encode()).digest()
        filler = (seed * (tail // len(seed) + 1))[:tail]
        (folder / f"SCALE_{number:05}_T.jpg").write_bytes(source + filler)


def killed_half_way(command, out, originals):
    """Kills an export once half of the originals are there; gives how many were."""
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while process.poll() is None:
        there = sum(len(list(folder.iterdir())) for folder in out.glob("*.partial/data/originals"))
        if there > originals // 2:
            process.send_signal(signal.SIGKILL)
            process.wait()
            return there
        time.sleep(0.05)
    sys.exit("the export was over before it could be killed")


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n\n")[0])
    parser.add_argument("--binary", required=True)
    parser.add_argument("--frames", type=pathlib.Path, required=True)
    parser.add_argument("--scratch", type=pathlib.Path, required=True)
    parser.add_argument("--originals", type=int, default=5000)
    parser.add_argument("--gigabytes", type=float, default=7.0)
    told = parser.parse_args()
    binary = os.path.abspath(told.binary)
    scratch = told.scratch / "scale-evidence"
    try:
        flight, case, out = scratch / "flight", scratch / "c.case", scratch / "out"
        make(told.frames, flight, told.originals, int(told.gigabytes * 1e9))
        measured("inspect", [binary, "inspect", flight, "--case", case, "--json"])
        export = [binary, "export", case, "--profile", "full", "--person", "O", "--json"]
        findings = json.loads((case / "findings.geojson").read_text())["features"]
        print(f"{told.originals} originals, {len(findings)} findings", flush=True)
        every(binary, case, findings)
        sums = ["sh", "-c", f"cd '{flight}' && sha256sum * > /dev/null"]
        _, wall, cpu = measured("sha256sum of the originals", sums)
        there = killed_half_way([*export, "--out", out], out, told.originals)
        print(f"killed after {there} originals", flush=True)
        measured("export, from where it was killed", [*export, "--out", out])
        text, export_wall, export_cpu = measured("export", [*export, "--out", scratch / "again"])
        package = json.loads(text)["package"]
        if package is None:
            sys.exit(text.decode())
        _, verify_wall, verify_cpu = measured("verify", [binary, "verify", package, "--json"])
        for name, one, other in (("export", export_wall, export_cpu),
                                 ("verify", verify_wall, verify_cpu)):
            print(f"{name} / sha256sum: {one / wall:.2f} by the clock, {other / cpu:.2f} of processor")
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    most = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    print(f"most memory of any: {most:.0f} MB")


def every(binary, case, findings):
    """Settings and decisions that the profile wants."""
    with open(case / "evidence.toml", "w") as handle:
        handle.write(SETTINGS.replace("[privacy]", "\n".join(
            f'{name} = "x"' for name in
            ("purpose", "legal_basis", "mandate", "clock_source", "dpia")) + "\n[privacy]"))
    for finding in findings:
        subprocess.run([binary, "decide", case, finding["id"], "--accept", "--reason", "seen",
                        "--person", "I"], check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    main()
