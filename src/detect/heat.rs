//! The score of electrical parts: how hot one is beside the hottest of its frame.

use super::{Detection, Polarity};

/// Scores hot spots by their heat, 1 for the hottest; cold ones keep their chance.
///
/// Heat is how far the peak is above the coldest surroundings of all hot spots: electrical parts
/// are graded by how far they are above the air (NETA MTS table 100.18, which also grades them
/// against their like), and that stands in for the air here, by our convention.
///
/// The chance is none to go by here. It tells spots from ground, and a bad joint is a hump on a
/// part that is warm all over: to a quarter of the labelled hotspots of real switchgear it gives
/// less than 0.02.
pub(super) fn score_by_heat(found: &mut [Detection]) {
    let is_hot = |spot: &&Detection| spot.polarity == Polarity::Hot;
    let grounds = found.iter().filter(is_hot).map(|spot| spot.background);
    let Some(ground) = grounds.min_by(f32::total_cmp) else { return };
    let heat = |spot: &Detection| spot.peak - ground;
    let most = found.iter().filter(is_hot).map(heat).fold(f32::MIN_POSITIVE, f32::max);
    for spot in found.iter_mut().filter(|spot| spot.polarity == Polarity::Hot) {
        spot.score = (heat(spot) / most).clamp(0.0, 1.0);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::detect::Reasons;

    fn spot(polarity: Polarity, peak: f32, background: f32) -> Detection {
        Detection {
            polarity,
            x_px: 0.0,
            y_px: 0.0,
            bbox_px: [0; 4],
            area_px: 9,
            peak,
            background,
            delta: peak - background,
            snr: 0.0,
            prominence: 0.0,
            score: 0.25,
            reasons: Reasons::default(),
        }
    }

    #[test]
    fn heat_is_temperature_beside_the_hottest() {
        use Polarity::{Cold, Hot};
        // A joint of 60 °C on a housing of 50 °C, a spot of 40 °C on ground of 10 °C, and a pit.
        let mut found = [spot(Hot, 60.0, 50.0), spot(Hot, 40.0, 10.0), spot(Cold, 0.0, 10.0)];
        score_by_heat(&mut found);
        assert_eq!(found.map(|spot| spot.score), [1.0, 0.6, 0.25]);
        let mut found = [spot(Hot, 70.0, 50.0), spot(Hot, 25.0, 10.0)];
        score_by_heat(&mut found);
        assert_eq!(found.map(|spot| spot.score), [1.0, 0.25]);
    }

    #[test]
    fn where_zero_lies_makes_no_difference() {
        let at = |zero: f32| {
            let hot = |peak, ground| spot(Polarity::Hot, peak + zero, ground + zero);
            let mut found = [hot(70.0, 50.0), hot(0.0, -4.0)];
            score_by_heat(&mut found);
            found.map(|spot| spot.score)
        };
        assert_eq!(at(0.0), at(-128.0));
        score_by_heat(&mut []);
        score_by_heat(&mut [spot(Polarity::Cold, 1.0, 2.0)]);
    }
}
