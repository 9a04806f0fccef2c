//! A file as an answer, a piece at a time: a package may be larger than the memory.

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::http::{HeaderValue, header};
use hyper::body::{Frame, SizeHint};
use tokio::sync::mpsc;

use super::answer::{Answer, Refusal, bytes_of};

/// Bytes of a piece.
const PIECE: u64 = 1 << 18;
/// Pieces that wait for a reader.
const WAITING: usize = 2;
/// How long a piece waits for a reader that does not read; then the connection ends.
const PATIENCE: Duration = Duration::from_secs(60);

/// Sends a file under its own name.
pub(super) async fn send(path: PathBuf) -> Answer {
    let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
    let opened = tokio::task::spawn_blocking({
        let path = path.clone();
        move || File::open(path).and_then(|file| Ok((file.metadata()?.len(), file)))
    });
    let gone = |error: std::io::Error| {
        Refusal::not_found(&format!("such file any more: {}: {error}", path.display()))
    };
    let (length, file) = opened.await.map_err(Refusal::unexpected)?.map_err(gone)?;
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(pass_on(file, length, sender));
    let mut response = bytes_of(kind(&path), Body::new(Pieces { receiver, left: length }));
    // The program gives the names, plain ones; what else a path may hold is left out.
    let plain = |c: &char| c.is_ascii_alphanumeric() || "-_.".contains(*c);
    let name: String = name.chars().filter(plain).collect();
    let told = HeaderValue::from_str(&format!("attachment; filename=\"{name}\""));
    let told = told.map_err(Refusal::unexpected)?;
    response.headers_mut().insert(header::CONTENT_DISPOSITION, told);
    Ok(response)
}

fn kind(path: &Path) -> &'static str {
    match path.extension().and_then(|end| end.to_str()) {
        Some("pdf") => "application/pdf",
        Some("zip") => "application/zip",
        _ => "application/octet-stream",
    }
}

/// Reads piece by piece, each beside the one thread that serves and only when there is room: a
/// reader that waits holds no thread.
async fn pass_on(mut file: File, mut left: u64, sender: mpsc::Sender<Bytes>) {
    while left > 0 {
        let read = tokio::task::spawn_blocking(move || {
            let mut piece = Vec::new();
            let read = Read::by_ref(&mut file).take(left.min(PIECE)).read_to_end(&mut piece);
            read.map(|_| (file, piece))
        });
        // A file that became shorter ends the connection early, and the browser says so.
        let Ok(Ok((again, piece))) = read.await else { return };
        if piece.is_empty() {
            return;
        }
        file = again;
        left -= piece.len() as u64;
        if !matches!(tokio::time::timeout(PATIENCE, sender.send(piece.into())).await, Ok(Ok(()))) {
            return;
        }
    }
}

/// A body of pieces as they come, of a length that is known.
struct Pieces {
    receiver: mpsc::Receiver<Bytes>,
    left: u64,
}

impl hyper::body::Body for Pieces {
    type Data = Bytes;
    type Error = std::io::Error;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.receiver.poll_recv(context).map(|piece| match piece {
            Some(piece) => {
                self.left = self.left.saturating_sub(piece.len() as u64);
                Some(Ok(Frame::data(piece)))
            }
            None if self.left > 0 => {
                self.left = 0;
                Some(Err(std::io::ErrorKind::UnexpectedEof.into()))
            }
            None => None,
        })
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(self.left)
    }
}
