"""`fly` and `collect` on a simulated vehicle, and what they leave in pymavlink.

    python3 tools/peers/fly.py --binary target/release/torenvalk

`fly` sends a survey, starts it and follows it; `collect` listens to the same vehicle as a second
station and fetches the frames from the vehicle's card. Both must tell the same pictures, find something while it is flown, and leave a recording
that pymavlink reads. A second flight without a yes must not start. A third listener is killed when
it has told its first findings: they must be in its case, and all but the last second recorded.
"""

import argparse
import json
import os
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import threading
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402


def check(what, holds):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print(f"  {what}")


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def lines(output):
    return [json.loads(line) for line in output.splitlines() if line.startswith("{")]


def recorded(tlog):
    log = mavutil.mavlink_connection(tlog)
    kinds = {}
    while True:
        message = log.recv_match()
        if message is None:
            return kinds
        kinds[message.get_type()] = kinds.get(message.get_type(), 0) + 1


def kill_at_a_finding(process, told):
    for line in process.stdout:
        if json.loads(line).get("event") == "finding":
            told.append(line)
            break
    process.at = time.time()
    process.kill()
    process.wait()


def last_stamp(tlog):
    log, last = mavutil.mavlink_connection(tlog), 0.0
    while (message := log.recv_match()) is not None:
        last = message._timestamp
    return last


def run(binary, autopilot, speedup, folder):
    print(f"{autopilot}:")
    port = free_port()
    here = os.path.join(folder, autopilot)
    frames, survey = os.path.join(here, "frames"), os.path.join(here, "survey.plan")
    os.makedirs(here)
    subprocess.run([binary, "sim", "vehicle", "--survey", survey], check=True)
    vehicle = subprocess.Popen(
        [binary, "sim", "vehicle", "--autopilot", autopilot, "--frames", frames,
         "--listen", f"udpin:127.0.0.1:{port}", "--speedup", str(speedup),
         "--armed-after-upload", "20"], stderr=subprocess.DEVNULL)
    address = f"udpout:127.0.0.1:{port}"
    try:
        time.sleep(0.3)
        collect = subprocess.Popen(
            [binary, "collect", "--link", address, "--until-landed", "--json",
             "--fetch", "/frames", "--frames", os.path.join(here, "fetched"),
             "--case", os.path.join(here, "collected.case")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        killed = subprocess.Popen(
            [binary, "collect", "--link", address, "--frames", frames, "--json",
             "--case", os.path.join(here, "killed.case")],
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        streamed = []
        killer = threading.Thread(target=kill_at_a_finding, args=(killed, streamed))
        killer.start()
        refused = subprocess.run(
            [binary, "fly", survey, "--link", address, "--json",
             "--case", os.path.join(here, "refused.case")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        check("without a yes nothing starts",
              refused.returncode == 7 and lines(refused.stdout)[-1]["state"] == "not started")
        flown = subprocess.run(
            [binary, "fly", survey, "--link", address, "--yes-start", "--json", "--frames", frames,
             "--case", os.path.join(here, "flown.case")],
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if flown.returncode != 0:
            print(flown.stderr)
        check("it is flown to its end", flown.returncode == 0)
        end = lines(flown.stdout)[-1]
        check(f"{end['pictures']} pictures told, {end['frames']} files, none missing",
              end["state"] == "landed" and end["frames"] == end["pictures"] > 20
              and end["gaps"] == [])
        found = [line for line in lines(flown.stdout) if line.get("event") == "finding"]
        early = [line for line in found if line["frames_inspected"] < end["frames"]]
        check(f"{len(early)} of {len(found)} findings came while it was flown", early)
        output, _ = collect.communicate(timeout=120)
        collected = lines(output)[-1]
        check("collect fetched the same over the link, to the byte", all(
            open(os.path.join(folder_of, name), "rb").read()
            == open(os.path.join(frames, name), "rb").read()
            for folder_of in [os.path.join(here, "fetched")]
            for name in os.listdir(frames)))
        check("collect saw the same", collect.returncode == 0 and
              (collected["pictures"], collected["frames_seen"]) == (end["pictures"], end["frames"]))
        check("and inspected all of it", collected["inspected"] == end["frames"])
        for name in ("flown", "collected"):
            kinds = recorded(os.path.join(here, f"{name}.flight-1", "flight.tlog"))
            told = kinds.get("CAMERA_FEEDBACK", 0) + kinds.get("CAMERA_IMAGE_CAPTURED", 0)
            with sqlite3.connect(os.path.join(here, f"{name}.case", "case.gpkg")) as case:
                runs = [json.loads(told) for told, in
                        case.execute("select parameters from runs order by fid")]
                current, = case.execute("select parameters from runs where current").fetchone()
                kept, = case.execute("select count(*) from frames").fetchone()
                findings, = case.execute("select count(*) from findings where current").fetchone()
            check(f"the case of {name} has {len(runs)} runs, the current one over every frame",
                  "more_to_come" not in json.loads(current) and kept == end["frames"]
                  and all("more_to_come" in told for told in runs[:-1])
                  and findings == end["findings"])
            check(f"pymavlink reads {sum(kinds.values())} messages of {name}",
                  told == end["pictures"] and kinds.get("ATTITUDE", 0) > 100)
        killer.join()
        with sqlite3.connect(os.path.join(here, "killed.case", "case.gpkg")) as case:
            kept, = case.execute("select count(*) from findings where current").fetchone()
        check(f"what a killed collect told ({len(streamed)}) is among its case's {kept} findings",
              0 < len(streamed) <= kept)
        last = last_stamp(os.path.join(here, "killed.flight-1", "flight.tlog"))
        check(f"its recording ends {killed.at - last:.2f} s before it was killed",
              killed.at - last < 1.0)
        with open(os.path.join(here, "flown.flight-1", "flight.geojsonl")) as stream:
            roles = [json.loads(line)["properties"]["role"] for line in stream]
        check("the map's file has every picture", roles.count("photo") == end["pictures"])
    finally:
        vehicle.send_signal(signal.SIGINT)
        vehicle.wait(20)


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--speedup", type=float, default=40.0)
    parser.add_argument("--autopilot", choices=["ardupilot", "px4"])
    args = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        for autopilot in [args.autopilot] if args.autopilot else ["ardupilot", "px4"]:
            run(os.path.abspath(args.binary), autopilot, args.speedup, folder)


main()
