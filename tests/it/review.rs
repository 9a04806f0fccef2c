//! Behaviour of `review`: a real server on a real case, asked as a browser asks.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use serde_json::{Value, json};
use torenvalk::case::{Case, read_custody};
use torenvalk::review::{self, Access, Made, Make, OPENAPI, Params, Person, Server, Tell, Wish};
use torenvalk::thermal::{self, ReadOptions};

use super::derive::copy;

/// A server on a case of its own, until it is dropped.
pub(crate) struct Served {
    pub(crate) folder: tempfile::TempDir,
    pub(crate) address: SocketAddr,
    end: Option<tokio::sync::oneshot::Sender<()>>,
    thread: Option<std::thread::JoinHandle<()>>,
}

struct Maker;

impl Make for Maker {
    fn make(&self, wish: &Wish, tell: Tell<'_>) -> Result<Made, String> {
        tell(1, 2, "half");
        if wish.package {
            let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml");
            Ok(Made { path: "made".into(), file: Some(file) })
        } else {
            Err("no report here".to_owned())
        }
    }

    fn makes_reports(&self) -> bool {
        true
    }
}

/// One inspector without a token, all allowed.
fn alone() -> Access {
    let person = Person { token: None, name: "A. Jansen".to_owned(), role: "inspector".to_owned() };
    Access { people: vec![person], roles_on: false, four_eyes: false }
}

fn params(case: &Path, access: Access) -> Params {
    Params {
        case: case.to_owned(),
        listen: (Ipv4Addr::LOCALHOST, 0).into(),
        access,
        layers: Vec::new(),
        earlier: None,
        originals: Vec::new(),
        page: None,
        now: || "2026-01-02T03:04:05Z".to_owned(),
        note: "",
        patience: Duration::from_secs(20),
        version: "1.2.3",
        make: Arc::new(Maker),
    }
}

/// Serves a copy of the inspected flight.
pub(crate) fn serve(change: impl FnOnce(&mut Params)) -> Served {
    serve_case(copy(), change)
}

pub(crate) fn serve_case(folder: tempfile::TempDir, change: impl FnOnce(&mut Params)) -> Served {
    let mut params = params(folder.path(), alone());
    change(&mut params);
    let (end, ended) = tokio::sync::oneshot::channel();
    let (told, address) = std::sync::mpsc::channel();
    let thread = std::thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        runtime.block_on(async {
            let server = Server::bind(params).await.unwrap();
            told.send(server.address().unwrap()).unwrap();
            review::serve(server, async { drop(ended.await) }).await.unwrap();
        });
    });
    let address = address.recv().unwrap();
    Served { folder, address, end: Some(end), thread: Some(thread) }
}

impl Served {
    /// Ends the server; what it had still to write is written.
    pub(crate) fn stop(&mut self) {
        drop(self.end.take());
        if let Some(thread) = self.thread.take() {
            thread.join().unwrap();
        }
    }

    pub(crate) fn get(&self, path: &str) -> Answer {
        self.ask("GET", path, &[], "")
    }

    /// As the page writes.
    pub(crate) fn post(&self, path: &str, version: Option<i64>, body: &Value) -> Answer {
        let tag = format!("\"{}\"", version.unwrap_or_default());
        let mut headers = vec![("X-Torenvalk", "1"), ("Content-Type", "application/json")];
        if version.is_some() {
            headers.push(("If-Match", &tag));
        }
        self.ask("POST", path, &headers, &body.to_string())
    }

    pub(crate) fn ask(
        &self,
        verb: &str,
        path: &str,
        headers: &[(&str, &str)],
        body: &str,
    ) -> Answer {
        let mut text = format!("{verb} {path} HTTP/1.1\r\nConnection: close\r\n");
        if !headers.iter().any(|(name, _)| name.eq_ignore_ascii_case("host")) {
            text.push_str(&format!("Host: {}\r\n", self.address));
        }
        for (name, value) in headers {
            text.push_str(&format!("{name}: {value}\r\n"));
        }
        if verb != "GET" {
            text.push_str(&format!("Content-Length: {}\r\n", body.len()));
        }
        self.send(format!("{text}\r\n{body}").as_bytes())
    }

    /// Bytes as they are; what came back until the server closed.
    pub(crate) fn send(&self, bytes: &[u8]) -> Answer {
        let mut stream = TcpStream::connect(self.address).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        // A server that refuses early may close before it has read everything.
        let _ = stream.write_all(bytes);
        let mut answer = Vec::new();
        let _ = stream.read_to_end(&mut answer);
        Answer::of(&answer)
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        self.stop();
    }
}

#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    head: String,
    pub(crate) body: Vec<u8>,
}

impl Answer {
    fn of(bytes: &[u8]) -> Self {
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            return Self { status: 0, head: String::new(), body: bytes.to_vec() };
        };
        let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
        let status = head.split(' ').nth(1).and_then(|word| word.parse().ok()).unwrap_or(0);
        Self { status, head, body: bytes[end + 4..].to_vec() }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().find_map(|line| {
            let (found, value) = line.split_once(": ")?;
            found.eq_ignore_ascii_case(name).then_some(value)
        })
    }

    pub(crate) fn json(&self) -> Value {
        let text = String::from_utf8_lossy(&self.body);
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }
}

/// Ids of the findings, in the order of the list.
pub(crate) fn ids(served: &Served) -> Vec<String> {
    let list = served.get("/api/findings").json();
    let at = list["columns"].as_array().unwrap().iter().position(|c| c == "id").unwrap();
    let rows = list["rows"].as_array().unwrap();
    rows.iter().map(|row| row[at].as_str().unwrap().to_owned()).collect()
}

#[test]
fn the_case_is_told_as_it_is() {
    let served = serve(|_| {});
    let health = served.get("/api/health").json();
    assert_eq!(health["version"], "1.2.3");
    let told = served.get("/api/case").json();
    let case = Case::open_read_only(served.folder.path()).unwrap();
    let findings = case.findings().unwrap();
    assert_eq!(told["counts"]["open"], findings.len());
    assert_eq!(told["person"]["name"], "A. Jansen");
    assert_eq!(told["frames"], case.frames().unwrap().len());
    let known: Vec<_> = findings.iter().map(|row| row.id.clone()).collect();
    assert_eq!(ids(&served), known);
    let frames = served.get("/api/frames").json();
    assert_eq!(frames["rows"].as_array().unwrap().len(), case.frames().unwrap().len());
    for path in ["/api/site", "/api/track", "/api/footprints"] {
        let features = served.get(path).json();
        assert!(!features["features"].as_array().unwrap().is_empty(), "{path}");
    }
    let one = served.get(&format!("/api/findings/{}", known[0]));
    assert_eq!(one.header("etag"), Some("\"0\""));
    let best =
        one.json()["sightings"].as_array().unwrap().iter().filter(|s| s["best"] == true).count();
    assert_eq!(best, 1);
    let compressed = served.ask("GET", "/api/findings", &[("Accept-Encoding", "gzip")], "");
    assert_eq!(compressed.header("content-encoding"), Some("gzip"));
}

/// Every path of the document is answered, and every route is in the document.
#[test]
fn the_document_and_the_routes_say_the_same() {
    let document: Value = serde_json::from_str(OPENAPI).unwrap();
    let told: BTreeSet<(String, String)> = document["paths"]
        .as_object()
        .unwrap()
        .iter()
        .flat_map(|(path, verbs)| {
            verbs.as_object().unwrap().keys().map(|verb| (verb.clone(), path.clone()))
        })
        .collect();
    let routes: BTreeSet<(String, String)> = review::paths()
        .into_iter()
        .map(|(verb, path)| (verb.to_owned(), path.to_owned()))
        .collect();
    assert_eq!(told, routes);
    let served = serve(|_| {});
    assert_eq!(served.get("/api").json()["info"]["version"], "1.2.3");
    let finding = ids(&served)[0].clone();
    for (verb, path) in routes.iter().filter(|(_, path)| *path != "/api/events") {
        let filled = path.replace("findings/{id}", &format!("findings/{finding}"));
        let filled = filled.replace("{n}", "0").replace("{name}", "none.js");
        let filled = ["{id}", "{z}", "{x}", "{y}"]
            .iter()
            .fold(filled, |filled, name| filled.replace(name, "1"));
        let answer = match verb.as_str() {
            "get" => served.get(&filled),
            _ => served.post(&filled, Some(0), &json!({})),
        };
        let absent = answer.status == 404 && answer.json()["error"] == "there is no such path";
        assert!(answer.status != 0 && answer.status != 405 && !absent, "{verb} {path} {answer:?}");
        let success: Vec<_> = document["paths"][path][verb]["responses"]
            .as_object()
            .unwrap()
            .keys()
            .map(String::as_str)
            .collect();
        assert!(
            success.contains(&answer.status.to_string().as_str()),
            "{verb} {path} {}",
            answer.status
        );
    }
    // A reference that leads nowhere would be found only by who follows it.
    let schemas = document["components"]["schemas"].as_object().unwrap();
    for reference in OPENAPI.split("#/components/schemas/").skip(1) {
        let name = reference.split('"').next().unwrap();
        assert!(schemas.contains_key(name), "{name}");
    }
}

#[test]
fn temperatures_are_those_of_the_file_at_a_thousand_places() {
    let served = serve(|_| {});
    let frames = Case::open_read_only(served.folder.path()).unwrap().frames().unwrap();
    let mut state = 1_u64;
    let mut draw = |below: usize| {
        // Knuth's MMIX generator: any fixed sequence of places will do.
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % below
    };
    let mut compared = 0;
    for _ in 0..20 {
        let row = &frames[draw(frames.len())];
        let raw = served.get(&format!("/api/frames/{}/raw", row.frame));
        let number = |name: &str| raw.header(name).unwrap().parse::<f64>().unwrap();
        let (scale, offset) = (number("x-scale"), number("x-offset"));
        assert_eq!((raw.header("x-unit"), number("x-width") as u32), (Some("C"), row.width_px));
        let mut read = thermal::open(Path::new(&row.file), &ReadOptions::default()).unwrap();
        let celsius = read.next().unwrap().unwrap().thermogram.celsius();
        assert_eq!(raw.body.len(), 2 * celsius.len());
        for _ in 0..50 {
            let at = draw(celsius.len());
            let value = u16::from_le_bytes([raw.body[2 * at], raw.body[2 * at + 1]]);
            let shown = f64::from(value) * scale + offset;
            assert!((shown - f64::from(celsius[at])).abs() < 0.01, "{} {at}", row.file);
            compared += 1;
        }
    }
    assert_eq!(compared, 1000);
}

fn status(served: &Served, finding: &str) -> (String, i64) {
    let one = served.get(&format!("/api/findings/{finding}")).json();
    (one["status"].as_str().unwrap().to_owned(), one["version"].as_i64().unwrap())
}

#[test]
fn a_decision_is_added_chained_and_taken_back() {
    let mut served = serve(|_| {});
    let id = ids(&served)[0].clone();
    let path = format!("/api/findings/{id}/reviews");
    let view = json!({ "frame": 1, "palette": "iron", "span_c": [1.0, 2.0] });
    let no_reason = served.post(&path, Some(0), &json!({ "decision": "rejected", "view": view }));
    assert_eq!(no_reason.status, 422);
    let answer = served.post(
        &path,
        Some(0),
        &json!({ "decision": "accepted", "reason": "it steams", "kind": "hot_leak",
                 "severity": "critical", "view": view }),
    );
    assert_eq!(answer.status, 201, "{answer:?}");
    let told = answer.json();
    let number = told["review"]["number"].as_i64().unwrap();
    assert_eq!(answer.header("etag"), Some(format!("\"{number}\"").as_str()));
    assert_eq!(
        (&told["finding"]["kind"], &told["finding"]["severity"]),
        (&json!("hot_leak"), &json!("critical"))
    );
    let kept: Value = serde_json::from_str(told["review"]["view"].as_str().unwrap()).unwrap();
    assert_eq!((&kept["palette"], &kept["says"]["kind"]), (&json!("iron"), &json!("hot_leak")));
    // The same again on the state before: told, not lost and not taken.
    let late = served.post(&path, Some(0), &json!({ "decision": "rejected", "reason": "no" }));
    assert_eq!(late.status, 412);
    assert_eq!(status(&served, &id), ("accepted".to_owned(), number));
    let undo = json!({ "withdraws": number, "reason": "undo" });
    assert_eq!(served.post(&path, Some(number), &undo).status, 201);
    let after = served.get(&format!("/api/findings/{id}")).json();
    assert_eq!((&after["status"], after["reviews"].as_array().unwrap().len()), (&json!("open"), 2));
    served.stop();
    let case = Case::open_or_create(served.folder.path()).unwrap();
    let (lines, _) = read_custody(&case.custody_log().unwrap()).unwrap();
    let reviews: Vec<_> = lines.iter().filter(|line| line.action == "review").collect();
    assert_eq!(reviews.len(), 2);
    assert!(reviews[0].reason.contains("it steams") && reviews[0].actor == "A. Jansen");
}

#[test]
fn the_written_findings_follow_what_was_decided() {
    let mut served = serve(|_| {});
    let all = ids(&served);
    let post = |id: &str, body: &Value| {
        let (_, version) = status(&served, id);
        let answer = served.post(&format!("/api/findings/{id}/reviews"), Some(version), body);
        assert_eq!(answer.status, 201, "{answer:?}");
        answer.json()
    };
    post(&all[0], &json!({ "merge_with": [all[1]] }));
    post(&all[0], &json!({ "decision": "accepted", "kind": "heat_source" }));
    let merged = served.get(&format!("/api/findings/{}", all[1])).json();
    assert_eq!((&merged["merged_into"], &merged["status"]), (&json!(all[0]), &json!("accepted")));
    // Nothing is part of itself, not even by a detour.
    let back = served.post(
        &format!("/api/findings/{}/reviews", all[1]),
        Some(0),
        &json!({ "merge_with": [all[0]] }),
    );
    assert_eq!(back.status, 422);
    let two = all.iter().find(|id| {
        served.get(&format!("/api/findings/{id}")).json()["sightings"].as_array().unwrap().len() > 1
    });
    let two = two.unwrap();
    let before = served.get(&format!("/api/findings/{two}")).json();
    let frame = before["sightings"][0]["frame"].clone();
    let split = post(two, &json!({ "split_of": [frame] }));
    assert_eq!(split["finding"]["parts"].as_array().unwrap().last().unwrap(), "split-1");
    let part = served.get("/api/findings/split-1").json();
    assert_eq!(part["sightings"].as_array().unwrap().len(), 1);
    assert_eq!(part["sightings"][0]["frame"], frame);
    served.stop();
    let text = fs::read_to_string(served.folder.path().join("findings.geojson")).unwrap();
    let written: Value = serde_json::from_str(&text).unwrap();
    let written = |id: &str| {
        let all = written["features"].as_array().unwrap();
        all.iter().find(|one| one["id"] == id).unwrap()["properties"].clone()
    };
    assert_eq!(written(&all[0])["kind"], "heat_source");
    assert_eq!(written(&all[1])["status"], "accepted");
    assert_eq!(written("split-1")["status"], "open");
}

#[test]
fn of_many_at_once_one_is_first_and_none_is_lost() {
    let served = serve(|_| {});
    let id = ids(&served)[0].clone();
    let path = format!("/api/findings/{id}/reviews");
    let statuses: Vec<u16> = std::thread::scope(|scope| {
        let all: Vec<_> = (0..12)
            .map(|number| {
                let (served, path) = (&served, &path);
                scope.spawn(move || {
                    let body = json!({ "decision": "unsure", "reason": format!("{number}") });
                    served.post(path, Some(0), &body).status
                })
            })
            .collect();
        all.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert_eq!(statuses.iter().filter(|status| **status == 201).count(), 1, "{statuses:?}");
    assert!(statuses.iter().all(|status| [201, 412].contains(status)), "{statuses:?}");
    let one = served.get(&format!("/api/findings/{id}")).json();
    assert_eq!(one["reviews"].as_array().unwrap().len(), 1);
}

#[test]
fn what_another_process_decides_is_told_and_shown() {
    let served = serve(|_| {});
    let id = ids(&served)[0].clone();
    let mut stream = TcpStream::connect(served.address).unwrap();
    write!(stream, "GET /api/events HTTP/1.1\r\nHost: {}\r\n\r\n", served.address).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(30))).unwrap();
    let mut heard = String::new();
    let mut hear_until = |word: &str| {
        let mut buffer = [0; 512];
        while !heard.contains(word) {
            let count = stream.read(&mut buffer).unwrap();
            assert!(count > 0, "closed after {heard}");
            heard.push_str(&String::from_utf8_lossy(&buffer[..count]));
        }
    };
    hear_until(": here");
    let decided = super::program::run([
        "decide".as_ref(),
        served.folder.path().as_os_str(),
        id.as_ref(),
        "--reject".as_ref(),
        "--reason".as_ref(),
        "a roof in the sun".as_ref(),
        "--person".as_ref(),
        "B".as_ref(),
    ]);
    assert!(decided.status.success(), "{}", super::program::stderr(&decided));
    hear_until("event: review");
    hear_until(&id);
    assert_eq!(status(&served, &id).0, "rejected");
}

#[test]
fn what_is_drawn_becomes_a_finding_with_a_place_and_temperatures() {
    let mut served = serve(|_| {});
    let first = ids(&served)[0].clone();
    let whole = served.get(&format!("/api/findings/{first}")).json();
    let all = whole["sightings"].as_array().unwrap();
    let seen = all.iter().find(|seen| seen["best"] == true).unwrap();
    let [left, top, wide, high] = [0, 1, 2, 3].map(|at| seen["bbox_px"][at].as_f64().unwrap());
    let outline =
        json!([[left, top], [left + wide, top], [left + wide, top + high], [left, top + high]]);
    let body = json!({ "frame": seen["frame"], "polygon_px": outline, "kind": "heat_source",
                       "severity": "high", "reason": "drawn", "view": {} });
    let answer = served.post("/api/findings", None, &body);
    assert_eq!(answer.status, 201, "{answer:?}");
    let drawn = answer.json();
    assert_eq!((&drawn["id"], &drawn["kind"]), (&json!("hand-1"), &json!("heat_source")));
    // It is the same spot: within some metres of the finding of that frame.
    let apart = |name: &str| drawn[name].as_f64().unwrap() - whole[name].as_f64().unwrap();
    assert!(apart("lat").abs() * 111_000.0 < 8.0 && apart("lon").abs() * 68_000.0 < 8.0, "{drawn}");
    assert!(drawn["peak_c"].is_number() && drawn["sightings"].as_array().unwrap().len() == 1);
    let number = drawn["version"].as_i64().unwrap();
    let undo = json!({ "withdraws": number });
    assert_eq!(served.post("/api/findings/hand-1/reviews", Some(number), &undo).status, 201);
    assert!(!ids(&served).contains(&"hand-1".to_owned()));
    for wrong in [json!([[0, 0], [1, 1]]), json!([[0, 0], [5, 5], [9, 9]]), json!([])] {
        let body = json!({ "frame": seen["frame"], "polygon_px": wrong });
        assert_eq!(served.post("/api/findings", None, &body).status, 422, "{wrong}");
    }
    let mask = json!({ "polygon_px": outline, "what": "person", "reason": "a walker" });
    let path = format!("/api/frames/{}", seen["frame"]);
    assert_eq!(served.post(&format!("{path}/masks"), None, &mask).status, 201);
    assert_eq!(served.get(&path).json()["masks"][0]["what"], "person");
    served.stop();
    let case = Case::open_or_create(served.folder.path()).unwrap();
    torenvalk::derive::derive_findings(&case, &[]).unwrap();
    let told = case.derived(torenvalk::derive::REDACTIONS).unwrap().unwrap();
    assert!(String::from_utf8(told).unwrap().contains("marked by a person"));
}

#[test]
fn a_changed_file_is_told_and_nothing_of_it_is_accepted() {
    let folder = copy();
    // The case names files by paths; a case whose files lie elsewhere finds them by their names.
    let database = rusqlite::Connection::open(folder.path().join("case.gpkg")).unwrap();
    let moved = folder.path().join("moved");
    fs::create_dir(&moved).unwrap();
    for row in Case::open_read_only(folder.path()).unwrap().frames().unwrap() {
        let name = Path::new(&row.file).file_name().unwrap().to_owned();
        fs::copy(&row.file, moved.join(name)).unwrap();
    }
    database
        .execute_batch(
            "DROP TRIGGER rtree_frames_geom_update1; DROP TRIGGER rtree_frames_geom_update2;
             DROP TRIGGER rtree_frames_geom_update3; DROP TRIGGER rtree_frames_geom_update4;
             UPDATE frames SET file = replace(file, '/small-flight', '/gone')",
        )
        .unwrap();
    drop(database);
    let served = serve_case(folder, |params| params.originals = vec![moved.clone()]);
    let id = ids(&served)[0].clone();
    let whole = served.get(&format!("/api/findings/{id}")).json();
    let frame = format!("/api/frames/{}", whole["sightings"][0]["frame"]);
    let told = served.get(&frame).json();
    assert_eq!(told["integrity"], "intact");
    assert_eq!(served.get(&format!("{frame}/raw")).status, 200);
    let file = moved.join(Path::new(told["file"].as_str().unwrap()).file_name().unwrap());
    let mut bytes = fs::read(&file).unwrap();
    *bytes.last_mut().unwrap() ^= 1;
    bytes.push(0);
    fs::write(&file, &bytes).unwrap();
    assert_eq!(served.get(&frame).json()["integrity"], "changed");
    assert_eq!(served.get(&format!("{frame}/raw")).status, 409);
    let path = format!("/api/findings/{id}/reviews");
    let accept = json!({ "decision": "accepted", "reason": "" });
    assert_eq!(served.post(&path, Some(0), &accept).status, 409);
    // What cannot be accepted can still be rejected.
    let reject = json!({ "decision": "rejected", "reason": "the file is not the one" });
    assert_eq!(served.post(&path, Some(0), &reject).status, 201);
    fs::remove_file(&file).unwrap();
    assert_eq!(served.get(&frame).json()["integrity"], "missing");
}

#[test]
fn packages_are_made_with_progress_and_failures_say_why() {
    let served = serve(|_| {});
    let finished = |what: &str| {
        let begun = served.post("/api/jobs", None, &json!({ "what": what }));
        assert_eq!(begun.status, 202, "{begun:?}");
        let id = begun.json()["id"].as_str().unwrap().to_owned();
        loop {
            let job = served.get(&format!("/api/jobs/{id}")).json();
            if job["state"] != "running" {
                return job;
            }
            std::thread::sleep(Duration::from_millis(5));
        }
    };
    let package = finished("export");
    assert_eq!(
        (&package["state"], &package["path"], &package["done"]),
        (&json!("done"), &json!("made"), &json!(2))
    );
    let file = package["file"].as_str().unwrap();
    let sent = served.get(file);
    let same = fs::read(Path::new(env!("CARGO_MANIFEST_DIR")).join("Cargo.toml")).unwrap();
    assert_eq!((sent.status, sent.body.as_slice()), (200, same.as_slice()));
    assert_eq!(sent.header("content-length"), Some(same.len().to_string().as_str()));
    assert_eq!(sent.header("content-disposition"), Some("attachment; filename=\"Cargo.toml\""));
    for none in ["/api/jobs/0/file", "/api/jobs/99/file", "/api/jobs/x/file"] {
        assert_eq!(served.get(none).status, 404, "{none}");
    }
    let report = finished("report");
    assert_eq!(served.get("/api/jobs/2/file").status, 404, "nothing was made");
    assert_eq!((&report["state"], &report["text"]), (&json!("failed"), &json!("no report here")));
}

#[test]
fn an_earlier_case_is_compared_finding_by_finding() {
    let earlier = copy();
    let served = serve(|params| params.earlier = Some(earlier.path().to_owned()));
    let compared = served.get("/api/compare").json();
    let all = compared.as_array().unwrap();
    assert_eq!(all.len(), ids(&served).len());
    assert!(all.iter().all(|one| one["state"] == "persistent" && one["id"] == one["earlier_id"]));
}
