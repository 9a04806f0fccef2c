//! The curves as an SVG: precision over recall, recall over false alarms, and what scores promise.

use std::fmt::Write;

use super::report::{Report, Unit};

const PANEL_PX: f64 = 340.0;
const TOP_PX: f64 = 40.0;
const FIRST_LEFT_PX: f64 = 60.0;
const NEXT_LEFT_PX: f64 = 440.0;
const HEIGHT_PX: f64 = 470.0;
const LINE: &str = "#1f6fb4";
const MARK: &str = "#d9822b";

/// One panel: both axes, 0 to an end.
struct Panel {
    left: f64,
    most_x: f64,
}

impl Panel {
    fn x(&self, value: f64) -> f64 {
        self.left + PANEL_PX * (value / self.most_x).clamp(0.0, 1.0)
    }

    fn y(value: f64) -> f64 {
        TOP_PX + PANEL_PX * (1.0 - value.clamp(0.0, 1.0))
    }

    /// Frame, grid, ticks and names.
    fn axes(&self, svg: &mut String, [title, along, up]: [&str; 3]) {
        let (left, bottom, right) = (self.left, TOP_PX + PANEL_PX, self.left + PANEL_PX);
        let middle = left + PANEL_PX / 2.0;
        for tick in 0..=5 {
            let part = f64::from(tick) / 5.0;
            let (x, y) = (self.x(part * self.most_x), Self::y(part));
            let _ = writeln!(
                svg,
                "<path d=\"M{x:.1} {TOP_PX}V{bottom}M{left} {y:.1}H{right}\" stroke=\"#ddd\"/>\
                 <text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"middle\">{}</text>\
                 <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{part:.1}</text>",
                bottom + 16.0,
                short(part * self.most_x),
                left - 6.0,
                y + 4.0
            );
        }
        let _ = writeln!(
            svg,
            "<rect x=\"{left}\" y=\"{TOP_PX}\" width=\"{PANEL_PX}\" height=\"{PANEL_PX}\" \
             fill=\"none\" stroke=\"#222\"/>\
             <text x=\"{middle}\" y=\"26\" text-anchor=\"middle\" font-size=\"15\">{title}</text>\
             <text x=\"{middle}\" y=\"{:.1}\" text-anchor=\"middle\">{along}</text>\
             <text transform=\"translate({:.1} {:.1}) rotate(-90)\" text-anchor=\"middle\">{up}\
             </text>",
            bottom + 36.0,
            left - 38.0,
            TOP_PX + PANEL_PX / 2.0
        );
    }

    /// A line through points.
    fn line(&self, svg: &mut String, points: impl Iterator<Item = (f64, f64)>) {
        let mut path = String::new();
        for (x, y) in points {
            let step = if path.is_empty() { 'M' } else { 'L' };
            let _ = write!(path, "{step}{:.1} {:.1}", self.x(x), Self::y(y));
        }
        if !path.is_empty() {
            let _ = writeln!(
                svg,
                "<path d=\"{path}\" fill=\"none\" stroke=\"{LINE}\" stroke-width=\"2\"/>"
            );
        }
    }

    fn mark(&self, svg: &mut String, x: f64, y: f64, told: &str) {
        let (x, y) = (self.x(x), Self::y(y));
        // Words stay inside the panel.
        let (end, off) =
            if x > self.left + PANEL_PX / 2.0 { ("end", -8.0) } else { ("start", 8.0) };
        let below = if y < TOP_PX + 30.0 { 18.0 } else { -8.0 };
        let _ = writeln!(
            svg,
            "<circle cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"4\" fill=\"{MARK}\"/><text x=\"{:.1}\" \
             y=\"{:.1}\" text-anchor=\"{end}\">{told}</text>",
            x + off,
            y + below
        );
    }
}

/// The end of an axis that holds a number, with ticks at a fifth of it that are short numbers.
fn round_end(most: f64) -> f64 {
    if most <= 0.0 {
        return 1.0;
    }
    let power = 10_f64.powf(most.log10().floor());
    let ends = [1.0, 1.5, 2.0, 3.0, 5.0, 7.5, 10.0];
    let end = ends.into_iter().map(|end| end * power).find(|end| *end >= most);
    end.unwrap_or(most)
}

/// A number of a tick, without digits that say nothing.
fn short(value: f64) -> String {
    let digits = if value >= 100.0 { 0 } else { 2 };
    let text = format!("{value:.digits$}");
    if text.contains('.') {
        text.trim_end_matches('0').trim_end_matches('.').to_owned()
    } else {
        text
    }
}

/// Draws the curves of a report; the calibration only where scores are probabilities. Without
/// scores there is only the point that the run itself is.
#[must_use]
pub fn picture(report: &Report) -> String {
    let panels = if report.calibration.is_some() { 3 } else { 2 };
    let width = FIRST_LEFT_PX + NEXT_LEFT_PX * f64::from(panels) - 70.0;
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {HEIGHT_PX}\" \
         width=\"{width}\" height=\"{HEIGHT_PX}\" font-family=\"sans-serif\" font-size=\"12\" \
         fill=\"#222\">\n<rect width=\"{width}\" height=\"{HEIGHT_PX}\" fill=\"#fff\"/>\n",
    );
    precision_over_recall(&mut svg, report);
    recall_over_alarms(&mut svg, report);
    calibration(&mut svg, report);
    let frames = match report.unit {
        Unit::Px => format!("{} frames", report.frames),
        Unit::M => "findings on the ground".to_owned(),
    };
    let bins = if report.calibration.is_some() { ", and bins with 95 % intervals" } else { "" };
    let _ = writeln!(
        svg,
        "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"middle\" fill=\"#555\">{frames}, \
         {} labels, {} detections; recall counts labels from {} K on; marked: the run as it \
         is{bins}</text>\n</svg>",
        width / 2.0,
        HEIGHT_PX - 12.0,
        report.labels.target,
        report.detections,
        report.from_k
    );
    svg
}

fn precision_over_recall(svg: &mut String, report: &Report) {
    let panel = Panel { left: FIRST_LEFT_PX, most_x: 1.0 };
    panel.axes(svg, ["precision over recall", "recall", "precision"]);
    panel.line(svg, report.curve.iter().map(|cut| (cut.recall, cut.precision)));
    if let Some((recall, precision)) = report.recall.share.zip(report.precision.share) {
        panel.mark(svg, recall, precision, &format!("{precision:.3} at {recall:.3}"));
    }
}

fn recall_over_alarms(svg: &mut String, report: &Report) {
    let all = report.curve.iter().map(|cut| cut.wrong_per_frame);
    let most = all.fold(report.wrong_per_frame, f64::max);
    let panel = Panel { left: FIRST_LEFT_PX + NEXT_LEFT_PX, most_x: round_end(most) };
    let along = match report.unit {
        Unit::Px => "false alarms a frame",
        Unit::M => "false alarms",
    };
    panel.axes(svg, ["recall over false alarms", along, "recall"]);
    panel.line(svg, report.curve.iter().map(|cut| (cut.wrong_per_frame, cut.recall)));
    if let Some(recall) = report.recall.share {
        let told = format!("{recall:.3} at {:.2}", report.wrong_per_frame);
        panel.mark(svg, report.wrong_per_frame, recall, &told);
    }
}

fn calibration(svg: &mut String, report: &Report) {
    let Some(calibration) = &report.calibration else { return };
    let panel = Panel { left: FIRST_LEFT_PX + 2.0 * NEXT_LEFT_PX, most_x: 1.0 };
    panel.axes(svg, ["what scores promise", "stated probability (score)", "precision"]);
    let (x0, y0, x1, y1) = (panel.x(0.0), Panel::y(0.0), panel.x(1.0), Panel::y(1.0));
    let _ = writeln!(svg, "<path d=\"M{x0} {y0}L{x1} {y1}\" stroke=\"#888\"/>");
    panel.line(svg, calibration.bins.iter().filter_map(|bin| Some((bin.stated, bin.right.share?))));
    for bin in &calibration.bins {
        let Some(right) = bin.right.share else { continue };
        let x = panel.x(bin.stated);
        let _ = writeln!(
            svg,
            "<path d=\"M{x:.1} {:.1}V{:.1}\" stroke=\"{MARK}\"/><circle cx=\"{x:.1}\" cy=\"{:.1}\" \
             r=\"4\" fill=\"{MARK}\"/>",
            Panel::y(bin.right.low95),
            Panel::y(bin.right.high95),
            Panel::y(right)
        );
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ends_of_axes_hold_the_number_and_are_short() {
        for (most, end) in [(0.0, 1.0), (0.625, 0.75), (1.0, 1.0), (42.0, 50.0), (171.0, 200.0)] {
            assert!((round_end(most) - end).abs() < 1e-9, "{most}: {}", round_end(most));
        }
        assert_eq!(
            (short(0.15), short(0.0), short(200.0)),
            ("0.15".into(), "0".into(), "200".into())
        );
    }
}
