"""The simulated vehicle against pymavlink as its ground station.

    python3 tools/peers/vehicle.py --binary target/release/torenvalk

For each autopilot: uploads a survey, reads it back and compares by that autopilot's rules, sends a
fence and rally points, reads parameters, a parameter file and a log, asks for messages, flies the
survey to its end, and holds pictures against triggers. Ends with an error at the first thing that is
not as a real vehicle has it.
"""

import argparse
import math
import os
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import time

os.environ["MAVLINK20"] = "1"
os.environ["MAVLINK_DIALECT"] = "ardupilotmega"
from pymavlink import mavutil  # noqa: E402
from pymavlink.mavwp import MAVWPLoader  # noqa: E402

MISSION, FENCE, RALLY = 0, 1, 2


def free_port():
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def check(what, holds):
    if not holds:
        sys.exit(f"FAILED: {what}")
    print(f"  {what}")


class Station:
    """A ground station of pymavlink, on one link."""

    def __init__(self, port):
        self.link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=255)
        self.mav = self.link.mav
        self.beat = 0.0
        self.seen = {}

    def wait(self, kinds, seconds=10.0, matches=lambda message: True):
        """The next message of some kinds; None when the time is over."""
        end = time.time() + seconds
        while time.time() < end:
            if time.time() - self.beat > 0.5:
                self.beat = time.time()
                self.mav.heartbeat_send(6, 8, 0, 0, 4)
            message = self.link.recv_match(blocking=True, timeout=0.1)
            if message is None:
                continue
            kind = message.get_type()
            self.seen[kind] = self.seen.get(kind, 0) + 1
            if kind in kinds and matches(message):
                return message
        return None

    def command(self, command, *params):
        params = (list(params) + [0.0] * 7)[:7]
        self.mav.command_long_send(1, 1, command, 0, *params)
        ack = self.wait({"COMMAND_ACK"}, 5.0, lambda ack: ack.command == command)
        return None if ack is None else ack.result

    def upload(self, items, kind):
        """Sends a list; the requests that came, and the result."""
        self.mav.mission_count_send(1, 1, len(items), kind)
        requests = []
        while True:
            message = self.wait({"MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"}, 5.0)
            if message is None:
                return requests, None
            if message.get_type() == "MISSION_ACK":
                if message.type == 13:
                    continue
                return requests, message.type
            requests.append(message.get_type())
            frame, command, params, x, y, z = items[message.seq]
            self.mav.mission_item_int_send(
                1, 1, message.seq, frame, command, 0, 1, *params, x, y, z, kind)

    def download(self, kind):
        self.mav.mission_request_list_send(1, 1, kind)
        count = self.wait({"MISSION_COUNT"}, 5.0, lambda count: count.mission_type == kind).count
        items = []
        for seq in range(count):
            self.mav.mission_request_int_send(1, 1, seq, kind)
            items.append(self.wait({"MISSION_ITEM_INT"}, 5.0, lambda item: item.seq == seq))
        self.mav.mission_ack_send(1, 1, 0, kind)
        return items


def load(file, autopilot):
    """Items of a .waypoints file as they must go to an autopilot."""
    loader = MAVWPLoader()
    loader.load(file)
    items = []
    for at in range(loader.count()):
        item = loader.wp(at)
        place = item.frame in (0, 3, 10)
        scale = 1e7 if place else 1
        params = [item.param1, item.param2, item.param3, item.param4]
        if autopilot == "ardupilot":
            params = [0.0 if math.isnan(param) and item.command in (16, 22) else param
                      for param in params]
        # ArduPilot refuses NaN in the rates of a gimbal.
        if autopilot == "ardupilot":
            params = [0.0 if math.isnan(param) else param for param in params]
        x, y = round(item.x * scale), round(item.y * scale)
        items.append((item.frame, item.command, params, x, y, item.z))
    return items if autopilot == "ardupilot" else items[1:]


def compare(sent, got, autopilot):
    first = 1 if autopilot == "ardupilot" else 0
    frames = {6: 3, 2: 0} if autopilot == "ardupilot" else {}
    for number, (a, b) in enumerate(zip(sent[first:], got[first:])):
        frame, command, params, x, y, z = a
        same = (frames.get(frame, frame), command, x, y) == (b.frame, b.command, b.x, b.y)
        if not same or abs(z - b.z) > 0.006:
            sys.exit(f"FAILED: item {number}: {a} came back as {b}")
        for one, other in zip(params, [b.param1, b.param2, b.param3, b.param4]):
            if not (math.isnan(one) and math.isnan(other)) and abs(one - other) > 1e-3:
                sys.exit(f"FAILED: item {number}: {a} came back as {b}")


def transfer(station, opcode, size=0, offset=0, data=b"", session=0, seq=0):
    payload = struct.pack("<HBBBBBBI", seq, session, opcode, size or len(data), 0, 0, 0, offset)
    payload = (payload + data).ljust(251, b"\0")
    station.mav.file_transfer_protocol_send(0, 1, 1, list(payload))


def answer(station, seconds=3.0):
    message = station.wait({"FILE_TRANSFER_PROTOCOL"}, seconds)
    if message is None:
        return None
    raw = bytes(message.payload)
    seq, session, opcode, size, asked, complete, _, offset = struct.unpack("<HBBBBBBI", raw[:12])
    return opcode, session, asked, complete, offset, raw[12:12 + size]


def read_file(station, name):
    """A whole file by bursts."""
    transfer(station, 2)
    answer(station)
    transfer(station, 4, data=name.encode())
    opcode, session, *_ = answer(station)
    if opcode != 128:
        return None
    transfer(station, 15, size=239, session=session)
    parts = {}
    while True:
        opcode, _, _, _, offset, data = answer(station)
        if opcode != 128:
            break
        parts[offset] = data
    transfer(station, 1, session=session)
    answer(station)
    return b"".join(parts[at] for at in sorted(parts))


def lists(station, autopilot, survey):
    ardupilot = autopilot == "ardupilot"
    requests, result = station.upload(survey, MISSION)
    check(f"{len(survey)} items are taken", result == 0)
    kinds = set(requests)
    check("they are asked for as this autopilot asks",
          kinds == {"MISSION_REQUEST"} if ardupilot else
          requests[0] == "MISSION_REQUEST" and set(requests[1:]) == {"MISSION_REQUEST_INT"})
    compare(survey, station.download(MISSION), autopilot)
    check("and read back to the same, by its rules", True)
    corner = survey[-2][3:5] if survey[-2][3] else survey[4][3:5]
    fence = [(0, 5001, [3.0, 0, 0, 0], corner[0] + dx, corner[1] + dy, 0.0)
             for dx, dy in ((0, 0), (90000, 0), (0, 90000))]
    check("a fence is taken", station.upload(fence, FENCE)[1] == 0)
    rally = [(3, 5100, [0.0] * 4, corner[0], corner[1], 30.0)]
    check("a rally point is taken", station.upload(rally, RALLY)[1] == 0)
    check("both come back", len(station.download(FENCE)) == 3 and
          len(station.download(RALLY)) == 1)
    station.mav.mission_clear_all_send(1, 1, 255)
    ack = station.wait({"MISSION_ACK"}, 3.0)
    check("clearing all at once is as it is there", ack.type == (3 if ardupilot else 0))
    if not ardupilot:
        check("and all are gone", len(station.download(FENCE)) == 0)
        check("the survey is taken again", station.upload(survey, MISSION)[1] == 0)
    refused = [(3, 16, [float("nan"), 0, 0, 0], *corner, 20.0)]
    if ardupilot:
        check("NaN in parameter 1 is refused",
              station.upload([survey[0]] + refused, MISSION)[1] == 6)
        check("too many are refused", station.upload(survey[:1] * 5000, MISSION)[1] == 4)
    else:
        above = [(10, 16, [0.0] * 4, *corner, 20.0)]
        check("heights above terrain are refused", station.upload(above, MISSION)[1] == 2)
        global_do = [(3, 206, [10.0, 0, 0, 0], 0, 0, 0.0)]
        check("DO_ in a global frame is refused", station.upload(global_do, MISSION)[1] == 3)
        check("and the old mission stays", len(station.download(MISSION)) == len(survey))
    check("an unknown command is refused",
          station.upload([survey[0], (2, 4242, [0.0] * 4, 0, 0, 0.0)], MISSION)[1] == 3)
    check("the survey is taken once more", station.upload(survey, MISSION)[1] == 0)


def state(station, autopilot):
    ardupilot = autopilot == "ardupilot"
    station.mav.param_request_list_send(1, 1)
    count, got = None, set()
    while True:
        value = station.wait({"PARAM_VALUE"}, 2.0)
        if value is None:
            break
        count = value.param_count
        if value.param_index != 65535:
            got.add(value.param_index)
    missing = sorted(set(range(count)) - got)
    print(f"  {len(missing)} of {count} parameters were lost on the way")
    for index in missing:
        # Loopback loses what a slow reader does not fetch in time.
        station.mav.param_request_read_send(1, 1, b"", index)
        value = station.wait({"PARAM_VALUE"}, 3.0, lambda value: value.param_index == index)
        got.update(set() if value is None else {value.param_index})
    check(f"{count} parameters, gaps filled",
          len(got) == count == (1394 if ardupilot else 908))
    name = b"SYSID_THISMAV" if ardupilot else b"MAV_SYS_ID"
    station.mav.param_request_read_send(1, 1, name, -1)
    value = station.wait({"PARAM_VALUE"}, 3.0).param_value
    as_bits = struct.unpack("<i", struct.pack("<f", value))[0]
    check("integers are encoded as they are there", (value if ardupilot else as_bits) == 1)
    if ardupilot:
        packed = read_file(station, "@PARAM/param.pck")
        magic, count, _ = struct.unpack("<HHH", packed[:6])
        check("parameters come packed by file transfer", (magic, count) == (0x671B, 1394))
    else:
        check("there is no packed file", read_file(station, "@PARAM/param.pck") is None)
    check("a message is sent when asked for", station.command(512, 148) == 0)
    check("an unknown command is unsupported", station.command(31999) == 3)
    check("an unknown message is refused", station.command(512, 397) == (4 if ardupilot else 0))
    station.mav.timesync_send(0, 123456789)
    sync = station.wait({"TIMESYNC"}, 3.0, lambda sync: sync.tc1 != 0)
    check("TIMESYNC keeps our stamp and has nanoseconds since boot",
          sync.ts1 == 123456789 and 0 < sync.tc1 < 600e9)
    check("a camera tells what it is", station.command(512, 259) == 0)
    check("a gimbal is taken over", station.command(1001, 255, 190, -1, -1, 0, 0, 1) == 0)
    check("and its manager tells of it", station.command(512, 281) == 0)


def fly(station, autopilot, survey, frames):
    ardupilot = autopilot == "ardupilot"
    if not ardupilot:
        check("a start right after an upload is refused", station.command(300) == 2)
    if ardupilot:
        check("GUIDED", station.command(176, 1, 4) == 0)
        check("armed", station.command(400, 1) == 0)
        check("AUTO", station.command(176, 1, 3) == 0)
    # PX4 takes a start some seconds of its own time after an upload.
    tries = (station.command(300) for _ in range(60) if station.wait(set(), 0.5) is None)
    check("the mission starts", 0 in tries)
    pictures, reached, top, end = [], [], 0.0, None
    kinds = {"CAMERA_FEEDBACK", "CAMERA_IMAGE_CAPTURED", "MISSION_ITEM_REACHED",
             "GLOBAL_POSITION_INT", "HEARTBEAT"}
    started = time.time()
    while end is None and time.time() - started < 240:
        message = station.wait(kinds, 5.0)
        if message is None:
            break
        kind = message.get_type()
        if kind == "CAMERA_FEEDBACK":
            pictures.append(message.img_idx)
        elif kind == "CAMERA_IMAGE_CAPTURED":
            pictures.append(message.image_index)
        elif kind == "MISSION_ITEM_REACHED":
            reached.append(message.seq)
        elif kind == "GLOBAL_POSITION_INT":
            top = max(top, message.relative_alt / 1000)
        elif time.time() - started > 5 and not message.base_mode & 128:
            end = time.time()
    check("it lands and stops its motors", end is not None)
    height = max(item[5] for item in survey if item[1] == 16)
    check(f"it flew at {top:.1f} m", abs(top - height) < 1.5)
    first = 1 if ardupilot else 0
    check(f"{len(pictures)} pictures, counted from {first} without a gap",
          len(pictures) > 20 and pictures == list(range(first, first + len(pictures))))
    written = [name for name in os.listdir(frames) if name.endswith("_T.jpg")]
    check("as many files as pictures", len(written) == len(pictures))
    check("items are told as reached " + ("once" if ardupilot else "several times"),
          (len(reached) == len(set(reached))) == ardupilot)
    last = len(survey) - 1
    check("the last item is reached", last in reached)
    if ardupilot:
        station.mav.log_request_list_send(1, 1, 0, 0xFFFF)
        entry = station.wait({"LOG_ENTRY"}, 3.0)
        station.mav.log_request_data_send(1, 1, entry.id, 0, 9000)
        got = {}
        while len(got) < 100:
            data = station.wait({"LOG_DATA"}, 2.0)
            if data is None:
                break
            got[data.ofs] = bytes(data.data[:data.count])
        station.mav.log_request_end_send(1, 1)
        check("its log can be read", len(got) == 100 and got[0][:3] == b"\xa3\x95\x80")


def run(binary, autopilot, speedup):
    print(f"{autopilot}:")
    port = free_port()
    with tempfile.TemporaryDirectory() as folder:
        survey_file = os.path.join(folder, "survey.waypoints")
        frames = os.path.join(folder, "frames")
        subprocess.run([binary, "sim", "vehicle", "--survey", survey_file], check=True)
        survey = load(survey_file, autopilot)
        vehicle = subprocess.Popen(
            [binary, "sim", "vehicle", "--autopilot", autopilot, "--frames", frames,
             "--listen", f"udpin:127.0.0.1:{port}", "--speedup", str(speedup),
             "--fix-after", "10"], stderr=subprocess.DEVNULL)
        try:
            time.sleep(0.3)
            station = Station(port)
            beat = station.wait({"HEARTBEAT"}, 10.0)
            check("a heartbeat of this autopilot",
                  beat.autopilot == (3 if autopilot == "ardupilot" else 12) and beat.type == 2)
            station.wait({"GPS_RAW_INT"}, 20.0, lambda gps: gps.fix_type >= 3)
            state(station, autopilot)
            lists(station, autopilot, survey)
            fly(station, autopilot, survey, frames)
            vehicle.send_signal(signal.SIGINT)
            check("it ends cleanly", vehicle.wait(20) == 0)
            check("and leaves the truth", os.path.exists(os.path.join(frames, "truth.json")))
        finally:
            if vehicle.poll() is None:
                vehicle.kill()
                vehicle.wait()


def main():
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--binary", required=True)
    parser.add_argument("--speedup", type=float, default=20.0)
    parser.add_argument("--autopilot", choices=["ardupilot", "px4"])
    args = parser.parse_args()
    for autopilot in [args.autopilot] if args.autopilot else ["ardupilot", "px4"]:
        run(os.path.abspath(args.binary), autopilot, args.speedup)


main()
