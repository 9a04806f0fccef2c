//! Packages and reports that are being made.

use std::sync::{Arc, Mutex, PoisonError};

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::StatusCode;
use serde::Deserialize;
use serde_json::{Value, json};

use super::answer::{Answer, Refusal, json_of};
use super::body::body_of;
use super::desk::Desk;
use super::may::{self, Act};
use super::{Made, Person, Wish, download};

/// How far one is.
#[derive(Debug, Clone)]
struct Job {
    state: &'static str,
    done: u32,
    of: u32,
    text: String,
    made: Option<Made>,
}

/// All jobs since the server started.
#[derive(Debug, Default)]
pub(super) struct Jobs(Mutex<Vec<Job>>);

impl Jobs {
    fn with<T>(&self, work: impl FnOnce(&mut Vec<Job>) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A new one; `None` while another runs: both would write the same files of the case.
    fn begin(&self) -> Option<usize> {
        self.with(|all| {
            let busy = all.iter().any(|job| job.state == "running");
            let text = String::new();
            (!busy).then(|| {
                all.push(Job { state: "running", done: 0, of: 1, text, made: None });
                all.len()
            })
        })
    }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    what: String,
    #[serde(default = "concept")]
    profile: String,
    #[serde(default = "dutch")]
    language: String,
}

fn concept() -> String {
    "concept".to_owned()
}

fn dutch() -> String {
    "nl".to_owned()
}

/// `POST /api/jobs`.
pub(super) async fn start(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
    request: Request,
) -> Answer {
    let asked: Asked = body_of(&desk, request).await?;
    if !["export", "report"].contains(&asked.what.as_str()) {
        return Err(Refusal::unfit("what is made is `export` or `report`", "see /api"));
    }
    if asked.what == "report" && !desk.params.make.makes_reports() {
        let remedy = "a package holds the same facts; or use a program built with `report`";
        return Err(Refusal::unfit("this program was built without the report", remedy));
    }
    may_export(&desk, &person, &asked)?;
    let busy = || {
        let remedy = "wait until it is done";
        Refusal::new(StatusCode::CONFLICT, "another package or report is being made", remedy)
    };
    let id = desk.jobs.begin().ok_or_else(busy)?;
    let wish = Wish {
        package: asked.what == "export",
        profile: asked.profile,
        language: asked.language,
        person: person.name,
        role: if person.role.is_empty() { "operator".to_owned() } else { person.role },
    };
    let desk = desk.clone();
    tokio::task::spawn_blocking(move || make(&desk, id, &wish));
    let mut response = json_of(&json!({ "id": id.to_string() }));
    *response.status_mut() = StatusCode::ACCEPTED;
    Ok(response)
}

/// Whether a person may hand the case over: by role, and, where four eyes are asked for, only what
/// somebody else accepted.
fn may_export(desk: &Desk, person: &Person, asked: &Asked) -> Result<(), Refusal> {
    let access = &desk.params.access;
    is_operator(desk, person)?;
    let now = desk.now();
    let accepted =
        |r: &&crate::case::ReviewRow| r.person == person.name && r.decision == "accepted";
    if access.four_eyes && asked.what == "export" && now.reviews.iter().any(|r| accepted(&r)) {
        let error = "who accepted findings does not hand them over";
        return Err(Refusal::new(StatusCode::FORBIDDEN, error, "ask another operator"));
    }
    Ok(())
}

fn is_operator(desk: &Desk, person: &Person) -> Result<(), Refusal> {
    if may::may(&desk.params.access, person, Act::Export) {
        return Ok(());
    }
    let error = "packages and reports are made by an operator";
    Err(Refusal::new(StatusCode::FORBIDDEN, error, "ask the operator"))
}

fn make(desk: &Desk, id: usize, wish: &Wish) {
    let set = |change: &dyn Fn(&mut Job)| {
        desk.jobs.with(|all| all.get_mut(id - 1).map(change));
        let told = told(desk, id);
        desk.tell("job", told.unwrap_or_default());
    };
    // The case's lock is taken once by a process, and what is made takes it.
    let alone = desk.alone.lock().unwrap_or_else(PoisonError::into_inner);
    let made = desk.params.make.make(wish, &|done, of, text| {
        set(&|job| {
            (job.done, job.of) = (done, of);
            text.clone_into(&mut job.text);
        });
    });
    drop(alone);
    match made {
        Ok(made) => set(&|job| {
            job.state = "done";
            job.done = job.of;
            job.text = made.path.display().to_string();
            job.made = Some(made.clone());
        }),
        Err(reason) => set(&|job| {
            job.state = "failed";
            reason.clone_into(&mut job.text);
        }),
    }
}

fn told(desk: &Desk, id: usize) -> Option<Value> {
    let job = desk.jobs.with(|all| all.get(id.checked_sub(1)?).cloned())?;
    let made = job.made.as_ref();
    Some(json!({
        "id": id.to_string(), "state": job.state, "done": job.done, "of": job.of,
        "text": job.text, "path": made.map(|made| made.path.display().to_string()),
        "file": made.and_then(|made| made.file.as_ref())
            .map(|_| format!("/api/jobs/{id}/file")),
    }))
}

/// `GET /api/jobs/{id}`.
pub(super) async fn state(State(desk): State<Arc<Desk>>, Path(id): Path<String>) -> Answer {
    let found = id.parse().ok().and_then(|id| told(&desk, id));
    Ok(json_of(&found.ok_or_else(|| Refusal::not_found("such job"))?))
}

/// `GET /api/jobs/{id}/file`: what was made, in one file.
pub(super) async fn file(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
    Path(id): Path<String>,
) -> Answer {
    is_operator(&desk, &person)?;
    let none = || Refusal::not_found("file of such a job");
    let at: usize = id.parse().map_err(|_| none())?;
    let made = desk.jobs.with(|all| all.get(at.wrapping_sub(1)).and_then(|job| job.made.clone()));
    download::send(made.and_then(|made| made.file).ok_or_else(none)?).await
}
