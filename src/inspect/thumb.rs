//! A small grey picture of a frame, so that a list of findings can be looked at.

/// Columns and rows of one step of the original in the thumb.
const SHRINK: usize = 4;

/// PNG of a plane at a quarter of its size, coldest pixel black, hottest white; `None` for pictures
/// smaller than one step.
pub(super) fn thumb(width: u32, height: u32, plane: &[u16]) -> Option<Vec<u8>> {
    let (columns, rows) = (width as usize / SHRINK, height as usize / SHRINK);
    if columns == 0 || rows == 0 {
        return None;
    }
    let mut means = Vec::with_capacity(columns * rows);
    let mut sums = vec![0; columns * SHRINK];
    for lines in plane.chunks_exact(SHRINK * width as usize) {
        sums.fill(0);
        for line in lines.chunks_exact(width as usize) {
            for (sum, &value) in sums.iter_mut().zip(line) {
                *sum += u32::from(value);
            }
        }
        let of_pixel = sums.as_chunks::<SHRINK>().0.iter();
        means.extend(of_pixel.map(|sums| sums.iter().sum::<u32>() / (SHRINK * SHRINK) as u32));
    }
    let known = means.iter().filter(|&&mean| mean > 0);
    let low = known.clone().min().copied().unwrap_or(0);
    let span = known.max().copied().unwrap_or(0).saturating_sub(low).max(1);
    let grey: Vec<u8> =
        means.iter().map(|&mean| (mean.saturating_sub(low) * 255 / span) as u8).collect();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, columns as u32, rows as u32);
    encoder.set_color(png::ColorType::Grayscale);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.set_compression(png::Compression::Fastest);
    let mut writer = encoder.write_header().ok()?;
    writer.write_image_data(&grey).ok()?;
    writer.finish().ok()?;
    Some(png)
}
