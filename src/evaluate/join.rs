//! Which frame of a run is which of the truth, by their names.

use std::collections::BTreeMap;

use super::{Error, LabelledFrame, SeenFrame};

/// A file's name, taken apart.
struct Name<'a> {
    /// Folders from the innermost.
    folders: Vec<&'a str>,
    stem: &'a str,
    extension: &'a str,
    /// Number in a file of several frames.
    number: u32,
}

impl<'a> Name<'a> {
    fn of(file: &'a str) -> Self {
        let (path, number) = match file.rsplit_once('#') {
            Some((path, digits)) => match digits.parse() {
                Ok(number) => (path, number),
                Err(_) => (file, 0),
            },
            None => (file, 0),
        };
        let mut parts = path.rsplit(['/', '\\']).filter(|part| !part.is_empty() && *part != ".");
        let last = parts.next().unwrap_or_default();
        let (stem, extension) = match last.rsplit_once('.') {
            Some((stem, extension)) if !stem.is_empty() => (stem, extension),
            _ => (last, ""),
        };
        Self { folders: parts.collect(), stem, extension, number }
    }

    /// How well two names go together: folders that both have, and whether the ending is the same.
    /// `None` where both have a folder that the other contradicts.
    fn likeness(&self, other: &Self) -> Option<(usize, bool)> {
        let both = self.folders.iter().zip(&other.folders);
        let (mut shared, mut apart) = (0, false);
        for (own, theirs) in both {
            apart |= own != theirs;
            shared += 1;
        }
        (!apart).then_some((shared, self.extension == other.extension))
    }
}

/// Frames of the truth with what a run says of them.
pub(super) struct Joined<'a> {
    /// Each frame of the truth, in its order.
    pub(super) frames: Vec<(&'a LabelledFrame, Option<&'a SeenFrame>)>,
    /// Frames of the run that the truth does not tell of.
    pub(super) unknown: Vec<String>,
}

/// Joins by name without ending; folders count where both names have them.
pub(super) fn join<'a>(
    truth: &'a [LabelledFrame],
    seen: &'a [SeenFrame],
) -> Result<Joined<'a>, Error> {
    let names: Vec<Name<'_>> = truth.iter().map(|frame| Name::of(&frame.file)).collect();
    let mut alike: BTreeMap<(&str, u32), Vec<usize>> = BTreeMap::new();
    for (at, name) in names.iter().enumerate() {
        alike.entry((name.stem, name.number)).or_default().push(at);
    }
    let mut frames: Vec<_> = truth.iter().map(|frame| (frame, None)).collect();
    let mut unknown = Vec::new();
    for frame in seen {
        let name = Name::of(&frame.file);
        let candidates = alike.get(&(name.stem, name.number)).map_or(&[][..], Vec::as_slice);
        let ambiguous = |what: String| Error::Ambiguous { file: frame.file.clone(), what };
        let mut best: Option<((usize, bool), usize)> = None;
        let mut second = None;
        for &at in candidates {
            let Some(likeness) = name.likeness(&names[at]) else { continue };
            match best {
                Some((known, _)) if likeness < known => {}
                Some((known, _)) if likeness == known => second = Some(at),
                _ => (best, second) = (Some((likeness, at)), None),
            }
        }
        let Some((_, at)) = best else {
            unknown.push(frame.file.clone());
            continue;
        };
        if let Some(other) = second {
            let (one, other) = (&truth[at].file, &truth[other].file);
            let what =
                format!("it could be {one} or {other} of the truth; name it with its folder");
            return Err(ambiguous(what));
        }
        if let Some(before) = frames[at].1.replace(frame) {
            let (file, before) = (&truth[at].file, &before.file);
            return Err(ambiguous(format!("it would be {file} of the truth, as {before} is")));
        }
    }
    Ok(Joined { frames, unknown })
}

/// Adds the frames of a run that the truth does not tell of as frames in which nothing is.
///
/// # Errors
/// [`Error::Ambiguous`].
pub fn add_unlabelled(truth: &mut Vec<LabelledFrame>, seen: &[SeenFrame]) -> Result<(), Error> {
    let unknown = join(truth, seen)?.unknown;
    truth.extend(unknown.into_iter().map(|file| LabelledFrame { file, labels: Vec::new() }));
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn labelled(files: &[&str]) -> Vec<LabelledFrame> {
        let frame = |file: &&str| LabelledFrame { file: (*file).to_owned(), ..Default::default() };
        files.iter().map(frame).collect()
    }

    fn seen(files: &[&str]) -> Vec<SeenFrame> {
        let frame = |file: &&str| SeenFrame { file: (*file).to_owned(), ..Default::default() };
        files.iter().map(frame).collect()
    }

    #[test]
    fn names_are_joined_without_ending_and_folders_never_contradict() {
        for (truth, run, expected) in [
            ("a.tif", "/x/y/a.tif", true),
            ("a", "/x/a.tif", true),
            ("y/a.png", "/x/y/a.tif", true),
            ("z/a.tif", "/x/y/a.tif", false),
            ("C:\\y\\a.tif", "y/a.tif", true),
            ("a.seq#3", "x/a.seq#3", true),
            ("a.seq#3", "x/a.seq", false),
            ("a.seq#0", "x/a.seq", true),
            ("a.b.tif", "a.tif", false),
        ] {
            let (truth, run) = (labelled(&[truth]), seen(&[run]));
            let joined = join(&truth, &run).unwrap();
            assert_eq!(joined.frames[0].1.is_some(), expected, "{truth:?} {run:?}");
            assert_eq!(joined.unknown.is_empty(), expected, "{truth:?} {run:?}");
        }
    }

    #[test]
    fn the_likest_name_is_taken_and_doubt_is_an_error() {
        let truth = labelled(&["p/a.tif", "q/a.tif", "a.png"]);
        let run = seen(&["/p/a.tif", "/q/a.jpg"]);
        let joined = join(&truth, &run).unwrap();
        let got: Vec<_> =
            joined.frames.iter().map(|(_, one)| one.map(|one| &one.file[..])).collect();
        assert_eq!(got, [Some("/p/a.tif"), Some("/q/a.jpg"), None]);
        for (truth, run) in [
            (&["p/a.tif", "q/a.tif"][..], &["a.tif"][..]),
            (&["a.tif"], &["p/a.tif", "q/a.tif"]),
            (&["a.tif", "a.tif"], &["a.tif"]),
        ] {
            let (truth, run) = (labelled(truth), seen(run));
            assert!(matches!(join(&truth, &run), Err(Error::Ambiguous { .. })), "{truth:?}");
        }
    }
}
