//! The built page, from the program or from a folder.

use std::path::Path;
use std::sync::Arc;

use axum::extract::{Path as InPath, State};
use axum::http::{HeaderValue, header};

use super::answer::{Answer, Refusal, bytes_of};
use super::desk::{Desk, aside};

// `STATE` and `FILES`: what `build.rs` made of the page.
include!(concat!(env!("OUT_DIR"), "/page.rs"));

/// `GET /`: never kept, so that a new program is seen at once.
pub(super) async fn index(State(desk): State<Arc<Desk>>) -> Answer {
    let mut response = bytes_of("text/html; charset=utf-8", file(&desk, "index.html").await?);
    let never = HeaderValue::from_static("no-store");
    response.headers_mut().insert(header::CACHE_CONTROL, never);
    Ok(response)
}

/// `GET /assets/{name}`: the name changes with the content, so it is kept for ever. What is not
/// there is not found: a page in its place would be a blank one without a reason.
pub(super) async fn asset(State(desk): State<Arc<Desk>>, InPath(name): InPath<String>) -> Answer {
    let plain = |c: char| c.is_ascii_alphanumeric() || matches!(c, '.' | '-' | '_');
    if !name.chars().all(plain) || name.starts_with('.') {
        return Err(Refusal::not_found("such file of the page"));
    }
    let mut response = bytes_of(kind(&name), file(&desk, &format!("assets/{name}")).await?);
    let kept = HeaderValue::from_static("public, max-age=31536000, immutable");
    response.headers_mut().insert(header::CACHE_CONTROL, kept);
    Ok(response)
}

fn kind(name: &str) -> &'static str {
    match Path::new(name).extension().and_then(|end| end.to_str()) {
        Some("js") => "text/javascript; charset=utf-8",
        Some("css") => "text/css; charset=utf-8",
        Some("svg") => "image/svg+xml",
        Some("json" | "map") => "application/json",
        Some("png") => "image/png",
        _ => "application/octet-stream",
    }
}

/// A file of the page by its name, which is one of a list or was looked at for what it may hold.
async fn file(desk: &Arc<Desk>, name: &str) -> Result<Vec<u8>, Refusal> {
    let none = || Refusal::not_found("such file of the page");
    if let Some(folder) = desk.params.page.clone() {
        let path = folder.join(name);
        return aside(desk, move |_| std::fs::read(path).map_err(|_| none())).await;
    }
    let found = FILES.iter().find(|(known, _)| *known == name);
    found.map(|(_, bytes)| bytes.to_vec()).ok_or_else(none)
}
