//! What a person decides: added to the case, never edited.

use std::sync::Arc;

use axum::Extension;
use axum::extract::{Path, Request, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Deserialize;
use serde_json::{Value, json};

use crate::case::{FindingRow, Made, Review, RunId, Written};
use crate::fuse::Status;

use super::about_case::{KINDS, SEVERITIES};
use super::answer::{Answer, Refusal, json_of, tagged};
use super::body::body_of;
use super::desk::{Desk, aside};
use super::findings::whole;
use super::may::{self, Act};
use super::originals::Integrity;
use super::snapshot::Snapshot;
use super::{Person, split};

/// What is sent.
#[derive(Debug, Clone, Deserialize)]
#[serde(deny_unknown_fields)]
pub(super) struct Sent {
    #[serde(default)]
    decision: Option<Status>,
    #[serde(default)]
    reason: String,
    #[serde(default)]
    comment: Option<String>,
    #[serde(default)]
    kind: Option<String>,
    #[serde(default)]
    severity: Option<String>,
    #[serde(default)]
    merge_with: Vec<String>,
    #[serde(default)]
    split_of: Vec<u32>,
    #[serde(default)]
    best_frame: Option<u32>,
    #[serde(default)]
    measurements: Vec<Value>,
    #[serde(default)]
    withdraws: Option<i64>,
    /// The run that the page shows; a decision about another run's finding of the same name is
    /// refused.
    #[serde(default)]
    run: Option<String>,
    #[serde(default)]
    view: Value,
}

impl Sent {
    fn says_nothing(&self) -> bool {
        let words = [Some(&self.reason), self.comment.as_ref(), self.kind.as_ref()];
        let is_silent = |text: &String| text.trim().is_empty();
        words.into_iter().chain([self.severity.as_ref()]).flatten().all(is_silent)
            && self.decision.is_none()
            && self.withdraws.is_none()
            && self.best_frame.is_none()
            && self.merge_with.is_empty()
            && self.split_of.is_empty()
            && self.measurements.is_empty()
    }
}

/// Longest text of a reason or comment.
const LONGEST_TEXT: usize = 10_000;
/// Most measurements of one review.
const MOST_MEASUREMENTS: usize = 500;

/// `POST /api/findings/{id}/reviews`.
pub(super) async fn add(
    State(desk): State<Arc<Desk>>,
    Extension(person): Extension<Person>,
    Path(id): Path<String>,
    request: Request,
) -> Answer {
    let expected = expected(&request)?;
    let sent: Sent = body_of(&desk, request).await?;
    aside(&desk, move |desk| {
        let now = desk.now();
        let finding = now.finding(&id).ok_or_else(|| Refusal::not_found("such finding"))?;
        allowed(desk, &person, &sent)?;
        check(&now, &id, &sent)?;
        if sent.decision == Some(Status::Accepted) {
            may_accept(desk, &now, &person, &id)?;
        }
        let review = review(desk, &now, &person, (&id, &sent), &[]);
        let written = if sent.split_of.is_empty() {
            desk.write(|book| Ok(book.add(&review, Some(expected), desk.params.note)?))
        } else {
            part(desk, &now, &person, (finding, &sent), expected)
        }?;
        match written {
            Written::Added(number) => recorded(&desk.now(), &id, number),
            Written::Overtaken(_) => Err(overtaken(desk)),
        }
    })
    .await
}

/// The version that `If-Match` names.
fn expected(request: &Request) -> Result<i64, Refusal> {
    let sent = request.headers().get(header::IF_MATCH).and_then(|tag| tag.to_str().ok());
    let Some(sent) = sent else {
        let remedy = "send If-Match with the ETag of the finding";
        let error = "a review says which state it is about";
        return Err(Refusal::new(StatusCode::PRECONDITION_REQUIRED, error, remedy));
    };
    let number = sent.trim().trim_matches('"').parse().ok();
    number.ok_or_else(|| Refusal::bad("If-Match is no ETag of a finding"))
}

/// Another person was first. What they said is read at once, so that the page's next question
/// about the finding tells it.
fn overtaken(desk: &Desk) -> Refusal {
    let _ = desk.look();
    let remedy = "look at what they said, then decide again";
    Refusal::new(StatusCode::PRECONDITION_FAILED, "somebody else was first", remedy)
}

fn recorded(now: &Snapshot, id: &str, number: i64) -> Answer {
    let review = now.reviews.iter().find(|review| review.number == number);
    let body = json!({ "review": review, "finding": whole(now, id) });
    let response = (StatusCode::CREATED, json_of(&body)).into_response();
    Ok(tagged(response, now.version(id)))
}

/// Whether a person's role lets them say this.
fn allowed(desk: &Desk, person: &Person, sent: &Sent) -> Result<(), Refusal> {
    let decides = sent.decision.is_some()
        || sent.withdraws.is_some()
        || sent.kind.is_some()
        || sent.severity.is_some()
        || !sent.merge_with.is_empty()
        || !sent.split_of.is_empty();
    let act = if decides { Act::Decide } else { Act::Comment };
    if !may::may(&desk.params.access, person, act) {
        let error = format!("the role `{}` may not do this", person.role);
        return Err(Refusal::new(StatusCode::FORBIDDEN, error, "ask an inspector"));
    }
    Ok(())
}

/// Whether a review makes sense.
fn check(now: &Snapshot, id: &str, sent: &Sent) -> Result<(), Refusal> {
    if sent.run.as_ref().is_some_and(|run| *run != now.fixed.run.id.0) {
        let error = "the page shows another run than the current one";
        return Err(Refusal::new(StatusCode::PRECONDITION_FAILED, error, "reload the page"));
    }
    if sent.decision == Some(Status::Rejected) && sent.reason.trim().is_empty() {
        return Err(Refusal::unfit("a rejection has a reason", "say why"));
    }
    let long = |text: &str| text.chars().count() > LONGEST_TEXT;
    if long(&sent.reason) || sent.comment.as_deref().is_some_and(long) {
        return Err(Refusal::unfit("the text is too long", "say it in 10,000 letters"));
    }
    if sent.measurements.len() > MOST_MEASUREMENTS {
        return Err(Refusal::unfit("too many measurements", "send at most 500 at a time"));
    }
    if sent.kind.as_deref().is_some_and(|kind| !KINDS.contains(&kind)) {
        return Err(Refusal::unfit("no such kind", format!("kinds are {}", KINDS.join(", "))));
    }
    if sent.severity.as_deref().is_some_and(|severity| !SEVERITIES.contains(&severity)) {
        let remedy = format!("severities are {}", SEVERITIES.join(", "));
        return Err(Refusal::unfit("no such severity", remedy));
    }
    if let Some(other) = sent.merge_with.iter().find(|other| now.finding(other).is_none()) {
        return Err(Refusal::unfit(format!("there is no finding {other}"), "reload the page"));
    }
    if sent.merge_with.iter().any(|other| now.decisions.whole(id) == *other || other == id) {
        return Err(Refusal::unfit("a finding is no part of itself", "choose other findings"));
    }
    let (seen, _) = now.seen(id);
    let is_seen = |frame: &u32| seen.iter().any(|sighting| sighting.frame == *frame);
    if sent.best_frame.is_some_and(|frame| !is_seen(&frame)) {
        return Err(Refusal::unfit("that frame does not show it", "choose one of its frames"));
    }
    let withdrawn = |number: &i64| {
        now.reviews.iter().any(|review| review.number == *number && review.finding == id)
    };
    if sent.withdraws.is_some_and(|number| !withdrawn(&number)) {
        return Err(Refusal::unfit("there is no such review of this finding", "reload the page"));
    }
    if !sent.view.is_object() && !sent.view.is_null() {
        return Err(Refusal::bad("`view` is an object"));
    }
    if !sent.split_of.iter().all(is_seen) {
        return Err(Refusal::unfit("a frame does not show it", "choose some of its frames"));
    }
    if !sent.split_of.is_empty() && seen.iter().all(|one| sent.split_of.contains(&one.frame)) {
        return Err(Refusal::unfit("nothing would be left of it", "leave at least one frame"));
    }
    if sent.says_nothing() {
        return Err(Refusal::unfit("the review says nothing", "decide, or say something"));
    }
    Ok(())
}

/// Whether a finding may be accepted: its frames are what was inspected, and where four eyes are
/// asked for another person drew it.
fn may_accept(desk: &Desk, now: &Snapshot, person: &Person, id: &str) -> Result<(), Refusal> {
    let own = now.reviews.iter().filter(|review| review.finding == id);
    let drew = own.clone().any(|review| review.says().drawn && review.person == person.name);
    if desk.params.access.four_eyes && drew {
        let error = "who drew a finding does not accept it";
        return Err(Refusal::new(StatusCode::FORBIDDEN, error, "ask another inspector"));
    }
    for sighting in now.seen(id).0 {
        let Some(row) = now.fixed.frame(sighting.frame) else { continue };
        if desk.originals.integrity(row) == Integrity::Changed {
            let error = format!("{} is not the file that was inspected", row.file);
            let remedy = "bring the original back; a changed file proves nothing";
            return Err(Refusal::new(StatusCode::CONFLICT, error, remedy));
        }
    }
    Ok(())
}

/// The review as the case keeps it. `parts` are findings that it makes.
fn review(
    desk: &Desk,
    now: &Snapshot,
    person: &Person,
    (id, sent): (&str, &Sent),
    parts: &[String],
) -> Review {
    let mut says = serde_json::Map::new();
    let mut say = |name: &str, value: Value| {
        let empty = value.is_null() || value.as_array().is_some_and(Vec::is_empty);
        if !empty {
            says.insert(name.to_owned(), value);
        }
    };
    say("kind", json!(sent.kind));
    say("severity", json!(sent.severity));
    say("merge_with", json!(sent.merge_with));
    say("split_of", json!(sent.split_of));
    say("parts", json!(parts));
    say("best_frame", json!(sent.best_frame));
    say("measurements", json!(sent.measurements));
    say("comment", json!(sent.comment.as_deref().filter(|text| !text.is_empty())));
    let mut view = if sent.view.is_object() { sent.view.clone() } else { json!({}) };
    view["says"] = Value::Object(says);
    Review {
        run: now.fixed.run.id.clone(),
        finding: id.to_owned(),
        at: (desk.params.now)(),
        person: person.name.clone(),
        role: person.role.clone(),
        decision: sent.decision,
        reason: sent.reason.clone(),
        view: view.to_string(),
        withdraws: sent.withdraws,
    }
}

/// Makes the finding that some frames show instead.
fn part(
    desk: &Desk,
    now: &Snapshot,
    person: &Person,
    (finding, sent): (&FindingRow, &Sent),
    expected: i64,
) -> Result<Written, Refusal> {
    let row = split::row(now, finding, &sent.split_of);
    desk.write(|book| {
        let made = Made { row, prefix: "split", seen: None };
        let reviewed = |id: &str| review(desk, now, person, (&finding.id, sent), &[id.to_owned()]);
        Ok(book.make(made, Some(expected), desk.params.note, reviewed)?.1)
    })
}

/// The first review of a finding that was drawn by hand.
pub(super) fn drawing(
    desk: &Desk,
    run: &RunId,
    person: &Person,
    (id, reason, view): (&str, &str, &Value),
) -> Review {
    let mut view = if view.is_object() { view.clone() } else { json!({}) };
    view["says"]["drawn"] = true.into();
    Review {
        run: run.clone(),
        finding: id.to_owned(),
        at: (desk.params.now)(),
        person: person.name.clone(),
        role: person.role.clone(),
        decision: None,
        reason: reason.to_owned(),
        view: view.to_string(),
        withdraws: None,
    }
}
