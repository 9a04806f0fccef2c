//! Bodies of requests: bounded in length and in time, and JSON of the expected form.

use std::future::poll_fn;
use std::pin::Pin;

use axum::body::{Body, HttpBody};
use axum::extract::Request;
use axum::http::StatusCode;
use serde::de::DeserializeOwned;

use super::answer::Refusal;
use super::desk::Desk;

/// Most that a request may carry: a review with hundreds of measurements has some 100 kB.
const MOST_BYTES: usize = 1 << 20;

/// How much of a request that is too large is still read, so that its sender hears the answer.
const MOST_DRAINED: usize = 4 << 20;

/// The body of a request.
///
/// # Errors
/// A refusal that says what is wrong with it.
pub(super) async fn body_of<T: DeserializeOwned>(
    desk: &Desk,
    request: Request,
) -> Result<T, Refusal> {
    let late = |_| {
        let remedy = "send it again";
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "the request did not come whole", remedy)
    };
    let read = tokio::time::timeout(desk.params.patience, read(request.into_body()));
    let bytes = read.await.map_err(late)??;
    // A list would be taken for the members of an object in their order.
    if bytes.trim_ascii_start().first() != Some(&b'{') {
        return Err(Refusal::bad("a request is a JSON object"));
    }
    serde_json::from_slice(&bytes).map_err(|error| Refusal::bad(format!("no such JSON: {error}")))
}

async fn read(mut body: Body) -> Result<Vec<u8>, Refusal> {
    let (mut bytes, mut length) = (Vec::new(), 0);
    while let Some(frame) = poll_fn(|context| Pin::new(&mut body).poll_frame(context)).await {
        let frame = frame.map_err(|error| Refusal::bad(format!("it broke off: {error}")))?;
        let Ok(part) = frame.into_data() else { continue };
        length += part.len();
        if length <= MOST_BYTES {
            bytes.extend_from_slice(&part);
        } else if length > MOST_DRAINED {
            break;
        }
    }
    if length > MOST_BYTES {
        let remedy = "send less at a time: at most 1 MiB";
        let status = StatusCode::PAYLOAD_TOO_LARGE;
        return Err(Refusal::new(status, "the request is too large", remedy));
    }
    Ok(bytes)
}
