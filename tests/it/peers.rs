//! Other people's programs, where they are installed: `./check` installs them and requires them.

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

/// The Python with pymavlink: that of `./check`, or the system's; `None` where neither has it.
pub(crate) fn python(module: &str) -> Option<PathBuf> {
    let own = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/peers/bin/python");
    for python in [own, PathBuf::from("python3")] {
        let import = Command::new(&python)
            .args(["-c", &format!("import {module}")])
            .stderr(Stdio::null())
            .status();
        if import.is_ok_and(|status| status.success()) {
            return Some(python);
        }
    }
    assert!(std::env::var_os("TORENVALK_PEERS").is_none(), "{module} is not installed");
    None
}

/// A script of `tools/peers`.
pub(crate) fn script(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tools/peers").join(name)
}

/// What a script writes when it reads `stdin`. It must succeed.
pub(crate) fn ask(python: &Path, name: &str, stdin: &str) -> String {
    let mut child = Command::new(python)
        .arg(script(name))
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut pipe = child.stdin.take().unwrap();
    let text = stdin.to_owned();
    let writer = std::thread::spawn(move || pipe.write_all(text.as_bytes()));
    let output = child.wait_with_output().unwrap();
    writer.join().unwrap().unwrap();
    assert!(output.status.success(), "{name} failed");
    String::from_utf8(output.stdout).unwrap()
}
