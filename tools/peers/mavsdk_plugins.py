#!/usr/bin/env python3
"""A ground station made of MAVSDK: its parameter, FTP, camera and mission plugins in turn.

Usage: mavsdk_plugins.py PORT COUNT [PLUGINS]. It speaks to a vehicle on loopback, prints what each
plugin did, and then the number of items that came back, alone on the last line. Any plugin that
fails ends it. PLUGINS are names with commas between; without them all are used.
"""

import os
import sys
import tempfile
import threading
import time

from mavsdk.component_type import ComponentType
from mavsdk.mavsdk import Configuration, Mavsdk
from mavsdk.plugins.action.action import Action
from mavsdk.plugins.camera.camera import Camera
from mavsdk.plugins.ftp.ftp import Ftp, FtpResult
from mavsdk.plugins.mission.mission import Mission, MissionItem, MissionPlan
from mavsdk.plugins.mission_raw.mission_raw import MissionItem as RawItem
from mavsdk.plugins.mission_raw.mission_raw import MissionRaw
from mavsdk.plugins.param.param import Param
from mavsdk.plugins.telemetry.telemetry import Telemetry


def last(answer):
    """The value, where an answer is a result and a value."""
    return answer[-1] if isinstance(answer, tuple) else answer


def mission(system, count):
    nan = float("nan")
    # ArduPilot refuses NaN in most places, which rules out a yaw, a hold and a speed without one
    # (MAVSDK-Python #695).

    def item(number):
        return MissionItem(
            latitude_deg=52.0 + 1e-4 * number, longitude_deg=4.5, relative_altitude_m=30.0,
            speed_m_s=nan, is_fly_through=True, gimbal_pitch_deg=nan, gimbal_yaw_deg=nan,
            camera_action=MissionItem.CameraAction.NONE, loiter_time_s=0.0,
            camera_photo_interval_s=nan, acceptance_radius_m=2.0, yaw_deg=0.0,
            camera_photo_distance_m=nan, vehicle_action=MissionItem.VehicleAction.NONE,
        )

    plugin = Mission(system)
    plugin.upload_mission(MissionPlan([item(number) for number in range(count)]))
    # Home at item 0, as ArduPilot has it, is nothing that the mission plugin can read.
    return len(last(MissionRaw(system).download_mission()))


def parameters(system):
    plugin = Param(system)
    known = last(plugin.get_all_params())
    found = [*known.int_params, *known.float_params]
    assert len(found) > 20, f"{len(found)} parameters"
    whole, real = known.int_params[0], known.float_params[0]
    assert last(plugin.get_param_int(whole.name)) == whole.value, whole
    plugin.set_param_float(real.name, real.value + 1.0)
    assert abs(last(plugin.get_param_float(real.name)) - real.value - 1.0) < 1e-3, real
    plugin.set_param_float(real.name, real.value)
    print(f"parameters: {len(known.int_params)} whole, {len(known.float_params)} real")


def files(system):
    plugin = Ftp(system)
    names = [entry.name for entry in last(plugin.list_directory("/")).entries]
    assert names, "an empty folder"
    with tempfile.TemporaryDirectory() as folder:
        ended, told = threading.Event(), []

        def tell(result, *_):
            told.append(result)
            if result != FtpResult.NEXT:
                ended.set()

        plugin.download_async("@PARAM/param.pck", folder, False, tell)
        assert ended.wait(20) and told[-1] == FtpResult.SUCCESS, told
        came = [os.path.getsize(os.path.join(folder, name)) for name in os.listdir(folder)]
    assert sum(came) > 0, "an empty file"
    print(f"files: {names}, downloaded {came} bytes")


def camera(system):
    plugin = Camera(system)
    for _ in range(100):
        known = last(plugin.camera_list()).cameras
        if known:
            break
        time.sleep(0.1)
    assert known, "no camera"
    plugin.take_photo(known[0].component_id)
    print(f"camera: {known[0].vendor_name} {known[0].model_name} took a photo")


def flight(system):
    """Arms, starts a mission, sees it go on, stops it, and calls the vehicle back."""
    action, plugin, telemetry = Action(system), MissionRaw(system), Telemetry(system)
    for _ in range(100):
        here = last(telemetry.position())
        if here.latitude_deg == here.latitude_deg:  # NaN until one came.
            break
        time.sleep(0.1)

    def item(number, command, north_m, height_m):
        return RawItem(
            seq=number, frame=6, command=command, current=int(number == 0), autocontinue=1,
            x=round(here.latitude_deg * 1e7 + 90 * north_m), y=round(here.longitude_deg * 1e7),
            z=height_m)

    # The first is home to ArduPilot, and a place to fly to for PX4.
    plugin.upload_mission([item(0, 16, 0, 5.0), item(1, 22, 0, 5.0),
                           item(2, 16, 10, 5.0), item(3, 16, 20, 5.0)])
    time.sleep(5)  # PX4 looks at a mission for some time before it flies it.
    action.arm()
    plugin.start_mission()
    for _ in range(400):
        reached = last(plugin.mission_progress()).current
        if reached >= 2:
            break
        time.sleep(0.1)
    assert reached >= 2, f"the mission stays at {reached}"
    plugin.pause_mission()
    action.return_to_launch()
    print("flight: armed, started, paused, called back")


def main():
    sdk = Mavsdk(Configuration.create_with_component_type(ComponentType.GROUND_STATION))
    sdk.add_any_connection(f"udpout://127.0.0.1:{sys.argv[1]}")
    system = sdk.first_autopilot(10.0)
    if system is None:
        sys.exit("no vehicle")
    wanted = sys.argv[3].split(",") if len(sys.argv) > 3 else ["parameters", "files", "camera"]
    for name in wanted:
        globals()[name](system)
    print(mission(system, int(sys.argv[2])))


if __name__ == "__main__":
    main()
