//! XMP: what drones write about position, attitude and calibration.
//!
//! Sources: DJI's image metadata manuals (`drone-dji`, and `DJI` on the XT S), Skydio's metadata
//! reference (`drone-skydio`), Parrot's and Pix4D's `Camera` tags.

use std::borrow::Cow;
use std::collections::HashMap;

use roxmltree::{Document, Node};

use super::metadata::{
    EulerDegrees, LaserRange, Metadata, RtkFix, StoredCalibration, checked_position, civil_time,
};
use crate::time::FrameTime;

/// Properties by local name, a structure's fields as `Structure/Field`; the first one counts.
///
/// The prefix is left out: makers changed theirs (`DJI`, `drone-dji`), their names stayed.
#[derive(Debug, Default)]
struct Properties(HashMap<String, String>);

/// Adobe's own schemas repeat EXIF under names that makers use for other things.
const ADOBE: &str = "http://ns.adobe.com/";
/// Dublin Core: titles and formats only.
const DUBLIN: &str = "http://purl.org/dc/";
/// RDF's own names: `about`, `parseType`.
const RDF: &str = "http://www.w3.org/1999/02/22-rdf-syntax-ns#";

/// Longest packet that is read: drones write 1 to 10 kB.
const LONGEST_PACKET: usize = 256 << 10;
/// Longest `xmlns:prefix="address"` that is looked for.
const LONGEST_DECLARATION: usize = 256;
/// Deepest level at which a structure's name is looked for; drones nest to 5.
const DEEPEST: usize = 8;

/// Reads a packet and fills in what it says; a packet that is no XML leaves all as it was.
pub(super) fn read(packet: &[u8], metadata: &mut Metadata, warnings: &mut Vec<String>) {
    if packet.len() > LONGEST_PACKET {
        warnings.push(format!("XMP of {} bytes is too long and was left out", packet.len()));
        return;
    }
    let text = String::from_utf8_lossy(packet);
    let text = body(&text);
    let mut properties = Properties::default();
    let parsed = Document::parse(text).map(|document| properties.collect(&document));
    if parsed.is_err() {
        // XT S declares one prefix twice in a tag, which XML forbids.
        let repaired = without_repeated_prefixes(text);
        if let Err(error) = Document::parse(&repaired).map(|doc| properties.collect(&doc)) {
            warnings.push(format!("XMP is not readable and was left out: {error}"));
            return;
        }
    }
    properties.fill(metadata, warnings);
}

/// The `xmpmeta` element of a packet, or all of it.
fn body(text: &str) -> &str {
    const END: &str = "</x:xmpmeta>";
    let inner = text.find("<x:xmpmeta").and_then(|start| {
        let end = text.get(start..)?.find(END)?;
        text.get(start..start + end + END.len())
    });
    inner.unwrap_or_else(|| text.trim_matches(|c: char| c == '\0' || c.is_whitespace()))
}

/// The text without the second of two equal `xmlns:…="…"` in one tag.
fn without_repeated_prefixes(text: &str) -> Cow<'_, str> {
    let mut kept = String::with_capacity(text.len());
    let mut seen: Vec<&str> = Vec::new();
    let mut rest = text;
    while let Some(at) = rest.find(['<', 'x']) {
        let (before, from) = rest.split_at(at);
        kept.push_str(before);
        let declaration = from.starts_with("xmlns:").then(|| declaration_at(from)).flatten();
        let taken = declaration.unwrap_or(&from[..1]);
        if taken == "<" {
            seen.clear();
        }
        if declaration.is_none() || !seen.contains(&taken) {
            kept.push_str(taken);
            // A tag declares a dozen; a hostile one shall not cost more than that.
            if declaration.is_some() && seen.len() < 64 {
                seen.push(taken);
            }
        }
        rest = &from[taken.len()..];
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

/// `xmlns:prefix="address"` at the start of the text, if it is no longer than such things are.
fn declaration_at(text: &str) -> Option<&str> {
    let near = &text.as_bytes()[..text.len().min(LONGEST_DECLARATION)];
    let open = near.iter().position(|byte| matches!(byte, b'"' | b'\''))?;
    let (quote, address) = near.get(open..)?.split_first()?;
    let close = address.iter().position(|byte| byte == quote)?;
    text.get(..open + close + 2)
}

impl Properties {
    fn collect(&mut self, document: &Document<'_>) {
        for node in document.descendants().filter(Node::is_element) {
            let own = speaks(node.tag_name().namespace());
            for attribute in node.attributes().filter(|a| speaks(a.namespace())) {
                let key = key_within(node.ancestors(), attribute.name());
                self.0.entry(key).or_insert_with(|| attribute.value().trim().to_owned());
            }
            let text = node.text().map(str::trim).filter(|text| !text.is_empty());
            if let Some(text) = text.map(str::to_owned).or_else(|| list(node)).filter(|_| own) {
                let key = key_within(node.ancestors().skip(1), node.tag_name().name());
                self.0.entry(key).or_insert(text);
            }
        }
    }

    fn text(&self, names: &[&str]) -> Option<&str> {
        names.iter().find_map(|&name| self.0.get(name)).map(String::as_str)
    }

    /// A finite number, with or without a leading `+`, or the fraction of two.
    fn number(&self, names: &[&str]) -> Option<f64> {
        let text = self.text(names)?;
        let number: f64 = match text.split_once('/') {
            Some((over, under)) => over.parse::<f64>().ok()? / under.parse::<f64>().ok()?,
            None => text.parse().ok()?,
        };
        number.is_finite().then_some(number)
    }

    fn euler(&self, [yaw, pitch, roll]: [&str; 3]) -> Option<EulerDegrees> {
        Some(EulerDegrees {
            yaw: self.number(&[yaw])?,
            pitch: self.number(&[pitch])?,
            roll: self.number(&[roll])?,
        })
    }

    fn fill(&self, metadata: &mut Metadata, warnings: &mut Vec<String>) {
        let lat = self.number(&["GpsLatitude", "Latitude"]);
        // The misspelling is DJI's, in older firmware.
        let lon = self.number(&["GpsLongitude", "GpsLongtitude", "Longitude"]);
        if let (Some(lat), Some(lon)) = (lat, lon) {
            let position = checked_position(lat, lon, "XMP", warnings);
            metadata.xmp_position = metadata.xmp_position.or(position);
        }
        let set = |slot: &mut Option<f64>, names: &[&str]| *slot = slot.or(self.number(names));
        set(&mut metadata.absolute_altitude_m, &["AbsoluteAltitude"]);
        set(&mut metadata.relative_altitude_m, &["RelativeAltitude"]);
        set(&mut metadata.horizontal_sigma_m, &["GPSHPositioningError", "GPSXYAccuracy"]);
        set(&mut metadata.vertical_sigma_m, &["GPSZAccuracy"]);
        let set = |slot: &mut Option<String>, names: &[&str]| {
            if slot.is_none() {
                *slot = self.text(names).filter(|text| !text.is_empty()).map(str::to_owned);
            }
        };
        set(&mut metadata.altitude_type, &["AltitudeType"]);
        set(&mut metadata.gps_status, &["GpsStatus"]);
        set(&mut metadata.image_source, &["ImageSource", "CameraSource"]);
        set(&mut metadata.camera.model, &["cameraModel"]);
        // EXIF of newer DJI cameras has the aircraft's number instead.
        let mut serial = None;
        set(&mut serial, &["CameraSerialNumber"]);
        metadata.camera.serial = serial.or(metadata.camera.serial.take());
        self.fill_attitude(metadata, warnings);
        metadata.rtk = metadata.rtk.or_else(|| self.rtk());
        metadata.laser = metadata.laser.or_else(|| self.laser(warnings));
        metadata.calibration =
            metadata.calibration.or_else(|| self.calibration(metadata.picture_px));
        if let Some(time) = self.text(&["UTCAtExposure"]).and_then(|text| civil_time(text, None)) {
            let utc = jiff::tz::Offset::UTC.to_timestamp(time).ok().map(FrameTime::Utc);
            metadata.taken_at = utc.or(metadata.taken_at);
        }
    }

    fn fill_attitude(&self, metadata: &mut Metadata, warnings: &mut Vec<String>) {
        let gimbal = self
            .euler(["GimbalYawDegree", "GimbalPitchDegree", "GimbalRollDegree"])
            .or_else(|| {
                self.euler([
                    "CameraOrientationNED/Yaw",
                    "CameraOrientationNED/Pitch",
                    "CameraOrientationNED/Roll",
                ])
            })
            .or_else(|| self.euler(["CameraYawDegree", "CameraPitchDegree", "CameraRollDegree"]))
            .or_else(|| self.camera_tags(metadata, warnings));
        metadata.gimbal = metadata.gimbal.or(gimbal);
        let flight = self
            .euler(["FlightYawDegree", "FlightPitchDegree", "FlightRollDegree"])
            .or_else(|| {
                self.euler([
                    "VehicleOrientationNED/Yaw",
                    "VehicleOrientationNED/Pitch",
                    "VehicleOrientationNED/Roll",
                ])
            })
            .or_else(|| self.euler(["DroneYawDegree", "DronePitchDegree", "DroneRollDegree"]));
        metadata.flight = metadata.flight.or(flight);
        let velocity = |names: [&str; 3]| {
            let [north, east, down] = names.map(|name| self.number(&[name]));
            Some([north?, east?, down?])
        };
        metadata.velocity_ned_m_s = metadata
            .velocity_ned_m_s
            .or_else(|| velocity(["FlightXSpeed", "FlightYSpeed", "FlightZSpeed"]))
            .or_else(|| velocity(["VehicleSpeedNED/X", "VehicleSpeedNED/Y", "VehicleSpeedNED/Z"]));
        metadata.gimbal_reversed |= self.number(&["GimbalReverse"]) == Some(1.0)
            || self.number(&["CamReverse"]) == Some(1.0);
    }

    /// `Camera:Yaw`, `Pitch`, `Roll`: NED with pitch up on Parrot; other makers count from nadir
    /// or from the body, and none says which, so theirs are left out.
    fn camera_tags(&self, of: &Metadata, warnings: &mut Vec<String>) -> Option<EulerDegrees> {
        let angles = self.euler(["Yaw", "Pitch", "Roll"])?;
        let make = of.camera.make.as_deref().unwrap_or_default();
        if make.eq_ignore_ascii_case("parrot") {
            return Some(angles);
        }
        warnings.push(format!(
            "`Camera:Pitch` of make `{make}` has no known zero; the attitude was left out"
        ));
        None
    }

    fn rtk(&self) -> Option<RtkFix> {
        let flag = self.number(&["RtkFlag"]).filter(|flag| (0.0..=255.0).contains(flag))?;
        let sigma = |name| self.number(&[name]).filter(|&sigma| sigma > 0.0);
        Some(RtkFix {
            flag: flag as u16,
            std_lat_m: sigma("RtkStdLat"),
            std_lon_m: sigma("RtkStdLon"),
            std_height_m: sigma("RtkStdHgt"),
        })
    }

    fn laser(&self, warnings: &mut Vec<String>) -> Option<LaserRange> {
        if self.text(&["LRFStatus"]).is_some_and(|status| status != "Normal") {
            return None;
        }
        let distance_m = self.number(&["LRFTargetDistance"]).filter(|&metres| metres > 0.0)?;
        let lat = self.number(&["LRFTargetLat"]);
        let lon = self.number(&["LRFTargetLon"]);
        let target = lat.zip(lon);
        Some(LaserRange {
            distance_m,
            target: target.and_then(|(lat, lon)| checked_position(lat, lon, "laser", warnings)),
            target_height_m: self.number(&["LRFTargetAbsAlt"]),
        })
    }

    fn calibration(&self, picture_px: Option<(u32, u32)>) -> Option<StoredCalibration> {
        let calibration = self.dewarp(picture_px).or_else(|| {
            // DJI writes one focal length and the centre's halves apart, Skydio structures.
            let focal = self.number(&["CalibratedFocalLength", "CalibratedFocalLength/X"])?;
            Some(StoredCalibration {
                fx_px: focal,
                fy_px: self.number(&["CalibratedFocalLength/Y"]).unwrap_or(focal),
                cx_px: self.number(&["CalibratedOpticalCenterX", "CalibratedOpticalCenter/X"])?,
                cy_px: self.number(&["CalibratedOpticalCenterY", "CalibratedOpticalCenter/Y"])?,
                brown: [0.0; 5],
            })
        })?;
        (calibration.fx_px > 0.0 && calibration.fy_px > 0.0).then_some(calibration)
    }

    /// DJI's `DewarpData`: a date, `;`, then fx, fy, cx, cy (from the picture's centre), k1, k2,
    /// p1, p2, k3. Skydio's field of that name has three numbers of unstated meaning.
    fn dewarp(&self, picture_px: Option<(u32, u32)>) -> Option<StoredCalibration> {
        let (_, numbers) = self.text(&["DewarpData"])?.split_once(';')?;
        let numbers: Vec<f64> = numbers
            .split(',')
            .map(|number| number.trim().parse().ok().filter(|n: &f64| n.is_finite()))
            .collect::<Option<_>>()?;
        let &[fx_px, fy_px, cx, cy, ref brown @ ..] = numbers.as_slice() else { return None };
        let (width, height) = picture_px?;
        let done_already = self.number(&["DewarpFlag"]) == Some(1.0);
        let brown = brown.first_chunk().copied()?;
        Some(StoredCalibration {
            fx_px,
            fy_px,
            cx_px: f64::from(width) / 2.0 + cx,
            cy_px: f64::from(height) / 2.0 + cy,
            brown: if done_already { [0.0; 5] } else { brown },
        })
    }
}

/// `Structure/Field` for a field, the bare name otherwise.
fn key_within<'a>(mut around: impl Iterator<Item = Node<'a, 'a>>, name: &str) -> String {
    match around.by_ref().take(DEEPEST).find(|node| speaks(node.tag_name().namespace())) {
        Some(structure) => format!("{}/{name}", structure.tag_name().name()),
        None => name.to_owned(),
    }
}

/// Whether names of a namespace are the makers' own.
fn speaks(namespace: Option<&str>) -> bool {
    const XMP_META: &str = "adobe:ns:meta/";
    /// Duo Pro R writes its model here.
    const DYNAMIC_MEDIA: &str = "http://ns.adobe.com/xmp/1.0/DynamicMedia/";
    let address = namespace.unwrap_or_default();
    let foreign = [ADOBE, DUBLIN, RDF, XMP_META].iter().any(|known| address.starts_with(known));
    !address.is_empty() && (!foreign || address == DYNAMIC_MEDIA)
}

/// The items of an RDF list, joined with commas.
fn list(node: Node<'_, '_>) -> Option<String> {
    let items: Vec<&str> = node
        .children()
        .flat_map(|sequence| sequence.children())
        .filter(|item| item.tag_name().name() == "li")
        .filter_map(|item| item.text().map(str::trim))
        .collect();
    (!items.is_empty()).then(|| items.join(","))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read_text(text: &str) -> (Metadata, Vec<String>) {
        let mut metadata = Metadata { picture_px: Some((640, 512)), ..Metadata::default() };
        let mut warnings = Vec::new();
        read(text.as_bytes(), &mut metadata, &mut warnings);
        (metadata, warnings)
    }

    fn packet(description: &str) -> String {
        format!(
            "<x:xmpmeta xmlns:x=\"adobe:ns:meta/\"><rdf:RDF xmlns:rdf=\"{RDF}\">\
             <rdf:Description xmlns:d=\"http://www.dji.com/drone-dji/1.0/\" {description}\
             </rdf:RDF></x:xmpmeta>"
        )
    }

    #[test]
    fn attributes_and_elements_say_the_same() {
        let attributes = packet("d:GpsLatitude=\"+23.5\" d:GpsLongtitude=\"-113.25\"/>");
        let elements = packet(
            "><d:GpsLatitude>+23.5</d:GpsLatitude><d:GpsLongitude>-113.25</d:GpsLongitude>\
             </rdf:Description>",
        );
        for text in [attributes, elements] {
            let (metadata, warnings) = read_text(&text);
            let position = metadata.xmp_position.unwrap();
            assert_eq!((position.lat_deg, position.lon_deg), (23.5, -113.25));
            assert!(warnings.is_empty());
        }
    }

    #[test]
    fn a_place_that_is_none_is_left_out_with_a_warning() {
        for (lat, lon) in [("0", "0"), ("+91.0", "5"), ("52", "-180.5")] {
            let text = packet(&format!("d:GpsLatitude=\"{lat}\" d:GpsLongitude=\"{lon}\"/>"));
            let (metadata, warnings) = read_text(&text);
            assert_eq!((metadata.xmp_position, warnings.len()), (None, 1), "{lat} {lon}");
        }
        let (metadata, _) = read_text(&packet("d:GpsLatitude=\"nan\" d:GpsLongitude=\"5\"/>"));
        assert_eq!(metadata.xmp_position, None);
    }

    #[test]
    fn a_prefix_declared_twice_is_read_and_broken_xml_is_left_out() {
        let twice = packet("d:RelativeAltitude=\"+37.70\"/>").replace(
            "<rdf:Description",
            "<rdf:Description xmlns:d=\"http://www.dji.com/drone-dji/1.0/\"",
        );
        assert!(Document::parse(&twice).is_err());
        assert_eq!(read_text(&twice).0.relative_altitude_m, Some(37.7));
        let (metadata, warnings) = read_text("<x:xmpmeta <<<");
        assert_eq!((metadata.relative_altitude_m, warnings.len()), (None, 1));
    }

    #[test]
    fn hostile_packets_cost_little_and_panic_never() {
        let deep = "<a:b xmlns:a=\"c\">".repeat(10_000);
        let open = "<x:xmpmeta xmlns:".repeat(10_000);
        let many: String = (0..9_000).map(|i| format!(" xmlns:p{i}=\"u{i}\"")).collect();
        let wide = "x".repeat(LONGEST_PACKET + 1);
        for text in [deep, open, format!("<a{many}{many}/>"), wide, "xmlns:ä='ä".to_owned()] {
            let (metadata, _) = read_text(&text);
            assert_eq!(metadata.xmp_position, None);
        }
    }

    #[test]
    fn dewarp_counts_from_the_centre_and_the_time_is_universal() {
        let (metadata, _) = read_text(&packet(
            "d:DewarpData=\"2022-01-02;760.5,761,2.5,-1,0.1,0.2,0.3,0.4,0.5\" \
             d:UTCAtExposure=\"2023-05-12T08:21:33.25\"/>",
        ));
        let calibration = metadata.calibration.unwrap();
        assert_eq!((calibration.cx_px, calibration.cy_px), (322.5, 255.0));
        assert_eq!(calibration.brown, [0.1, 0.2, 0.3, 0.4, 0.5]);
        assert_eq!(metadata.taken_at.unwrap().to_string(), "2023-05-12T08:21:33.25Z");
    }
}
