#!/usr/bin/env python3
"""A ground station made of MAVSDK: sends a mission, and reads it back.

Usage: mavsdk_station.py PORT COUNT. It speaks to a vehicle on loopback and prints the number of items
that came back.
"""

import sys

from mavsdk.component_type import ComponentType
from mavsdk.mavsdk import Configuration, Mavsdk
from mavsdk.plugins.mission_raw.mission_raw import MissionItem, MissionRaw


def item(seq):
    return MissionItem(
        seq=seq, frame=3, command=16, current=int(seq == 0), autocontinue=1, param1=0.0,
        param2=0.0, param3=0.0, param4=0.0, x=520000000 + 1000 * seq, y=45000000, z=30.0,
        mission_type=0,
    )


def main():
    sdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    sdk.add_any_connection(f"udpout://127.0.0.1:{sys.argv[1]}")
    system = sdk.first_autopilot(10.0)
    if system is None:
        sys.exit("no vehicle")
    mission = MissionRaw(system)
    mission.upload_mission([item(seq) for seq in range(int(sys.argv[2]))])
    found = mission.download_mission()
    items = found[-1] if isinstance(found, tuple) else found
    print(len(items))


if __name__ == "__main__":
    main()
