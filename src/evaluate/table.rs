//! Labels as a table: one row a label, columns are named in the first row.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::detect::Polarity;

use super::error::sane;
use super::label::HALF_PEAK;
use super::{Error, Label, LabelledFrame, PlacedLabel, Reach, Role};

/// The longest header that is believed, in bytes.
const LONGEST_HEADER: usize = 64 << 10;

/// What a table of labels holds.
#[derive(Debug, Clone, PartialEq)]
pub enum Table {
    /// Places in frames.
    Frames(Vec<LabelledFrame>),
    /// Places on the ground.
    Ground(Vec<PlacedLabel>),
}

/// Fields of a row by the name of their column.
struct Row<'a> {
    columns: &'a BTreeMap<String, usize>,
    fields: Vec<Cow<'a, str>>,
}

impl Row<'_> {
    /// A field that is not empty.
    fn text(&self, name: &str) -> Option<&str> {
        let at = self.columns.get(name)?;
        self.fields.get(*at).map(|field| field.trim()).filter(|field| !field.is_empty())
    }

    fn number(&self, name: &str) -> Result<Option<f64>, String> {
        let Some(text) = self.text(name) else { return Ok(None) };
        let value: f64 = text.parse().map_err(|_| format!("{name} `{text}` is no number"))?;
        sane(value, name).map(Some)
    }

    /// A number that must be above zero.
    fn length(&self, name: &str) -> Result<Option<f64>, String> {
        match self.number(name)? {
            Some(value) if value <= 0.0 => Err(format!("{name} {value} is not above 0")),
            other => Ok(other),
        }
    }

    fn polarity(&self) -> Result<Option<Polarity>, String> {
        match self.text("polarity") {
            None => Ok(None),
            Some("hot") => Ok(Some(Polarity::Hot)),
            Some("cold") => Ok(Some(Polarity::Cold)),
            Some(other) => Err(format!("polarity `{other}` is neither hot nor cold")),
        }
    }

    /// Role and class: a `role` that is none of ours is a class.
    fn role(&self) -> (Role, String) {
        let told = self.text("role").unwrap_or_default();
        let class = self.text("class").unwrap_or_default();
        match Role::named(told) {
            Some(role) => (role, class.to_owned()),
            None if class.is_empty() => (Role::Target, told.to_owned()),
            None => (Role::Target, class.to_owned()),
        }
    }

    /// Sigma in pixels: the geometric mean of both axes.
    fn sigma_px(&self) -> Result<Option<f64>, String> {
        let axes = self.length("sigma_major_px")?.zip(self.length("sigma_minor_px")?);
        let both = axes.map(|(major, minor)| (major * minor).sqrt());
        Ok(self.length("sigma_px")?.or(both))
    }

    /// The label of a frame, in pixels; `None` for a row that only names its frame.
    fn label(&self) -> Result<Option<Label>, String> {
        let corner = both([self.number("left_px")?, self.number("top_px")?], BOX)?;
        let size = both([self.length("width_px")?, self.length("height_px")?], BOX)?;
        let point =
            both([self.number("x_px")?, self.number("y_px")?], "a point needs x_px and y_px")?;
        let sigma_px = self.sigma_px()?;
        let (x, y, reach) = match (corner, size, point) {
            (Some([left, top]), Some([width, height]), _) => {
                let half = [width / 2.0, height / 2.0];
                (left + half[0], top + half[1], Reach::Box(half))
            }
            (None, None, Some([x, y])) => {
                let radius = self.length("radius_px")?.or(sigma_px.map(|sigma| HALF_PEAK * sigma));
                (x, y, Reach::Disc(radius.unwrap_or(0.0)))
            }
            (None, None, None) => return Ok(None),
            _ => return Err(BOX.to_owned()),
        };
        let (role, class) = self.role();
        Ok(Some(Label {
            name: self.text("id").map(str::to_owned),
            polarity: self.polarity()?,
            x,
            y,
            reach,
            delta_k: self.number("delta_k")?,
            sigma_px,
            class,
            role,
        }))
    }

    fn placed(&self) -> Result<PlacedLabel, String> {
        let missing = |name: &str| format!("{name} is missing");
        let degrees = |name: &str, most: f64| match self.number(name)? {
            Some(value) if value.abs() > most => Err(format!("{name} {value} is no place")),
            Some(value) => Ok(value),
            None => Err(missing(name)),
        };
        let (role, class) = self.role();
        Ok(PlacedLabel {
            name: self.text("id").or(self.text("name")).map(str::to_owned),
            lat_deg: degrees("lat", 90.0)?,
            lon_deg: degrees("lon", 180.0)?,
            polarity: self.polarity()?,
            delta_k: self.number("delta_k")?,
            sigma_px: self.sigma_px()?,
            class,
            role,
        })
    }
}

/// Reads a table of labels.
///
/// In frames: `file`, and `x_px`, `y_px` with `radius_px` or `sigma_px`, or a box by `left_px`,
/// `top_px`, `width_px`, `height_px`. On the ground: `lat`, `lon` in degrees. With both, if the
/// table has them: `id`, `polarity`, `delta_k`, `class`, `role`. A row that names a file and no
/// place tells that the frame was looked through. Pixels count from the outer corner of the first.
/// Separators are comma, semicolon or tab; other columns are not looked at.
///
/// # Errors
/// [`Error`] with the first line that cannot be read.
pub fn read_table(name: &str, bytes: &[u8]) -> Result<Table, Error> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Error::file(name, "a table of labels must be UTF-8 text"))?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(text);
    let header = text.lines().next().unwrap_or_default();
    if header.len() > LONGEST_HEADER {
        return Err(Error::file(name, "the first line is too long for names of columns"));
    }
    let separator = separator(header);
    let mut columns = BTreeMap::new();
    for (at, column) in fields(header, separator).enumerate() {
        if columns.insert(column.trim().to_ascii_lowercase(), at).is_some() {
            return Err(Error::line(name, 1, format!("the column `{column}` is there twice")));
        }
    }
    let has = |column: &str| columns.contains_key(column);
    let rows = text.lines().enumerate().skip(1).filter(|(_, line)| !line.trim().is_empty());
    let rows = rows.map(|(at, line)| {
        (at + 1, Row { columns: &columns, fields: fields(line, separator).collect() })
    });
    if has("file") {
        return in_frames(name, rows).map(Table::Frames);
    }
    if has("lat") && has("lon") {
        let placed = rows.map(|(at, row)| row.placed().map_err(|what| Error::line(name, at, what)));
        return placed.collect::<Result<_, _>>().map(Table::Ground);
    }
    let what = "the first line of a table of labels names its columns: `file` with `x_px` and \
                `y_px` (or left_px, top_px, width_px, height_px), or `lat` and `lon`";
    Err(Error::line(name, 1, what))
}

fn in_frames<'a>(
    name: &str,
    rows: impl Iterator<Item = (usize, Row<'a>)>,
) -> Result<Vec<LabelledFrame>, Error> {
    let mut number: BTreeMap<String, usize> = BTreeMap::new();
    let mut frames: Vec<LabelledFrame> = Vec::new();
    for (at, row) in rows {
        let fault = |what: String| Error::line(name, at, what);
        let file = row.text("file").ok_or_else(|| fault("it names no file".to_owned()))?;
        let label = row.label().map_err(fault)?;
        let at = *number.entry(file.to_owned()).or_insert_with(|| {
            frames.push(LabelledFrame { file: file.to_owned(), labels: Vec::new() });
            frames.len() - 1
        });
        frames[at].labels.extend(label);
    }
    Ok(frames)
}

/// The separator that makes the most fields of the header.
fn separator(header: &str) -> char {
    let count = |separator: char| header.matches(separator).count();
    [',', ';', '\t'].into_iter().rev().max_by_key(|&one| count(one)).unwrap_or(',')
}

/// Fields of a line, unquoted. A quoted field may hold separators, no line ends.
fn fields(line: &str, separator: char) -> impl Iterator<Item = Cow<'_, str>> {
    let mut rest = Some(line);
    std::iter::from_fn(move || {
        let text = rest?;
        let mut quoted = false;
        let end = text.find(|one: char| {
            quoted ^= one == '"';
            one == separator && !quoted
        });
        let (field, after) = match end {
            Some(end) => (&text[..end], Some(&text[end + separator.len_utf8()..])),
            None => (text, None),
        };
        rest = after;
        let field = field.trim();
        Some(match field.strip_prefix('"').and_then(|field| field.strip_suffix('"')) {
            Some(inside) => Cow::Owned(inside.replace("\"\"", "\"")),
            None => Cow::Borrowed(field),
        })
    })
}

/// What a label without its whole box lacks.
const BOX: &str = "a box needs left_px, top_px, width_px and height_px";

/// Two numbers that mean nothing alone.
fn both(pair: [Option<f64>; 2], needed: &str) -> Result<Option<[f64; 2]>, String> {
    match pair {
        [Some(first), Some(second)] => Ok(Some([first, second])),
        [None, None] => Ok(None),
        _ => Err(needed.to_owned()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rows_become_points_boxes_and_empty_frames() {
        let text = "\u{feff}file;polarity;x_px;y_px;radius_px;left_px;top_px;width_px;height_px;\
                    delta_k;role\n\
                    a.tif;hot;10.5;20;4;;;;;-3;nested\r\n\
                    \"b;c.tif\";;;;;2;4;10;6;;distractor\n\n\
                    d.tif;;;;;;;;;;\na.tif;cold;1;1;;;;;;;\n";
        let Table::Frames(frames) = read_table("t", text.as_bytes()).unwrap() else {
            panic!("not in frames")
        };
        let files: Vec<_> = frames.iter().map(|frame| frame.file.as_str()).collect();
        assert_eq!(files, ["a.tif", "b;c.tif", "d.tif"]);
        let [point, bare] = &frames[0].labels[..] else { panic!("not two") };
        assert_eq!((point.x, point.y, point.reach), (10.5, 20.0, Reach::Disc(4.0)));
        assert_eq!((point.role, point.class.as_str()), (Role::Target, "nested"));
        assert_eq!((bare.polarity, bare.reach), (Some(Polarity::Cold), Reach::Disc(0.0)));
        let boxed = &frames[1].labels[0];
        assert_eq!((boxed.x, boxed.y, boxed.reach), (7.0, 7.0, Reach::Box([5.0, 3.0])));
        assert_eq!(boxed.role, Role::Distractor);
        assert!(frames[2].labels.is_empty());
    }

    #[test]
    fn what_cannot_be_read_names_its_line() {
        for (text, told) in [
            ("", "line 1: the first line of a table"),
            ("file,file\n", "there twice"),
            ("file,x_px,y_px\na,1,north\n", "line 2: y_px `north`"),
            ("file,x_px,y_px\na,1,NaN\n", "line 2: y_px NaN"),
            ("file,x_px,y_px\na,1,1e300\n", "line 2: y_px 1"),
            ("file,x_px,y_px\n,1,2\n", "names no file"),
            ("file,left_px,x_px,y_px\na,1,2,3\n", "a box needs"),
            ("file,x_px,y_px\na,,3\n", "a point needs"),
            ("file,x_px,y_px,radius_px\na,1,2,-3\n", "radius_px -3 is not above 0"),
            ("file,x_px,y_px,polarity\na,1,2,warm\n", "polarity `warm`"),
            ("lat,lon\n52,\n", "lon is missing"),
            ("lat,lon\n91,5\n", "lat 91 is no place"),
        ] {
            let error = read_table("t.csv", text.as_bytes()).unwrap_err().to_string();
            assert!(error.starts_with("t.csv") && error.contains(told), "{error}");
        }
        assert!(read_table("t.csv", b"\xff\xfe").is_err());
    }
}
