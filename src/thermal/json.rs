//! What was read from a frame, as the JSON that `temps` prints and a case keeps.

use serde_json::{Map, Value, json};

use super::{Metadata, ParameterSource, Parameters};

impl Parameters {
    /// Each parameter by name with the value used; `sources` tells whence, `ignored` lists what the
    /// user gave although this family has no use for it.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let mut all = Map::new();
        let mut sources = Map::new();
        let mut ignored = Vec::new();
        for parameter in &self.values {
            if parameter.source == ParameterSource::Ignored {
                ignored.push(parameter.name);
            } else {
                all.insert(parameter.name.to_owned(), rounded(parameter.value));
                sources.insert(parameter.name.to_owned(), json!(parameter.source));
            }
        }
        all.insert("sources".to_owned(), Value::Object(sources));
        all.insert("ignored".to_owned(), json!(ignored));
        if let Some(convention) = self.path_convention {
            all.insert("path_convention".to_owned(), json!(convention));
        }
        if let Some(scale) = self.scale {
            all.insert("scale_k_per_count".to_owned(), json!(scale.scale));
            all.insert("offset_c".to_owned(), json!(scale.offset_c));
        }
        if self.decoded_by_vendor_sdk {
            all.insert("decoded_by".to_owned(), json!("vendor sdk"));
        }
        Value::Object(all)
    }
}

impl Metadata {
    /// Position and heights as the file states them; `null` without a position. Where XMP and EXIF
    /// both have one, XMP's is `lat` and `lon`, and EXIF's stands beside it.
    #[must_use]
    pub fn position_json(&self) -> Value {
        let Some(position) = self.xmp_position.or(self.exif_position) else { return Value::Null };
        let mut all = Map::new();
        all.insert("lat".to_owned(), json!(position.lat_deg));
        all.insert("lon".to_owned(), json!(position.lon_deg));
        let source = if self.xmp_position.is_some() { "xmp" } else { "exif" };
        all.insert("source".to_owned(), json!(source));
        if let (Some(_), Some(exif)) = (self.xmp_position, self.exif_position) {
            all.insert("exif_lat".to_owned(), json!(exif.lat_deg));
            all.insert("exif_lon".to_owned(), json!(exif.lon_deg));
        }
        let numbers = [
            ("absolute_altitude_m", self.absolute_altitude_m),
            ("relative_altitude_m", self.relative_altitude_m),
            ("exif_altitude_m", self.exif_altitude_m),
        ];
        for (name, value) in numbers {
            if let Some(value) = value {
                all.insert(name.to_owned(), json!(value));
            }
        }
        if let Some(altitude_type) = &self.altitude_type {
            all.insert("altitude_type".to_owned(), json!(altitude_type));
        }
        if let Some(rtk) = self.rtk {
            all.insert("rtk_flag".to_owned(), json!(rtk.flag));
        }
        Value::Object(all)
    }

    /// Attitude of the camera in degrees; `null` without one.
    #[must_use]
    pub fn gimbal_json(&self) -> Value {
        self.gimbal.map_or(Value::Null, |angles| {
            json!({
                "yaw_deg": angles.yaw,
                "pitch_deg": angles.pitch,
                "roll_deg": angles.roll,
            })
        })
    }
}

/// Stored parameters are single precision: 0.949999988 was written as 0.95 and reads so again.
fn rounded(value: f64) -> Value {
    let shortest = (value as f32).to_string().parse().unwrap_or(value);
    json!(if (value - shortest).abs() <= 1e-6 * value.abs() { shortest } else { value })
}
