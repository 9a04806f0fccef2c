#!/usr/bin/env python3
"""A vehicle made of pymavlink: it takes and gives lists of items as ArduPilot does.

Usage: pymavlink_vehicle.py PORT SECONDS. It listens on loopback, and ends by itself.
"""

import os
import sys
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402

MAV = mavutil.mavlink


class Vehicle:
    def __init__(self, port):
        self.link = mavutil.mavlink_connection(
            f"udpin:127.0.0.1:{port}", source_system=1, source_component=1
        )
        self.lists = {0: [], 1: [], 2: []}
        self.taking = None

    def ack(self, to, result, kind):
        self.link.mav.mission_ack_send(to[0], to[1], result, kind)

    def ask(self):
        kind, items, _count, to = self.taking
        self.link.mav.mission_request_send(to[0], to[1], len(items), kind)

    def take(self, message):
        kind, items, count, to = self.taking
        if message.seq != len(items) or message.mission_type != kind:
            self.ack(to, MAV.MAV_MISSION_INVALID_SEQUENCE, message.mission_type)
            return
        items.append(message)
        if len(items) < count:
            self.ask()
        else:
            self.lists[kind] = items
            self.taking = None
            self.ack(to, MAV.MAV_MISSION_ACCEPTED, kind)

    def handle(self, message):
        to = (message.get_srcSystem(), message.get_srcComponent())
        name = message.get_type()
        if name == "MISSION_COUNT":
            self.taking = (message.mission_type, [], message.count, to)
            self.ask()
        elif name == "MISSION_ITEM_INT" and self.taking:
            self.take(message)
        elif name == "MISSION_REQUEST_LIST":
            kind = message.mission_type
            self.link.mav.mission_count_send(to[0], to[1], len(self.lists[kind]), kind)
        elif name == "MISSION_REQUEST_INT":
            self.give(message, to)

    def give(self, message, to):
        item = self.lists[message.mission_type][message.seq]
        self.link.mav.mission_item_int_send(
            to[0], to[1], item.seq, item.frame, item.command, 0, 1, item.param1, item.param2,
            item.param3, item.param4, item.x, item.y, item.z, message.mission_type,
        )

    def run(self, seconds):
        end = time.monotonic() + seconds
        beat = 0.0
        while time.monotonic() < end:
            if time.monotonic() >= beat:
                beat = time.monotonic() + 1.0
                self.link.mav.heartbeat_send(
                    MAV.MAV_TYPE_QUADROTOR, MAV.MAV_AUTOPILOT_ARDUPILOTMEGA, 0, 0, 4
                )
            message = self.link.recv_match(blocking=True, timeout=0.2)
            if message is not None:
                self.handle(message)


if __name__ == "__main__":
    Vehicle(int(sys.argv[1])).run(float(sys.argv[2]))
