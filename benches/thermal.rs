//! Speed of `thermal`; run on demand with `cargo bench`.

fn main() {
    divan::main();
}
