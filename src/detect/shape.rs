//! Where a core lies, and how long and wide it is.

use super::parts::Part;

/// Sums over a core's pixels.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Shape {
    area: u64,
    /// Of height over half of the component's peak, and of that times column and row.
    heights: u64,
    heights_x: u64,
    heights_y: u64,
    /// Of column, row and their products.
    x: u64,
    y: u64,
    xx: u64,
    xy: u64,
    yy: u64,
}

impl Shape {
    /// `heights` are those of the part's pixels, all above its limit.
    pub(super) fn add(&mut self, part: &Part, heights: &[u16]) {
        let y = u64::from(part.y);
        let (mut sum, mut sum_x) = (0, 0);
        for (x, &height) in (part.start..part.end).zip(heights) {
            let height = u64::from(height - part.limit);
            sum += height;
            sum_x += height * u64::from(x);
        }
        self.heights += sum;
        self.heights_x += sum_x;
        self.heights_y += sum * y;
        let (start, end) = (u64::from(part.start), u64::from(part.end));
        let count = end - start;
        let columns = (start + end - 1) * count / 2;
        // Sum of squares up to n: n (n + 1) (2 n + 1) / 6.
        let squares = |n: u64| n * (n + 1) * (2 * n + 1) / 6;
        self.area += count;
        self.x += columns;
        self.y += count * y;
        self.xx += squares(end - 1) - start.checked_sub(1).map_or(0, squares);
        self.xy += columns * y;
        self.yy += count * y * y;
    }

    /// Centre from the outer corner of the first pixel, weighted with the height over half of the
    /// peak: so pixels come in and drop out with no weight, and the centre does not jump.
    pub(super) fn centre(&self) -> (f64, f64) {
        let heights = self.heights.max(1) as f64;
        (self.heights_x as f64 / heights + 0.5, self.heights_y as f64 / heights + 0.5)
    }

    /// Standard deviations of its pixels along and across its longest direction, in pixels. A
    /// single pixel has 0.29 (a twelfth of its square) both ways.
    pub(super) fn spread(&self) -> (f64, f64) {
        const OF_ONE_PIXEL: f64 = 1.0 / 12.0;
        let area = self.area.max(1) as f64;
        let (x, y) = (self.x as f64 / area, self.y as f64 / area);
        let xx = self.xx as f64 / area - x * x + OF_ONE_PIXEL;
        let yy = self.yy as f64 / area - y * y + OF_ONE_PIXEL;
        let xy = self.xy as f64 / area - x * y;
        let (middle, radius) = (0.5 * (xx + yy), (0.5 * (xx - yy)).hypot(xy));
        let across = (middle - radius).max(OF_ONE_PIXEL);
        ((middle + radius).max(across).sqrt(), across.sqrt())
    }
}
