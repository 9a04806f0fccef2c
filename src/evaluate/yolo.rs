//! Labels as YOLO's text, a file a picture (docs.ultralytics.com/datasets/detect).

use super::join::join;
use super::{Error, Label, LabelledFrame, Reach, Role, SeenFrame};

/// Reads the labels of one picture of so many columns and rows.
///
/// A line is a class and a box, `class x y width height`, or a class and the corners of an outline,
/// `class x1 y1 x2 y2 x3 y3 …`, around which the box is drawn. All are shares of the picture's
/// size, 0 to 1, from its outer corner. `classes` names the classes by their number; one without a
/// name keeps its number.
///
/// # Errors
/// [`Error::Line`] with the first line that is neither.
pub fn read_yolo(
    name: &str,
    bytes: &[u8],
    [width_px, height_px]: [u32; 2],
    classes: &[String],
) -> Result<Vec<Label>, Error> {
    let text =
        std::str::from_utf8(bytes).map_err(|_| Error::file(name, "labels must be UTF-8 text"))?;
    let mut labels = Vec::new();
    for (at, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let fault = |what: String| Error::line(name, at + 1, what);
        let mut words = line.split_ascii_whitespace();
        let class = words.next().unwrap_or_default();
        let number: usize =
            class.parse().map_err(|_| fault(format!("class `{class}` is no whole number")))?;
        let shares = words.map(share).collect::<Result<Vec<f64>, _>>().map_err(fault)?;
        let [left, top, width, height] = bounds(&shares).map_err(fault)?;
        if width <= 0.0 || height <= 0.0 {
            return Err(fault(format!("a box of {width} by {height}")));
        }
        let half = [width / 2.0 * f64::from(width_px), height / 2.0 * f64::from(height_px)];
        labels.push(Label {
            name: None,
            polarity: None,
            x: left * f64::from(width_px) + half[0],
            y: top * f64::from(height_px) + half[1],
            reach: Reach::Box(half),
            delta_k: None,
            sigma_px: None,
            class: classes.get(number).cloned().unwrap_or_else(|| number.to_string()),
            role: Role::Target,
        });
    }
    Ok(labels)
}

/// Reads a folder of labels: names of files with their bytes. Sizes of pictures are those that the
/// run tells of the frames of these names, else `size_px`, else the one size that all its frames
/// have.
///
/// # Errors
/// [`Error::File`] for a picture whose size nothing tells; those of [`read_yolo`].
pub fn read_yolo_folder(
    files: &[(String, Vec<u8>)],
    seen: &[SeenFrame],
    size_px: Option<[u32; 2]>,
    classes: &[String],
) -> Result<Vec<LabelledFrame>, Error> {
    let mut common = seen.iter().filter_map(|frame| frame.size_px);
    let first = common.next();
    let common = first.filter(|first| common.all(|size| size == *first));
    let empty: Vec<LabelledFrame> = files
        .iter()
        .map(|(file, _)| LabelledFrame { file: file.clone(), labels: Vec::new() })
        .collect();
    let sizes = join(&empty, seen)?.frames.into_iter().map(|(_, seen)| seen?.size_px);
    let mut frames = Vec::with_capacity(files.len());
    for ((file, bytes), own) in files.iter().zip(sizes) {
        let size = own.or(size_px).or(common).ok_or_else(|| {
            Error::file(file, "the size of its picture is not known; tell it with --size")
        })?;
        let labels = read_yolo(file, bytes, size, classes)?;
        frames.push(LabelledFrame { file: file.clone(), labels });
    }
    Ok(frames)
}

/// Rounding of a box that ends at the picture's border may carry it beyond.
const ROUNDING: f64 = 1e-3;

fn share(word: &str) -> Result<f64, String> {
    let value: f64 = word.parse().map_err(|_| format!("`{word}` is no number"))?;
    if (-ROUNDING..=1.0 + ROUNDING).contains(&value) {
        Ok(value)
    } else {
        Err(format!("{word} is not within 0 to 1: YOLO's places are shares of the picture"))
    }
}

/// Left, top, width and height.
fn bounds(shares: &[f64]) -> Result<[f64; 4], String> {
    if let [x, y, width, height] = *shares {
        return Ok([x - width / 2.0, y - height / 2.0, width, height]);
    }
    if shares.len() < 6 || shares.len() % 2 == 1 {
        return Err(format!(
            "{} numbers behind the class, neither a box (4) nor an outline (6, 8, …)",
            shares.len()
        ));
    }
    let ends = |first: usize| {
        let along = shares.iter().skip(first).step_by(2);
        along.fold((f64::INFINITY, f64::NEG_INFINITY), |(low, high), &one| {
            (low.min(one), high.max(one))
        })
    };
    let ((left, right), (top, bottom)) = (ends(0), ends(1));
    Ok([left, top, right - left, bottom - top])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn boxes_and_outlines_are_shares_of_the_picture() {
        let text = b"0 0.5 0.25 0.1 0.5\r\n\n3 0.1 0.2 0.3 0.2 0.2 0.6\n";
        let labels = read_yolo("a.txt", text, [640, 512], &["joint".to_owned()]).unwrap();
        let [boxed, outlined] = &labels[..] else { panic!("not two") };
        assert_eq!((boxed.x, boxed.y, boxed.class.as_str()), (320.0, 128.0, "joint"));
        assert_eq!(boxed.reach, Reach::Box([32.0, 128.0]));
        assert!((outlined.x - 128.0).abs() < 1e-9 && (outlined.y - 204.8).abs() < 1e-9);
        assert_eq!(outlined.class, "3");
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        for (text, told) in [
            ("0 0.5 0.5 0.1", "line 1: 3 numbers"),
            ("0 0.5 0.5 0.1 0.1 0.9", "line 1: 5 numbers"),
            ("\nx 0.5 0.5 0.1 0.1", "line 2: class `x`"),
            ("0 320 128 10 10", "320 is not within 0 to 1"),
            ("0 0.5 NaN 0.1 0.1", "NaN is not within"),
            ("0 0.5 0.5 0 0.1", "a box of 0 by"),
        ] {
            let error = read_yolo("a.txt", text.as_bytes(), [640, 512], &[]).unwrap_err();
            let error = error.to_string();
            assert!(error.starts_with("a.txt, line") && error.contains(told), "{error}");
        }
        assert!(read_yolo("a.txt", b"\xff", [1, 1], &[]).is_err());
    }
}
