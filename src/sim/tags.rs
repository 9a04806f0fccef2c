//! What a frame's file says about camera, place, attitude and time: EXIF and XMP.

use crate::geo::egm96_undulation_m;

use super::flight::FlownFrame;
use super::params::{Camera, Params, PoseErrors};

/// All that the tags tell.
#[derive(Debug, Clone, Copy)]
pub(super) struct Tags<'a> {
    camera: &'a Camera,
    errors: &'a PoseErrors,
    /// Whether place and attitude are told.
    with_pose: bool,
    frame: &'a FlownFrame,
    /// Of the ground and so of the take-off place, above the ellipsoid in metres.
    ground_m: f64,
}

/// One field of a TIFF directory.
pub(super) struct Field {
    tag: u16,
    kind: u16,
    count: u32,
    value: Vec<u8>,
}

// Field types and tags: TIFF 6.0, section 2, and Exif 2.32, 4.6.
const BYTE: u16 = 1;
const ASCII: u16 = 2;
const SHORT: u16 = 3;
const LONG: u16 = 4;
const RATIONAL: u16 = 5;
const UNDEFINED: u16 = 7;
const EXIF_DIRECTORY: u16 = 0x8769;
const GPS_DIRECTORY: u16 = 0x8825;
const STRIP_OFFSETS: u16 = 0x0111;

impl Field {
    fn text(tag: u16, text: &str) -> Self {
        let value: Vec<u8> = text.bytes().chain([0]).collect();
        Self { tag, kind: ASCII, count: value.len() as u32, value }
    }

    pub(super) fn short(tag: u16, value: u16) -> Self {
        Self { tag, kind: SHORT, count: 1, value: value.to_le_bytes().to_vec() }
    }

    pub(super) fn long(tag: u16, value: u32) -> Self {
        Self { tag, kind: LONG, count: 1, value: value.to_le_bytes().to_vec() }
    }

    /// Bytes of XMP and the like.
    pub(super) fn bytes(tag: u16, bytes: &[u8]) -> Self {
        Self { tag, kind: BYTE, count: bytes.len() as u32, value: bytes.to_vec() }
    }

    fn rationals(tag: u16, fractions: &[(u32, u32)]) -> Self {
        let value = fractions.iter().flat_map(|&(n, d)| [n.to_le_bytes(), d.to_le_bytes()]);
        Self {
            tag,
            kind: RATIONAL,
            count: fractions.len() as u32,
            value: value.flatten().collect(),
        }
    }
}

impl<'a> Tags<'a> {
    /// The tags of one frame.
    pub(super) fn new(params: &'a Params, frame: &'a FlownFrame, ground_m: f64) -> Self {
        let with_pose = !params.log.without_poses;
        Self { camera: &params.camera, errors: &params.errors, with_pose, frame, ground_m }
    }

    /// Ellipsoidal with RTK, above the EGM96 geoid without: as DJI aircraft are taken to do.
    fn absolute_altitude_m(&self) -> f64 {
        let stated = &self.frame.stated_pose;
        let geoid_m = egm96_undulation_m(stated.lat, stated.lon);
        stated.height_ellipsoidal_m - if self.errors.rtk { 0.0 } else { geoid_m }
    }

    /// An EXIF block: a little-endian TIFF without pixels.
    pub(super) fn exif(&self) -> Vec<u8> {
        self.tiff(Vec::new(), &[])
    }

    /// A little-endian TIFF of these tags, further fields of the first directory, and one strip.
    pub(super) fn tiff(&self, further: Vec<Field>, strip: &[u8]) -> Vec<u8> {
        let mut first = self.first_directory();
        first.extend(further);
        if !strip.is_empty() {
            first.push(Field::long(STRIP_OFFSETS, 0));
        }
        let gps = if self.with_pose { self.gps_directory() } else { Vec::new() };
        let exif = self.exif_directory();
        let exif_at = HEADER_BYTES + directory_bytes(&first);
        let gps_at = exif_at + directory_bytes(&exif);
        let strip_at = gps_at + if self.with_pose { directory_bytes(&gps) } else { 0 };
        for field in &mut first {
            let at = match field.tag {
                EXIF_DIRECTORY => exif_at,
                GPS_DIRECTORY => gps_at,
                STRIP_OFFSETS => strip_at,
                _ => continue,
            };
            field.value = (at as u32).to_le_bytes().to_vec();
        }
        let mut bytes = Vec::with_capacity(strip_at + strip.len());
        bytes.extend(b"II*\0");
        bytes.extend((HEADER_BYTES as u32).to_le_bytes());
        for mut directory in [first, exif, gps].into_iter().filter(|fields| !fields.is_empty()) {
            directory.sort_by_key(|field| field.tag);
            write_directory(&mut bytes, &directory);
        }
        bytes.extend(strip);
        bytes
    }

    fn first_directory(&self) -> Vec<Field> {
        let mut fields = vec![
            Field::text(0x010E, "simulated frame"),
            Field::text(0x010F, "Torenvalk"),
            Field::text(0x0110, &self.camera.model),
            Field::text(0x0131, "torenvalk sim"),
            Field::text(0x0132, &self.civil_time()),
            Field::long(EXIF_DIRECTORY, 0),
        ];
        if self.with_pose {
            fields.push(Field::long(GPS_DIRECTORY, 0));
        }
        fields
    }

    fn exif_directory(&self) -> Vec<Field> {
        let millis = u32::from(self.frame.taken_at.millisecond().unsigned_abs());
        vec![
            Field::text(0x9003, &self.civil_time()),
            Field { tag: 0x9000, kind: UNDEFINED, count: 4, value: b"0232".to_vec() },
            Field::text(0x9291, &format!("{millis:03}")),
            Field::rationals(0x920A, &[(thousandths(self.camera.focal_length_mm), 1000)]),
        ]
    }

    fn gps_directory(&self) -> Vec<Field> {
        let stated = &self.frame.stated_pose;
        let altitude_m = self.absolute_altitude_m();
        let below = u8::from(altitude_m < 0.0);
        vec![
            Field { tag: 0x00, kind: BYTE, count: 4, value: vec![2, 3, 0, 0] },
            Field::text(0x01, if stated.lat < 0.0 { "S" } else { "N" }),
            Field::rationals(0x02, &degrees_minutes_seconds(stated.lat)),
            Field::text(0x03, if stated.lon < 0.0 { "W" } else { "E" }),
            Field::rationals(0x04, &degrees_minutes_seconds(stated.lon)),
            Field { tag: 0x05, kind: BYTE, count: 1, value: vec![below] },
            Field::rationals(0x06, &[(thousandths(altitude_m), 1000)]),
        ]
    }

    fn civil_time(&self) -> String {
        let time = self.frame.taken_at;
        let (year, month, day) = (time.year(), time.month(), time.day());
        let (hour, minute, second) = (time.hour(), time.minute(), time.second());
        format!("{year:04}:{month:02}:{day:02} {hour:02}:{minute:02}:{second:02}")
    }

    /// An XMP packet with DJI's names.
    pub(super) fn xmp(&self) -> String {
        let stated = &self.frame.stated_pose;
        let (yaw, pitch, roll) = (stated.yaw_deg, stated.pitch_deg, stated.roll_deg);
        let (status, kind) =
            if self.errors.rtk { ("RTK", "RtkAlt") } else { ("Normal", "GpsFusionAlt") };
        let mut names = vec![
            ("GpsStatus", status.to_owned()),
            ("AltitudeType", kind.to_owned()),
            ("GpsLatitude", format!("{:+.10}", stated.lat)),
            ("GpsLongitude", format!("{:+.10}", stated.lon)),
            ("AbsoluteAltitude", format!("{:+.3}", self.absolute_altitude_m())),
            ("RelativeAltitude", format!("{:+.3}", stated.height_ellipsoidal_m - self.ground_m)),
            ("GimbalYawDegree", format!("{yaw:+.4}")),
            ("GimbalPitchDegree", format!("{pitch:+.4}")),
            ("GimbalRollDegree", format!("{roll:+.4}")),
            ("FlightYawDegree", format!("{yaw:+.4}")),
            ("FlightPitchDegree", "+0.0000".to_owned()),
            ("FlightRollDegree", "+0.0000".to_owned()),
            ("RtkFlag", if self.errors.rtk { "50" } else { "0" }.to_owned()),
        ];
        if self.errors.rtk {
            let [horizontal, vertical] = stated_deviations_m(self.errors);
            names.push(("RtkStdLon", format!("{horizontal:.5}")));
            names.push(("RtkStdLat", format!("{horizontal:.5}")));
            names.push(("RtkStdHgt", format!("{vertical:.5}")));
        }
        if !self.with_pose {
            names.clear();
        }
        let attributes: String = names
            .iter()
            .map(|(name, value)| format!("\n   drone-dji:{name}=\"{value}\""))
            .collect();
        format!(
            "<?xpacket begin=\"\u{FEFF}\" id=\"W5M0MpCehiHzreSzNTczkc9d\"?>\n\
             <x:xmpmeta xmlns:x=\"adobe:ns:meta/\">\n \
             <rdf:RDF xmlns:rdf=\"http://www.w3.org/1999/02/22-rdf-syntax-ns#\">\n  \
             <rdf:Description rdf:about=\"simulated frame\"\n   \
             xmlns:drone-dji=\"http://www.dji.com/drone-dji/1.0/\"{attributes}/>\n \
             </rdf:RDF>\n</x:xmpmeta>\n<?xpacket end=\"w\"?>"
        )
    }
}

/// One sigma of own and common part together: horizontal and vertical.
fn stated_deviations_m(errors: &PoseErrors) -> [f64; 2] {
    [
        errors.own.horizontal_m.hypot(errors.common.horizontal_m),
        errors.own.vertical_m.hypot(errors.common.vertical_m),
    ]
}

fn thousandths(value: f64) -> u32 {
    // A cast from float to integer saturates.
    (value.abs() * 1000.0).round() as u32
}

/// Seconds in steps of 1e-7, 3 µm on the ground.
fn degrees_minutes_seconds(degrees: f64) -> [(u32, u32); 3] {
    const STEPS: u64 = 10_000_000;
    let steps = (degrees.abs() * 3600.0 * STEPS as f64).round() as u64;
    let (minutes, seconds) = (steps / (60 * STEPS), steps % (60 * STEPS));
    [((minutes / 60) as u32, 1), ((minutes % 60) as u32, 1), (seconds as u32, STEPS as u32)]
}

const HEADER_BYTES: usize = 8;

/// A directory and its values that do not fit into their four bytes, each on a word boundary.
fn directory_bytes(fields: &[Field]) -> usize {
    let outside = fields.iter().map(|f| f.value.len()).filter(|&length| length > 4);
    2 + 12 * fields.len() + 4 + outside.map(|length| length.next_multiple_of(2)).sum::<usize>()
}

fn write_directory(bytes: &mut Vec<u8>, fields: &[Field]) {
    let mut outside_at = bytes.len() + 2 + 12 * fields.len() + 4;
    bytes.extend((fields.len() as u16).to_le_bytes());
    for field in fields {
        bytes.extend(field.tag.to_le_bytes());
        bytes.extend(field.kind.to_le_bytes());
        bytes.extend(field.count.to_le_bytes());
        if field.value.len() > 4 {
            bytes.extend((outside_at as u32).to_le_bytes());
            outside_at += field.value.len().next_multiple_of(2);
        } else {
            let mut four = [0; 4];
            four[..field.value.len()].copy_from_slice(&field.value);
            bytes.extend(four);
        }
    }
    bytes.extend([0; 4]); // no next directory
    for field in fields.iter().filter(|field| field.value.len() > 4) {
        bytes.extend(&field.value);
        bytes.resize(bytes.len().next_multiple_of(2), 0);
    }
}
