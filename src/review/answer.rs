//! Answers and refusals.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use serde_json::json;

use crate::case;

/// Why a request is refused, and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    pub(super) status: StatusCode,
    pub(super) error: String,
    pub(super) remedy: String,
}

/// What a handler gives.
pub(super) type Answer = Result<Response, Refusal>;

impl Refusal {
    pub(super) fn new(
        status: StatusCode,
        error: impl Into<String>,
        remedy: impl Into<String>,
    ) -> Self {
        Self { status, error: error.into(), remedy: remedy.into() }
    }

    /// There is no such thing.
    pub(super) fn not_found(what: &str) -> Self {
        Self::new(StatusCode::NOT_FOUND, format!("there is no {what}"), "reload the page")
    }

    /// What was sent makes no sense.
    pub(super) fn bad(error: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, error, "see /api for what is expected")
    }

    /// What was sent makes sense, but a part of it is missing or out of range.
    pub(super) fn unfit(error: impl Into<String>, remedy: impl Into<String>) -> Self {
        Self::new(StatusCode::UNPROCESSABLE_ENTITY, error, remedy)
    }

    /// Something that should not happen.
    pub(super) fn unexpected(error: impl std::fmt::Display) -> Self {
        let status = StatusCode::INTERNAL_SERVER_ERROR;
        Self::new(status, error.to_string(), "look whether the disk and the case are in order")
    }
}

impl From<case::Error> for Refusal {
    fn from(error: case::Error) -> Self {
        match &error {
            case::Error::Locked { .. } => {
                Self::new(StatusCode::SERVICE_UNAVAILABLE, error.to_string(), "try again")
            }
            case::Error::NoSuchFinding { .. } => Self::not_found("such finding in the current run"),
            _ => Self::unexpected(error),
        }
    }
}

impl IntoResponse for Refusal {
    fn into_response(self) -> Response {
        let body = json!({ "error": self.error, "remedy": self.remedy });
        (self.status, json_of(&body)).into_response()
    }
}

/// A value as a JSON answer.
pub(super) fn json_of(value: &impl Serialize) -> Response {
    match serde_json::to_vec(value) {
        Ok(bytes) => bytes_of("application/json", bytes),
        Err(error) => Refusal::unexpected(error).into_response(),
    }
}

/// Bytes of a kind.
pub(super) fn bytes_of(kind: &'static str, bytes: impl Into<Body>) -> Response {
    let mut response = Response::new(bytes.into());
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}

/// An answer with the number of a finding's latest review as its tag.
pub(super) fn tagged(mut response: Response, version: i64) -> Response {
    if let Ok(tag) = HeaderValue::from_str(&format!("\"{version}\"")) {
        response.headers_mut().insert(header::ETAG, tag);
    }
    response
}
