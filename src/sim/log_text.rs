//! Logs as text: a table, and GPX.

use std::fmt::Write;

use jiff::Timestamp;

use super::log::{Recorded, us};

/// A table with one row for each attitude.
pub(super) fn csv(recorded: &Recorded) -> Vec<u8> {
    let mut text = "time_s,utc,lat,lon,height_ellipsoidal_m,height_above_home_m,yaw_deg,pitch_deg,\
                    roll_deg,gimbal_yaw_deg,gimbal_pitch_deg,gimbal_roll_deg,vn_m_s,ve_m_s,vd_m_s,\
                    photo\n"
        .to_owned();
    let mut shots = recorded.shots.iter().peekable();
    let row = |text: &mut String, boot_s: f64, state: &super::log::State, photo: u8| {
        let [yaw, pitch, roll] = state.camera_deg;
        let [north, east, down] = state.velocity_ned_m_s;
        let _ = writeln!(
            text,
            "{boot_s:.3},{},{:.9},{:.9},{:.3},{:.3},{yaw:.3},0,0,{yaw:.3},{pitch:.3},{roll:.3},\
             {north:.3},{east:.3},{down:.3},{photo}",
            utc(recorded, boot_s),
            state.place.lat_deg(),
            state.place.lon_deg(),
            state.place.height_m,
            state.above_home_m,
        );
    };
    for instant in &recorded.instants {
        while let Some(shot) = shots.next_if(|shot| shot.boot_s <= instant.boot_s) {
            row(&mut text, shot.boot_s, &shot.state, 1);
        }
        row(&mut text, instant.boot_s, &instant.state, 0);
    }
    text.into_bytes()
}

/// Places with a time, and nothing else.
pub(super) fn gpx(recorded: &Recorded) -> Vec<u8> {
    let mut text = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n\
                    <gpx version=\"1.1\" creator=\"torenvalk sim\" \
                    xmlns=\"http://www.topografix.com/GPX/1/1\"><trk><trkseg>\n"
        .to_owned();
    for instant in recorded.instants.iter().filter(|instant| instant.with_place) {
        let _ = writeln!(
            text,
            "<trkpt lat=\"{:.9}\" lon=\"{:.9}\"><ele>{:.3}</ele><time>{}</time></trkpt>",
            instant.state.place.lat_deg(),
            instant.state.place.lon_deg(),
            instant.state.amsl_m,
            utc(recorded, instant.boot_s),
        );
    }
    text += "</trkseg></trk></gpx>\n";
    text.into_bytes()
}

fn utc(recorded: &Recorded, boot_s: f64) -> String {
    let us = i64::try_from(us(recorded.utc_s_at_boot + boot_s)).unwrap_or(i64::MAX);
    Timestamp::from_microsecond(us).map_or_else(|_| String::new(), |time| format!("{time:.3}"))
}
