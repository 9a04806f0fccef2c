//! Which frames a made scene has: those without a planted source have no row in its `truth.csv`.

use serde::Deserialize;

use super::Error;

#[derive(Deserialize)]
struct About {
    scene: Scene,
}

#[derive(Deserialize)]
struct Scene {
    frames: u32,
}

/// Scenes have fewer.
const MOST_FRAMES: u32 = 100_000;

/// Names of the frames by the scene's `scene.json`, in which `scene.frames` tells how many there
/// are: `frame_0000.tif` and so on.
///
/// # Errors
/// [`Error::File`].
pub fn frames_of_scene(name: &str, bytes: &[u8]) -> Result<Vec<String>, Error> {
    let about: About = serde_json::from_slice(bytes)
        .map_err(|error| Error::file(name, format!("not a scene with `scene.frames`: {error}")))?;
    let frames = about.scene.frames;
    if frames > MOST_FRAMES {
        let what = format!("{frames} frames, more than the {MOST_FRAMES} that a scene may have");
        return Err(Error::file(name, what));
    }
    Ok((0..frames).map(|number| format!("frame_{number:04}.tif")).collect())
}
