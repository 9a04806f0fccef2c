//! Any message of the layouts, or one that is not known, with its bytes.

use super::super::frame::{Frame, Version, write_frame};
use super::super::{ComponentId, SystemId};
use super::layout::Layout;
#[allow(clippy::wildcard_imports, reason = "all of the table below")]
use super::*;

macro_rules! packets {
    ($($name:ident,)*) => {
        /// A message as on the wire.
        #[derive(Debug, Clone, PartialEq)]
        #[allow(missing_docs, reason = "each variant is the type of its name")]
        pub enum Packet {
            $($name($name),)*
            /// In none of the layouts.
            Other {
                /// Its number.
                id: u32,
                /// Its payload, as it came.
                payload: Vec<u8>,
            },
        }

        impl Packet {
            /// The message of a payload. Numbers that are not known lose nothing.
            #[must_use]
            pub fn read(id: u32, payload: &[u8]) -> Self {
                match id {
                    $($name::ID => Self::$name($name::read(payload)),)*
                    _ => Self::Other { id, payload: payload.to_vec() },
                }
            }

            /// Its number.
            #[must_use]
            pub fn id(&self) -> u32 {
                match self {
                    $(Self::$name(_) => $name::ID,)*
                    Self::Other { id, .. } => *id,
                }
            }

            /// Its name in the message set's spelling of types; `None` where it is not known.
            #[must_use]
            pub fn name(&self) -> Option<&'static str> {
                match self {
                    $(Self::$name(_) => Some(stringify!($name)),)*
                    Self::Other { .. } => None,
                }
            }

            /// Name and kind of each field, in the order of the wire; none of what is not known.
            #[must_use]
            pub fn fields(&self) -> &'static [(&'static str, &'static str)] {
                match self {
                    $(Self::$name(_) => $name::FIELDS,)*
                    Self::Other { .. } => &[],
                }
            }

            /// Its payload, trailing zeros included; without extensions for version 1.
            #[must_use]
            pub fn payload(&self, version: Version) -> Vec<u8> {
                let mut payload = Vec::new();
                let base = match self {
                    $(Self::$name(message) => {
                        message.write(&mut payload);
                        $name::BASE_BYTES
                    })*
                    Self::Other { payload: whole, .. } => {
                        payload.extend(whole);
                        whole.len()
                    }
                };
                if version == Version::V1 {
                    payload.truncate(base);
                }
                payload
            }
        }
    };
}

packets! {
    Heartbeat, SysStatus, SystemTime, SetMode, GpsRawInt, Attitude, AttitudeQuaternion,
    LocalPositionNed, GlobalPositionInt, GpsGlobalOrigin, NavControllerOutput, VfrHud, Gps2Raw,
    BatteryStatus, AutopilotVersion, FenceStatus, Wind, EkfStatusReport, EstimatorStatus,
    HomePosition, ExtendedSysState, Statustext, CurrentMode, Ping, RequestDataStream, RadioStatus,
    Timesync, Radio, MessageInterval, SetupSigning, ProtocolVersion, MissionRequestPartialList,
    MissionItem, MissionRequest, MissionSetCurrent, MissionCurrent, MissionRequestList,
    MissionCount, MissionClearAll, MissionItemReached, MissionAck, MissionRequestInt,
    MissionItemInt, CommandInt, CommandLong, CommandAck, CommandCancel, ParamRequestRead,
    ParamRequestList, ParamValue, ParamSet, ParamExtRequestRead, ParamExtRequestList,
    ParamExtValue, ParamExtSet, ParamExtAck, FileTransferProtocol, LogRequestList, LogEntry,
    LogRequestData, LogData, LogErase, LogRequestEnd, CameraTrigger, CameraFeedback,
    CameraInformation, CameraSettings, StorageInformation, CameraCaptureStatus,
    CameraImageCaptured, CameraFovStatus, CameraThermalRange, MountStatus, MountOrientation,
    GimbalManagerInformation, GimbalManagerStatus, GimbalManagerSetAttitude,
    GimbalDeviceInformation, GimbalDeviceAttitudeStatus, GimbalManagerSetPitchyaw, TerrainRequest,
    TerrainData, TerrainCheck, TerrainReport, OpenDroneIdBasicId, OpenDroneIdLocation,
    OpenDroneIdAuthentication, OpenDroneIdSelfId, OpenDroneIdSystem, OpenDroneIdOperatorId,
    OpenDroneIdMessagePack, OpenDroneIdArmStatus, OpenDroneIdSystemUpdate,
}

impl Packet {
    /// The message of a frame.
    #[must_use]
    pub fn of(frame: &Frame<'_>) -> Self {
        Self::read(frame.id, frame.payload)
    }

    /// Writes it as a frame to the end of `out`; see [`write_frame`], also for when it returns
    /// `false`.
    #[must_use]
    pub fn write_frame(
        &self,
        out: &mut Vec<u8>,
        version: Version,
        from: (u8, SystemId, ComponentId),
    ) -> bool {
        write_frame(out, version, from, self.id(), &self.payload(version))
    }
}
