//! The program `torenvalk`.

fn main() {}
