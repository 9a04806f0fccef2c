//! Speed of `locate`; run on demand with `cargo bench`.

fn main() {
    divan::main();
}
