//! Pictures of one instant by the names that DJI's cameras give them: `X_T.JPG` is the thermal one,
//! beside it `X_W.JPG` (wide), `X_V.JPG` or `X_Z.JPG` (as far as it is zoomed in).

use std::path::{Path, PathBuf};

const THERMAL: &str = "_T";
/// In the order in which they are preferred; the last may show less than the thermal one.
const VISIBLE: [&str; 3] = ["_W", "_V", "_Z"];
const WHOLE: usize = 2;

/// What the visible twins of a thermal picture would be called; `None` where its name is no such.
#[must_use]
pub fn visible_names(thermal: &Path) -> Option<[PathBuf; 3]> {
    let stem = thermal.file_stem()?.to_str()?.strip_suffix(THERMAL)?;
    let extension = thermal.extension().map(|end| format!(".{}", end.to_string_lossy()));
    let extension = extension.unwrap_or_default();
    Some(VISIBLE.map(|suffix| thermal.with_file_name(format!("{stem}{suffix}{extension}"))))
}

/// The visible picture beside a thermal one, if its file is there.
#[must_use]
pub fn visible_beside(thermal: &Path) -> Option<PathBuf> {
    visible_names(thermal)?.into_iter().find(|visible| visible.is_file())
}

/// The same, of those that show all of the thermal picture's view.
#[must_use]
pub fn whole_view_beside(thermal: &Path) -> Option<PathBuf> {
    visible_names(thermal)?.into_iter().take(WHOLE).find(|visible| visible.is_file())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn twins_are_found_by_name_and_a_zoomed_one_is_not_the_whole_view() {
        let folder = tempfile::tempdir().unwrap();
        let path = |name: &str| folder.path().join(name);
        for name in ["A_T.JPG", "A_W.JPG", "A_Z.JPG", "B_T.JPG", "B_Z.JPG", "C.JPG", "C_W.JPG"] {
            std::fs::write(path(name), b"x").unwrap();
        }
        assert_eq!(visible_beside(&path("A_T.JPG")), Some(path("A_W.JPG")));
        assert_eq!(whole_view_beside(&path("A_T.JPG")), Some(path("A_W.JPG")));
        assert_eq!(visible_beside(&path("B_T.JPG")), Some(path("B_Z.JPG")));
        assert_eq!(whole_view_beside(&path("B_T.JPG")), None);
        assert_eq!(visible_beside(&path("C.JPG")), None);
    }
}
