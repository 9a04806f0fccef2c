//! Each path and what answers it.

use std::sync::Arc;

use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::middleware;
use axum::routing::{MethodRouter, get, post};

use super::answer::{Answer, Refusal, bytes_of};
use super::desk::Desk;
use super::{
    about_case, assets, compare, drawn, findings, frames, ground, guard, jobs, layers, live, raw,
    reviews,
};

/// The interface for other programs, as OpenAPI 3.1.
pub const OPENAPI: &str = include_str!("openapi.json");

type Route = (&'static str, &'static str, MethodRouter<Arc<Desk>>);

fn routes() -> Vec<Route> {
    vec![
        ("get", "/", get(assets::index)),
        ("get", "/assets/{name}", get(assets::asset)),
        ("get", "/api", get(openapi)),
        ("get", "/api/health", get(about_case::health)),
        ("get", "/api/case", get(about_case::case)),
        ("get", "/api/findings", get(findings::list)),
        ("post", "/api/findings", post(drawn::finding)),
        ("get", "/api/findings/{id}", get(findings::one)),
        ("post", "/api/findings/{id}/reviews", post(reviews::add)),
        ("get", "/api/frames", get(frames::list)),
        ("get", "/api/frames/{n}", get(frames::one)),
        ("post", "/api/frames/{n}/masks", post(drawn::mask)),
        ("get", "/api/frames/{n}/raw", get(raw::raw)),
        ("get", "/api/frames/{n}/visible", get(frames::visible)),
        ("get", "/api/site", get(ground::site)),
        ("get", "/api/track", get(ground::track)),
        ("get", "/api/footprints", get(ground::footprints)),
        ("get", "/api/layers/{id}", get(layers::bytes)),
        ("get", "/api/tiles/{id}/{z}/{x}/{y}", get(layers::tile)),
        ("get", "/api/compare", get(compare::compare)),
        ("get", "/api/compare/{id}/raw", get(compare::raw)),
        ("get", "/api/events", get(live::events)),
        ("post", "/api/jobs", post(jobs::start)),
        ("get", "/api/jobs/{id}", get(jobs::state)),
        ("get", "/api/jobs/{id}/file", get(jobs::file)),
        ("get", "/api/left-behind", get(about_case::left_behind)),
    ]
}

/// How the page came into this program: `built`, `missing` or `skipped`.
#[must_use]
pub fn page_state() -> &'static str {
    assets::STATE
}

/// Verb and path of everything that is answered.
#[must_use]
pub fn paths() -> Vec<(&'static str, &'static str)> {
    routes().into_iter().map(|(verb, path, _)| (verb, path)).collect()
}

/// All routes behind the guard.
pub(super) fn router(desk: &Arc<Desk>) -> Router {
    let all = routes().into_iter().fold(Router::new(), |all, (_, path, route)| {
        // A path with two verbs is told twice, and the verbs are joined.
        all.route(path, route)
    });
    all.fallback(nothing)
        .layer(DefaultBodyLimit::disable()) // bodies are bounded where they are read
        .layer(middleware::from_fn_with_state(desk.clone(), guard::guard))
        .with_state(desk.clone())
}

/// `GET /api`.
async fn openapi(State(desk): State<Arc<Desk>>) -> Answer {
    Ok(bytes_of("application/json", OPENAPI.replace("VERSION", desk.params.version)))
}

async fn nothing() -> Answer {
    Err(Refusal::not_found("such path"))
}
