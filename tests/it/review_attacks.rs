//! What `review` must not let through, each tried.

#![expect(clippy::disallowed_methods, reason = "a server is waited for by the real clock")]

use std::fs;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use torenvalk::review::{Access, Person};

use super::review::{Served, ids, serve};

fn reviews(served: &Served) -> (String, usize) {
    let id = ids(served)[0].clone();
    let one = served.get(&format!("/api/findings/{id}")).json();
    (id, one["reviews"].as_array().unwrap().len())
}

/// A form or a script of another page can send these; none of them may add anything.
#[test]
fn another_page_cannot_write() {
    let served = serve(|_| {});
    let (id, _) = reviews(&served);
    let path = format!("/api/findings/{id}/reviews");
    let body = json!({ "decision": "accepted", "reason": "" }).to_string();
    let json_type = ("Content-Type", "application/json");
    let own = format!("http://{}", served.address);
    let of_us = [("X-Torenvalk", "1"), json_type, ("If-Match", "\"0\"")];
    for (headers, status) in [
        (vec![("Content-Type", "text/plain"), ("If-Match", "\"0\"")], 403),
        (vec![json_type, ("If-Match", "\"0\"")], 403),
        (vec![("X-Torenvalk", "1"), ("Content-Type", "text/plain"), ("If-Match", "\"0\"")], 415),
        ([&of_us[..], &[("Origin", "http://evil.example")]].concat(), 403),
        ([&of_us[..], &[("Origin", "null")]].concat(), 403),
        ([&of_us[..], &[("Host", "evil.example")]].concat(), 403),
        (vec![("X-Torenvalk", "1"), json_type], 428),
        (vec![("X-Torenvalk", "1"), json_type, ("If-Match", "*")], 400),
    ] {
        let answer = served.ask("POST", &path, &headers, &body);
        assert_eq!(answer.status, status, "{headers:?}");
        assert!(answer.json()["remedy"].is_string());
    }
    for verb in ["PUT", "DELETE", "PATCH", "OPTIONS"] {
        let answer = served.ask(verb, &path, &of_us, &body);
        assert!((400..500).contains(&answer.status), "{verb} {}", answer.status);
        assert_eq!(answer.header("access-control-allow-origin"), None);
    }
    assert_eq!(reviews(&served).1, 0);
    let answer = served.ask("POST", &path, &[&of_us[..], &[("Origin", &own)]].concat(), &body);
    assert_eq!(answer.status, 201);
}

/// A name of another's that leads to this machine must not read anything either.
#[test]
fn a_foreign_name_for_this_machine_reads_nothing() {
    let served = serve(|_| {});
    for host in ["evil.example", "localhost.evil.example", "127.0.0.1", "127.0.0.1:1", ""] {
        for path in ["/", "/api/case", "/api/findings", "/api/frames/0/raw"] {
            let answer = served.ask("GET", path, &[("Host", host)], "");
            assert_eq!(answer.status, 403, "{host} {path}");
        }
    }
}

#[test]
fn no_path_leads_out_of_the_page_or_the_case() {
    let folder = tempfile::tempdir().unwrap();
    let page = folder.path().join("page");
    fs::create_dir_all(page.join("assets")).unwrap();
    fs::write(page.join("index.html"), "<!doctype html>").unwrap();
    fs::write(page.join("assets/a.1.js"), "1").unwrap();
    fs::write(folder.path().join("secret.js"), "secret").unwrap();
    let served = serve(|params| params.page = Some(page.clone()));
    assert_eq!(served.get("/").status, 200);
    let kept = served.get("/assets/a.1.js");
    assert_eq!(
        (kept.status, kept.header("content-type")),
        (200, Some("text/javascript; charset=utf-8"))
    );
    assert!(kept.header("cache-control").unwrap().contains("immutable"));
    for path in [
        "/assets/../secret.js",
        "/assets/../../secret.js",
        "/assets/..%2f..%2fsecret.js",
        "/assets/%2e%2e/secret.js",
        "/assets/..%5c..%5csecret.js",
        "/assets//etc/passwd",
        "/assets/a.1.js%00.css",
        "/assets/.hidden",
        "/assets/none.js",
        "/secret.js",
        "/api/frames/..%2f..%2fcase.gpkg",
        "/api/frames/%2fetc%2fpasswd/raw",
        "/api/frames/-1/raw",
        "/api/frames/4294967295/raw",
        "/api/frames/99999999999999999999/raw",
        "/api/frames/1e3/visible",
        "/api/layers/..%2f..%2fcase.gpkg",
        "/api/layers/0",
        "/api/tiles/0/0/0/0",
        "/api/findings/..%2fx",
        "/api/findings/'%20OR%201=1--",
        "/api/jobs/0",
        "/api/jobs/-1",
        "/api/none",
    ] {
        let answer = served.get(path);
        assert!([400, 404].contains(&answer.status), "{path} {answer:?}");
        assert!(!String::from_utf8_lossy(&answer.body).contains("secret\""), "{path}");
    }
}

#[test]
fn bodies_that_are_too_large_or_no_sense_are_refused_and_the_server_goes_on() {
    let served = serve(|_| {});
    let (id, _) = reviews(&served);
    let path = format!("/api/findings/{id}/reviews");
    let headers =
        [("X-Torenvalk", "1"), ("Content-Type", "application/json"), ("If-Match", "\"0\"")];
    let good = json!({ "decision": "accepted", "reason": "x", "view": { "frame": 1 } }).to_string();
    for cut in 0..good.len() {
        assert_eq!(served.ask("POST", &path, &headers, &good[..cut]).status, 400, "{cut}");
    }
    let large = format!("{{\"reason\":\"{}\"}}", "x".repeat(2 << 20));
    let deep = format!("{{\"view\":{}1{}}}", "[".repeat(100_000), "]".repeat(100_000));
    for (body, status) in [
        (large.as_str(), 413),
        (&deep, 400),
        ("[]", 400),
        ("null", 400),
        ("\u{0}", 400),
        ("{\"decision\":\"accepted\",\"reason\":\"\",\"more\":1}", 400),
        ("{\"decision\":\"burnt\",\"reason\":\"\"}", 400),
        ("{\"kind\":\"<script>\"}", 422),
        ("{\"severity\":\"\"}", 422),
        ("{\"merge_with\":[\"none\"]}", 422),
        ("{\"split_of\":[4294967295]}", 422),
        ("{\"best_frame\":4294967295}", 422),
        ("{\"withdraws\":-1}", 422),
        ("{\"view\":[]}", 400),
    ] {
        let answer = served.ask("POST", &path, &headers, body);
        assert_eq!(answer.status, status, "{}", body.chars().take(80).collect::<String>());
    }
    // Without a length: a body that is not known to be too large until it is.
    let mut unannounced = format!(
        "POST {path} HTTP/1.1\r\nHost: {}\r\nX-Torenvalk: 1\r\nContent-Type: application/json\r\n\
         If-Match: \"0\"\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n",
        served.address
    )
    .into_bytes();
    for _ in 0..40 {
        unannounced.extend(b"10000\r\n");
        unannounced.extend(vec![b'['; 0x10000]);
        unannounced.extend(b"\r\n");
    }
    unannounced.extend(b"0\r\n\r\n");
    assert_eq!(served.send(&unannounced).status, 413);
    for garbage in [&b"\x16\x03\x01\x02\x00\x01\x00"[..], b"GET\r\n\r\n", b"GET / HTTP/9.9\r\n\r\n"]
    {
        assert!([0, 400, 505].contains(&served.send(garbage).status));
    }
    let long = format!("/api/findings/{}", "x".repeat(1 << 20));
    assert!([0, 400, 404, 414, 431].contains(&served.get(&long).status));
    assert_eq!(reviews(&served).1, 0);
}

#[test]
fn who_sends_slowly_is_let_go_and_others_are_served() {
    let served = serve(|params| params.patience = Duration::from_millis(300));
    let (id, _) = reviews(&served);
    let starts = [
        "GET /api/case HTTP/1.1\r\nHost: ".to_owned(),
        format!(
            "POST /api/findings/{id}/reviews HTTP/1.1\r\nHost: {}\r\nX-Torenvalk: 1\r\n\
             Content-Type: application/json\r\nIf-Match: \"0\"\r\nContent-Length: 99\r\n\r\n{{",
            served.address
        ),
    ];
    for start in starts {
        let mut slow: Vec<TcpStream> = (0..40)
            .map(|_| {
                let mut stream = TcpStream::connect(served.address).unwrap();
                stream.write_all(start.as_bytes()).unwrap();
                stream
            })
            .collect();
        assert_eq!(served.get("/api/health").status, 200);
        let begun = Instant::now();
        for stream in &mut slow {
            stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
            let mut answer = Vec::new();
            let _ = stream.read_to_end(&mut answer);
        }
        // They were let go, not waited for: a read that only times out takes half a minute.
        assert!(begun.elapsed() < Duration::from_secs(25));
    }
}

#[test]
fn what_people_write_stays_text() {
    let served = serve(|_| {});
    let (id, _) = reviews(&served);
    let script = "<img src=x onerror=alert(1)></script><script>alert(2)</script>\"'";
    let path = format!("/api/findings/{id}/reviews");
    let answer = served.post(&path, Some(0), &json!({ "reason": script, "comment": script }));
    assert_eq!(answer.status, 201);
    let one = served.get(&format!("/api/findings/{id}"));
    assert_eq!(one.json()["reviews"][0]["reason"], script);
    for answer in [one, served.get("/"), served.get("/api/none"), served.get("/api/site")] {
        assert_eq!(answer.header("x-content-type-options"), Some("nosniff"));
        assert_eq!(answer.header("x-frame-options"), Some("DENY"));
        let policy = answer.header("content-security-policy").unwrap();
        assert!(policy.starts_with("default-src 'self'"));
        assert!(!policy.contains("unsafe") && !policy.contains("http"), "{policy}");
        let kind = answer.header("content-type").unwrap();
        assert!(kind.contains("json") || !String::from_utf8_lossy(&answer.body).contains(script));
    }
}

fn person(token: &str, name: &str, role: &str) -> Person {
    Person { token: Some(token.to_owned()), name: name.to_owned(), role: role.to_owned() }
}

#[test]
fn a_token_opens_the_case_and_a_role_says_what_may_be_done() {
    let people = vec![
        person("token-of-the-reader-123", "R", "reader"),
        person("token-of-the-pilot-1234", "P", "pilot"),
        person("token-of-the-inspector-", "I", "inspector"),
        person("token-of-the-operator-1", "O", "operator"),
    ];
    let access = Access { people, roles_on: true, four_eyes: true };
    let served = serve(move |params| params.access = access);
    // The page is for everybody, what it shows is not.
    assert_eq!(served.get("/").status, 200);
    for sent in [
        "",
        "Bearer ",
        "Bearer token-of-the-reader-12",
        "Bearer token-of-the-reader-1234",
        "Basic token-of-the-reader-123",
        "bearer token-of-the-reader-123",
    ] {
        let answer = served.ask("GET", "/api/case", &[("Authorization", sent)], "");
        assert_eq!(answer.status, 401, "{sent}");
    }
    let with = |token: &str, verb: &str, path: &str, version: Option<i64>, body: &Value| {
        let bearer = format!("Bearer {token}");
        let tag = format!("\"{}\"", version.unwrap_or_default());
        let headers = [
            ("Authorization", bearer.as_str()),
            ("X-Torenvalk", "1"),
            ("Content-Type", "application/json"),
            ("If-Match", tag.as_str()),
        ];
        served.ask(
            verb,
            path,
            &headers,
            &if verb == "GET" { String::new() } else { body.to_string() },
        )
    };
    let [reader, pilot, inspector, operator] = [
        "token-of-the-reader-123",
        "token-of-the-pilot-1234",
        "token-of-the-inspector-",
        "token-of-the-operator-1",
    ];
    let list = with(reader, "GET", "/api/findings", None, &Value::Null).json();
    let id = list["rows"][0][0].as_str().unwrap().to_owned();
    let reviews = format!("/api/findings/{id}/reviews");
    let accept = json!({ "decision": "accepted", "reason": "" });
    let comment = json!({ "comment": "look again" });
    assert_eq!(with(reader, "POST", &reviews, Some(0), &comment).status, 403);
    assert_eq!(with(pilot, "POST", &reviews, Some(0), &accept).status, 403);
    let commented = with(pilot, "POST", &reviews, Some(0), &comment);
    assert_eq!(commented.status, 201);
    let version = commented.json()["review"]["number"].as_i64();
    assert_eq!(with(inspector, "POST", &reviews, version, &accept).json()["review"]["person"], "I");
    let export = json!({ "what": "export" });
    for (token, status) in [(reader, 403), (pilot, 403), (inspector, 403), (operator, 202)] {
        assert_eq!(with(token, "POST", "/api/jobs", None, &export).status, status, "{token}");
    }
    let other = list["rows"][1][0].as_str().unwrap();
    let may =
        |token: &str| with(token, "GET", "/api/case", None, &Value::Null).json()["may"].clone();
    assert_eq!((may(reader), may(pilot)), (json!([]), json!(["comment", "draw"])));
    assert_eq!(may(operator), json!(["decide", "comment", "draw", "export"]));
    for (token, status) in [(reader, 403), (operator, 404)] {
        let file = with(token, "GET", "/api/jobs/9/file", None, &Value::Null);
        assert_eq!(file.status, status, "{token}");
    }
    let accepted =
        with(operator, "POST", &format!("/api/findings/{other}/reviews"), Some(0), &accept);
    assert_eq!(accepted.status, 201);
    assert_eq!(with(operator, "POST", "/api/jobs", None, &export).status, 403, "four eyes");
}

#[test]
fn an_address_beyond_this_machine_needs_a_token_file() {
    let folder = super::derive::copy();
    let ran = super::program::run([
        "review".as_ref(),
        folder.path().as_os_str(),
        "--listen".as_ref(),
        "0.0.0.0".as_ref(),
        "--port".as_ref(),
        "0".as_ref(),
        "--no-browser".as_ref(),
    ]);
    assert_eq!(ran.status.code(), Some(2));
    assert!(super::program::stderr(&ran).contains("--token-file"));
}
