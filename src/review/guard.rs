//! Who may ask, and the headers of every answer.
//!
//! A page of another origin that is open in the same browser can send simple requests to a port on
//! this machine, and by giving its own name this machine's address it can even read the answers
//! (DNS rebinding). So the name in `Host` must be one that this machine has by itself, `Origin`
//! must be the same, and a write carries a header and a content type that no form can send
//! (fetch.spec.whatwg.org, section 2.2: what needs a preflight, which is never granted here).

use std::sync::Arc;

use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};

use super::Person;
use super::answer::Refusal;
use super::desk::Desk;

/// Of every answer. Pictures are drawn from bytes that were fetched with the token, hence `blob:`.
const HEADERS: [(HeaderName, &str); 6] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'self'; img-src 'self' blob: data:; object-src 'none'; base-uri 'none'; \
         form-action 'none'; frame-ancestors 'none'",
    ),
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
];

/// The header that only a program or a page of ours sends.
const OURS: &str = "x-torenvalk";

/// Lets a request through or refuses it, and puts the headers on what comes back.
pub(super) async fn guard(
    State(desk): State<Arc<Desk>>,
    mut request: Request,
    next: Next,
) -> Response {
    let allowed = allow(&desk, &request);
    let is_api = request.uri().path().starts_with("/api");
    let mut response = match allowed {
        Ok(person) => {
            request.extensions_mut().insert(person);
            next.run(request).await
        }
        Err(refusal) => refusal.into_response(),
    };
    let headers = response.headers_mut();
    for (name, value) in HEADERS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    if is_api && !headers.contains_key(header::CACHE_CONTROL) {
        headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    }
    response
}

/// Who asks, if they may.
fn allow(desk: &Desk, request: &Request) -> Result<Person, Refusal> {
    let headers = request.headers();
    let host = text(headers, &header::HOST).unwrap_or_default();
    let people = &desk.params.access.people;
    let with_token = people.iter().any(|person| person.token.is_some());
    // With a token a foreign name gains nothing, and a proxy may well have one of its own.
    if !with_token && !is_own_host(host, desk.port) {
        return Err(forbidden("this name is not one of this machine", "open the address told"));
    }
    if let Some(origin) = text(headers, &header::ORIGIN)
        && origin.split_once("://").is_none_or(|(_, name)| name != host)
    {
        return Err(forbidden("the request comes from another page", "open the address told"));
    }
    let sent = text(headers, &header::AUTHORIZATION).and_then(|sent| sent.strip_prefix("Bearer "));
    let known = people.iter().find(|person| match (&person.token, sent) {
        (Some(token), Some(sent)) => is_same(sent.as_bytes(), token.as_bytes()),
        (token, _) => token.is_none(),
    });
    // The page itself holds nothing of the case, and is what asks for the token.
    let is_api = request.uri().path().starts_with("/api");
    let Some(person) = known.cloned().or_else(|| (!is_api).then(Person::default)) else {
        let remedy = "open the address with #token=… that the operator handed out";
        return Err(Refusal::new(StatusCode::UNAUTHORIZED, "the token is missing", remedy));
    };
    if [Method::GET, Method::HEAD].contains(request.method()) {
        return Ok(person);
    }
    if headers.get(OURS).is_none_or(|value| value != "1") {
        return Err(forbidden("a write carries the header X-Torenvalk: 1", "see /api"));
    }
    let kind = text(headers, &header::CONTENT_TYPE).unwrap_or_default();
    if kind.split(';').next().map(str::trim) != Some("application/json") {
        let status = StatusCode::UNSUPPORTED_MEDIA_TYPE;
        return Err(Refusal::new(status, "a write is JSON", "send Content-Type: application/json"));
    }
    Ok(person)
}

fn forbidden(error: &str, remedy: &str) -> Refusal {
    Refusal::new(StatusCode::FORBIDDEN, error, remedy)
}

fn text<'h>(headers: &'h HeaderMap, name: &HeaderName) -> Option<&'h str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Names that this machine has without asking anybody.
fn is_own_host(host: &str, port: u16) -> bool {
    let name = host.strip_suffix(&format!(":{port}")).or(Some(host).filter(|_| port == 80));
    name.is_some_and(|name| ["localhost", "127.0.0.1", "[::1]"].contains(&name))
}

/// Compares without telling by its time how much agrees.
fn is_same(one: &[u8], other: &[u8]) -> bool {
    let differs = one.iter().zip(other).fold(0, |differs, (a, b)| differs | (a ^ b));
    one.len() == other.len() && differs == 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_names_of_this_machine_with_the_port_are_own() {
        for (host, own) in [
            ("localhost:7580", true),
            ("127.0.0.1:7580", true),
            ("[::1]:7580", true),
            ("localhost", false),
            ("localhost:7581", false),
            ("evil.example:7580", false),
            ("localhost.evil.example:7580", false),
            ("127.0.0.1:7580.evil.example", false),
            ("", false),
        ] {
            assert_eq!(is_own_host(host, 7580), own, "{host}");
        }
        assert!(is_own_host("localhost", 80));
    }

    #[test]
    fn a_token_is_right_or_wrong_as_a_whole() {
        assert!(is_same(b"abc", b"abc"));
        assert!(!is_same(b"abc", b"abd") && !is_same(b"ab", b"abc") && !is_same(b"", b"abc"));
    }
}
