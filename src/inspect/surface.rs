//! What a frame's temperatures were worked out with, out of its record.

use serde_json::Value;

use crate::fuse::Surface;

/// Emissivity and reflected temperature of radiometric parameters as JSON text; `None` where one of
/// them is not known.
pub(super) fn told(parameters: &str) -> Option<Surface> {
    let all: Value = serde_json::from_str(parameters).ok()?;
    let number = |name: &str| all[name].as_f64().filter(|of| of.is_finite());
    let (emissivity, reflected_c) = (number("emissivity")?, number("reflected_c")?);
    (emissivity > 0.0).then_some(Surface { emissivity, reflected_c })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn both_must_be_told() {
        let surface = Surface { emissivity: 0.95, reflected_c: -12.5 };
        for (text, expected) in [
            (r#"{"emissivity": 0.95, "reflected_c": -12.5, "distance_m": 30}"#, Some(surface)),
            (r#"{"emissivity": 0.95}"#, None),
            (r#"{"emissivity": 0, "reflected_c": 20}"#, None),
            (r#"{"emissivity": "0.95", "reflected_c": 20}"#, None),
            ("", None),
        ] {
            assert_eq!(told(text), expected, "{text}");
        }
    }
}
