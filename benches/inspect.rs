//! Speed of `inspect`; run on demand with `cargo bench`.

fn main() {
    divan::main();
}
