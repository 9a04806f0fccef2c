//! Colours for temperatures.

/// A scale of colours from cold to hot. Lightness rises all the way in each, so that what is
/// hotter is lighter, in print and to every kind of colour vision.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Palette {
    /// Slate blue over grey to rust and cream: blue against orange is the pair that all common
    /// kinds of colour blindness tell apart.
    #[default]
    Kestrel,
    /// Black over purple and orange to white, as thermal cameras show it.
    Iron,
    /// Black to white.
    Grey,
}

/// Where a colour stands on the scale, 0 to 1, and its sRGB.
type Stop = (f64, [u8; 3]);

const KESTREL: &[Stop] = &[
    (0.0, [10, 16, 34]),
    (0.25, [38, 62, 112]),
    (0.5, [120, 112, 114]),
    (0.75, [214, 140, 66]),
    (1.0, [255, 246, 214]),
];
const IRON: &[Stop] = &[
    (0.0, [0, 0, 10]),
    (0.2, [52, 0, 120]),
    (0.45, [170, 20, 120]),
    (0.7, [240, 110, 20]),
    (0.88, [255, 210, 40]),
    (1.0, [255, 255, 245]),
];
const GREY: &[Stop] = &[(0.0, [0, 0, 0]), (1.0, [255, 255, 255])];

impl Palette {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Kestrel, Self::Iron, Self::Grey];

    /// The name used on the command line.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Kestrel => "kestrel",
            Self::Iron => "iron",
            Self::Grey => "grey",
        }
    }

    /// The palette of a name.
    #[must_use]
    pub fn of_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|palette| palette.name() == name)
    }

    /// The sRGB colour of a place on the scale, 0 (cold) to 1 (hot); beyond is cut.
    #[must_use]
    pub fn rgb(self, place: f64) -> [u8; 3] {
        let stops = match self {
            Self::Kestrel => KESTREL,
            Self::Iron => IRON,
            Self::Grey => GREY,
        };
        let place = place.clamp(0.0, 1.0);
        let between = stops.windows(2).find_map(|pair| match pair {
            [(from, low), (to, high)] if place <= *to => {
                let share = (place - from) / (to - from);
                let mix = |i: usize| {
                    let [low, high] = [low, high].map(|colour| f64::from(colour[i]));
                    (low + share * (high - low)).round() as u8
                };
                Some([mix(0), mix(1), mix(2)])
            }
            _ => None,
        });
        // Only a place that is no number lies between no two stops.
        between.unwrap_or(NOWHERE)
    }

    /// 256 colours from cold to hot.
    #[must_use]
    pub fn table(self) -> [[u8; 3]; 256] {
        std::array::from_fn(|level| self.rgb(level as f64 / 255.0))
    }
}

/// Where there is no temperature: magenta, which no palette has.
pub(super) const NOWHERE: [u8; 3] = [255, 0, 255];

#[cfg(test)]
mod tests {
    use super::*;

    /// Relative luminance (IEC 61966-2-1).
    fn luminance(rgb: [u8; 3]) -> f64 {
        let [red, green, blue] = rgb.map(|level| {
            let level = f64::from(level) / 255.0;
            if level <= 0.04045 { level / 12.92 } else { ((level + 0.055) / 1.055).powf(2.4) }
        });
        0.2126 * red + 0.7152 * green + 0.0722 * blue
    }

    #[test]
    fn hotter_is_lighter_all_the_way() {
        for palette in Palette::ALL {
            let light = palette.table().map(luminance);
            for (level, pair) in light.windows(2).enumerate() {
                assert!(pair[1] >= pair[0], "{} darkens at {level}", palette.name());
            }
            assert!(light[255] > 0.85 && light[0] < 0.01, "{}", palette.name());
        }
    }

    #[test]
    fn names_and_places() {
        for palette in Palette::ALL {
            assert_eq!(Palette::of_name(palette.name()), Some(palette));
            assert_eq!(palette.rgb(-3.0), palette.rgb(0.0));
            assert_eq!(palette.rgb(f64::NAN), NOWHERE);
        }
        assert_eq!(Palette::Grey.rgb(0.5), [128; 3]);
    }
}
