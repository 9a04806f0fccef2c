//! The error budget of a flight at 60 m by simulation, beside the table that flights are planned by;
//! run on demand with `cargo bench --bench budget [-- SAMPLES]`.
#![expect(clippy::print_stdout, reason = "a bench tells what it found")]

#[path = "../tests/it/budget.rs"]
mod budget;

use budget::{DEPRESSIONS, PIXEL, ROWS, simulated};

fn main() {
    let asked = std::env::args().filter_map(|word| word.parse().ok()).next();
    let samples: u32 = asked.unwrap_or(20_000);
    println!("{samples} samples a cell, pixel {} px; 1-sigma axes (CE50/CE90) in m", PIXEL.0);
    let mut largest = 0.0_f64;
    for (name, sigmas, cells) in &ROWS {
        for (depression, cell) in DEPRESSIONS.iter().zip(cells) {
            let found = simulated(sigmas, *depression, samples, 2026);
            for (found, table) in found.iter().zip(cell) {
                // The table is rounded; what rounding hides is no difference.
                let beyond = ((found - table).abs() - rounding(*table)).max(0.0);
                largest = largest.max(beyond / table);
            }
            let [a, b, ce50, ce90] = found;
            let [c, d, table50, table90] = cell;
            println!(
                "{name:15} {depression:3}°  {a:5.2} x {b:4.2} ({ce50:4.2}/{ce90:5.2})   \
                 table {c:4.2} x {d:4.2} ({table50:4.2}/{table90:5.2})"
            );
        }
    }
    println!("largest difference beyond the table's rounding: {:.1} %", 100.0 * largest);
}

/// Half a unit of the last digit that the table gives.
fn rounding(metres: f64) -> f64 {
    let tenths = metres * 10.0;
    if (tenths - tenths.round()).abs() < 1e-9 { 0.05 } else { 0.005 }
}
