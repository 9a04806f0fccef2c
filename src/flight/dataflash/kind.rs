//! Which messages are read.

/// What a message is for, by its name.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Kind {
    Attitude,
    SecondAttitude,
    Position,
    Velocity,
    Gimbal,
    Gps,
    SecondGps,
    Accuracy,
    SecondAccuracy,
    Camera,
    Trigger,
    Origin,
    Terrain,
    Text,
    /// Not read.
    Other,
}

impl Kind {
    pub(super) fn of(name: &str) -> Self {
        match name {
            "ATT" => Self::Attitude,
            "AHR2" => Self::SecondAttitude,
            "POS" => Self::Position,
            // The first core of the third and of the second estimator.
            "XKF1" | "NKF1" => Self::Velocity,
            "MNT" | "MOUN" => Self::Gimbal,
            "GPS" => Self::Gps,
            "GPS2" => Self::SecondGps,
            "GPA" => Self::Accuracy,
            "GPA2" => Self::SecondAccuracy,
            "CAM" => Self::Camera,
            "TRIG" => Self::Trigger,
            "ORGN" => Self::Origin,
            "TERR" => Self::Terrain,
            "MSG" => Self::Text,
            _ => Self::Other,
        }
    }

    /// What a warning calls it.
    pub(super) fn name(self) -> &'static str {
        match self {
            Self::Attitude => "ATT",
            Self::SecondAttitude => "AHR2",
            Self::Position => "POS",
            Self::Velocity => "XKF1 or NKF1",
            Self::Gimbal => "MNT",
            Self::Gps => "GPS",
            Self::SecondGps => "GPS2",
            Self::Accuracy => "GPA",
            Self::SecondAccuracy => "GPA2",
            Self::Camera => "CAM",
            Self::Trigger => "TRIG",
            Self::Origin => "ORGN",
            Self::Terrain => "TERR",
            Self::Text => "MSG",
            Self::Other => "other",
        }
    }
}
