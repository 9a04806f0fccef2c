#!/usr/bin/env python3
"""A vehicle made of MAVSDK: it takes a mission, prints how many items it has, and serves files.

Usage: mavsdk_vehicle.py PORT SECONDS [FOLDER]. It listens on loopback, and ends by itself. Files
are those of the folder.
"""

import sys
import time

from mavsdk.component_type import ComponentType
from mavsdk.mavsdk import Configuration, Mavsdk
from mavsdk.plugins.ftp_server.ftp_server import FtpServer
from mavsdk.plugins.mission_raw_server.mission_raw_server import MissionRawServer


def main():
    sdk = Mavsdk(Configuration.create_with_component_type(ComponentType.AUTOPILOT))
    sdk.add_any_connection(f"udpin://127.0.0.1:{sys.argv[1]}")
    component = sdk.server_component()
    server = MissionRawServer(component)
    if len(sys.argv) > 3:
        files = FtpServer(component)
        files.set_root_dir(sys.argv[3])

    def took(_result, plan, _):
        print(f"took {len(plan.mission_items)}", flush=True)

    server.subscribe_incoming_mission(took)
    time.sleep(float(sys.argv[2]))


if __name__ == "__main__":
    main()
