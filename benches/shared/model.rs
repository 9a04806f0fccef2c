//! An elevation model made up for benches.

/// A square of low waves from a north-western corner, in RD and NAP: so many posts a side, so far
/// apart. `None` where it cannot be written.
pub(crate) fn rd_model(west_m: f64, north_m: f64, posts: u32, spacing_m: f64) -> Option<Vec<u8>> {
    use tiff::encoder::{TiffEncoder, colortype::Gray32Float};
    use tiff::tags::Tag;
    let mut bytes = std::io::Cursor::new(Vec::new());
    let mut encoder = TiffEncoder::new(&mut bytes).ok()?;
    let mut image = encoder.new_image::<Gray32Float>(posts, posts).ok()?;
    image.rows_per_strip(64).ok()?;
    let keys: &[u16] = &[1, 1, 0, 3, 1024, 0, 1, 1, 1025, 0, 1, 1, 3072, 0, 1, 28992];
    let directory = image.encoder();
    directory.write_tag(Tag::GeoKeyDirectoryTag, keys).ok()?;
    directory.write_tag(Tag::ModelPixelScaleTag, &[spacing_m, spacing_m, 0.0][..]).ok()?;
    let tie: &[f64] = &[0.0, 0.0, 0.0, west_m, north_m, 0.0];
    directory.write_tag(Tag::ModelTiepointTag, tie).ok()?;
    let heights: Vec<f32> = (0..posts * posts)
        .map(|i| ((i % posts) as f32 / 40.0).sin() + ((i / posts) as f32 / 55.0).cos())
        .collect();
    image.write_data(&heights).ok()?;
    Some(bytes.into_inner())
}
