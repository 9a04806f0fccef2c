//! What was decided about a pose, in words.

use super::PoseNote;

impl PoseNote {
    /// One sentence for people.
    #[must_use]
    pub fn sentence(self) -> &'static str {
        match self {
            Self::PositionsDiffer => {
                "EXIF and XMP positions differ by metres: XMP is taken, the gap is in the ellipse"
            }
            Self::PositionConflict => "EXIF and XMP positions contradict each other",
            Self::FlightYawAtNadir => {
                "looking straight down, gimbal and flight yaw differ: flight yaw is taken"
            }
            Self::Turning => "the aircraft turns hard: the pose is less sure",
            Self::RtkPoseOfTwin => {
                "the place is that of the visible picture, which has the RTK fix"
            }
            Self::NoRtkPose => "an RTK fix was expected and is not there",
            Self::CalibrationOfOtherLens => {
                "the calibration in the file belongs to another lens: the camera table is taken"
            }
            Self::CalibrationOfFile => "the calibration in the file is taken",
            Self::CameraUnknown => {
                "the camera is not in the table: the focal length of the file is taken"
            }
            Self::HeightAboveTakeoff => "the height is that of take-off plus the relative altitude",
            Self::HeightDatumAssumed => "what the height refers to is assumed",
            Self::HeightsDiffer => {
                "relative and absolute altitude contradict each other by more than 5 m"
            }
            Self::NoGimbal => "there is no gimbal attitude: the flight attitude is taken",
            Self::Calibrated => "corrected by what the flight's overlapping views tell",
            Self::FromLog => "place and attitude are those of the flight log",
            Self::FixedMount => {
                "the camera is fixed to the airframe, whose attitude is taken and turned by the \
                 mount"
            }
            Self::MagneticHeading => {
                "the heading counted from magnetic north and is corrected by the World Magnetic \
                 Model"
            }
            Self::YawOfExif => {
                "the log has no attitude: the yaw is the direction in the file's EXIF, and the \
                 airframe counts as level"
            }
            Self::PoseOfEvent => "the log has a gap here; the camera event tells the pose itself",
        }
    }
}
