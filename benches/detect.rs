//! Speed of `detect`; run on demand with `cargo bench`.

fn main() {
    divan::main();
}
