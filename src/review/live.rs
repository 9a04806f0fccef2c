//! Events as they come: server-sent events (html.spec.whatwg.org, section 9.2).

use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use axum::body::{Body, Bytes};
use axum::extract::State;
use hyper::body::Frame;
use serde_json::json;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::answer::{Answer, bytes_of};
use super::desk::{Desk, News};

/// A comment line each so often keeps proxies from closing a silent connection.
const SILENCE: Duration = Duration::from_secs(15);
/// Events that wait for a reader; a reader that does not read is not waited for.
const WAITING: usize = 64;
/// How long an event waits for a reader that does not read; then the connection ends.
const PATIENCE: Duration = Duration::from_secs(30);

/// `GET /api/events`.
pub(super) async fn events(State(desk): State<Arc<Desk>>) -> Answer {
    let (sender, receiver) = mpsc::channel(WAITING);
    tokio::spawn(pass_on(desk, sender));
    Ok(bytes_of("text/event-stream", Body::new(Events(receiver))))
}

/// Passes news on until the reader goes away.
async fn pass_on(desk: Arc<Desk>, sender: mpsc::Sender<Bytes>) {
    let mut news = desk.listen();
    // Said at once, so that the page knows that it is connected.
    let mut line = Bytes::from_static(b": here\n\n");
    loop {
        match tokio::time::timeout(PATIENCE, sender.send(line)).await {
            Ok(Ok(())) => {}
            _ => return,
        }
        line = tokio::select! {
            () = sender.closed() => return,
            heard = tokio::time::timeout(SILENCE, news.recv()) => match heard {
                Err(_) => Bytes::from_static(b":\n\n"),
                Ok(Ok(heard)) => event(&heard),
                // It missed some, so it reads everything anew.
                Ok(Err(RecvError::Lagged(_))) => {
                    event(&("findings", json!({ "run": desk.now().fixed.run.id.0 })))
                }
                Ok(Err(RecvError::Closed)) => return,
            },
        };
    }
}

fn event((name, says): &News) -> Bytes {
    // JSON has no line feeds outside of strings and escapes them inside.
    format!("event: {name}\ndata: {says}\n\n").into()
}

/// A body of events as they come.
struct Events(mpsc::Receiver<Bytes>);

impl hyper::body::Body for Events {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
    ) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        self.0.poll_recv(context).map(|line| line.map(|line| Ok(Frame::data(line))))
    }
}
