#!/usr/bin/env python3
"""A ground station made of pymavlink: sends a mission, and reads it back.

Usage: pymavlink_station.py PORT COUNT. It speaks to a vehicle on loopback, prints the number of
items that came back, and gives up after half a minute.
"""

import os
import sys
import time

os.environ["MAVLINK20"] = "1"
from pymavlink import mavutil  # noqa: E402


def main():
    port, count = int(sys.argv[1]), int(sys.argv[2])
    link = mavutil.mavlink_connection(f"udpout:127.0.0.1:{port}", source_system=254)
    end = time.monotonic() + 30
    told = None
    while told is None:
        link.mav.heartbeat_send(6, 8, 0, 0, 4)
        found = link.recv_match(type="HEARTBEAT", blocking=True, timeout=1)
        if found is not None and found.get_srcComponent() == 1:
            told = (found.get_srcSystem(), 1)
        if time.monotonic() > end:
            sys.exit("no vehicle")
    link.mav.mission_count_send(told[0], told[1], count, 0)
    ack = None
    while ack is None:
        message = link.recv_match(
            type=["MISSION_REQUEST", "MISSION_REQUEST_INT", "MISSION_ACK"],
            blocking=True, timeout=5,
        )
        if message is None or time.monotonic() > end:
            sys.exit("no request")
        if message.get_type() == "MISSION_ACK":
            ack = message.type
        else:
            lat = 520000000 + 1000 * message.seq
            link.mav.mission_item_int_send(
                told[0], told[1], message.seq, 3, 16, 0, 1, 0, 0, 0, 0, lat, 45000000, 30, 0
            )
    if ack != 0:
        sys.exit(f"refused: {ack}")
    link.mav.mission_request_list_send(told[0], told[1], 0)
    answer = link.recv_match(type="MISSION_COUNT", blocking=True, timeout=5)
    for seq in range(answer.count):
        link.mav.mission_request_int_send(told[0], told[1], seq, 0)
        if link.recv_match(type="MISSION_ITEM_INT", blocking=True, timeout=5) is None:
            sys.exit(f"item {seq} never came")
    link.mav.mission_ack_send(told[0], told[1], 0, 0)
    print(answer.count)


if __name__ == "__main__":
    main()
