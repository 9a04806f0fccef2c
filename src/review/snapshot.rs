//! The case at one instant. Answers read one of these, so that none mixes two states.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use serde_json::Value;

use crate::case::{
    Decided, Decisions, FindingRow, FrameRow, LeftBehind, MaskRow, ReadOnlyCase, ReviewRow, RunId,
    RunSummary, SightingRow,
};
use crate::site::Site;

use super::flights::Flights;
use super::{Error, under_way};

/// What a run left and nobody changes.
#[derive(Debug)]
pub(super) struct Fixed {
    pub(super) run: RunSummary,
    /// Whether frames are still being taken.
    pub(super) more_to_come: bool,
    pub(super) site: Option<Site>,
    pub(super) frames: Vec<FrameRow>,
    /// Place in `frames` of a frame's number.
    at: HashMap<u32, usize>,
    pub(super) flights: Flights,
    /// What was said of earlier states of this flight and has no finding any more.
    pub(super) left_behind: Vec<LeftBehind>,
}

/// A case in which nothing was inspected yet: a flight that is about to come.
fn no_run() -> RunSummary {
    RunSummary {
        id: RunId(String::new()),
        version: String::new(),
        parameters: "{}".to_owned(),
        frames: 0,
        skipped: 0,
        observations: 0,
        findings: 0,
        current: true,
    }
}

/// The case at one instant.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) fixed: Arc<Fixed>,
    /// As the run and people's hands made them.
    found: Arc<Vec<Arc<FindingRow>>>,
    /// The same with what was decided, without those whose making was withdrawn. What nobody looked
    /// at is shared with the states before: of ten thousand a review changes one.
    pub(super) findings: Vec<Arc<FindingRow>>,
    by_id: HashMap<String, usize>,
    pub(super) sightings: Arc<Sightings>,
    pub(super) reviews: Vec<ReviewRow>,
    pub(super) masks: Vec<MaskRow>,
    pub(super) decisions: Decisions,
    /// All findings as JSON, plain and compressed, once somebody asked.
    pub(super) list: OnceLock<(Bytes, Bytes)>,
}

/// By finding.
pub(super) type Sightings = BTreeMap<String, Vec<SightingRow>>;

impl Fixed {
    fn read(case: &ReadOnlyCase, run: RunSummary) -> Result<Self, Error> {
        let parameters: Value = serde_json::from_str(&run.parameters).unwrap_or_default();
        let more_to_come = parameters["more_to_come"] == true;
        let mut frames = case.frames()?;
        if more_to_come && frames.is_empty() {
            frames = under_way::frames(&case.inputs()?);
        }
        Ok(Self {
            more_to_come,
            left_behind: case.left_behind()?,
            site: serde_json::from_value(parameters["site"].clone()).ok(),
            at: frames.iter().enumerate().map(|(at, frame)| (frame.frame, at)).collect(),
            flights: Flights::of(&frames),
            frames,
            run,
        })
    }

    pub(super) fn frame(&self, number: u32) -> Option<&FrameRow> {
        self.at.get(&number).map(|&at| &self.frames[at])
    }
}

impl Snapshot {
    /// Reads the case. What does not change within a run is taken from `before`.
    pub(super) fn read(case: &ReadOnlyCase, before: Option<&Self>) -> Result<Self, Error> {
        let run = case.runs()?.into_iter().find(|run| run.current).unwrap_or_else(no_run);
        let fixed = match before {
            Some(before) if before.fixed.run == run => before.fixed.clone(),
            _ => Arc::new(Fixed::read(case, run)?),
        };
        // Reading tens of thousands of rows anew for each review would be felt at each key.
        let same = |before: &&Self| Arc::ptr_eq(&before.fixed, &fixed);
        if let Some(before) = before.filter(same)
            && case.count_findings()? == before.found.len()
        {
            let (found, reviews) = (before.found.clone(), case.reviews()?);
            let mut after = Self::new(fixed.clone(), found, reviews, case.masks()?);
            after.sightings = match after.decisions.splits_as(&before.decisions) {
                true => before.sightings.clone(),
                false => after.grouped(case.sightings()?),
            };
            return Ok(after);
        }
        let found = case.undecided_findings()?.into_iter().map(Arc::new).collect();
        let mut new = Self::new(fixed, Arc::new(found), case.reviews()?, case.masks()?);
        new.sightings = new.grouped(case.sightings()?);
        Ok(new)
    }

    /// Without sightings.
    fn new(
        fixed: Arc<Fixed>,
        found: Arc<Vec<Arc<FindingRow>>>,
        reviews: Vec<ReviewRow>,
        masks: Vec<MaskRow>,
    ) -> Self {
        let decisions = Decisions::of(reviews.iter());
        let decided = |row: &Arc<FindingRow>| {
            if decisions.of_finding(&row.id).is_none() {
                return Some(row.clone());
            }
            let mut row = FindingRow::clone(row);
            decisions.apply(&mut row).then(|| Arc::new(row))
        };
        let findings: Vec<_> = found.iter().filter_map(decided).collect();
        let by_id = findings.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
        let (sightings, list) = (Arc::default(), OnceLock::new());
        Self { fixed, found, findings, by_id, sightings, reviews, masks, decisions, list }
    }

    /// Sightings by the finding that they are of after all that was decided.
    fn grouped(&self, seen: Vec<SightingRow>) -> Arc<Sightings> {
        let mut sightings = Sightings::new();
        for sighting in seen {
            let id = self.decisions.finding_of(&sighting.finding, sighting.frame);
            sightings.entry(id).or_default().push(sighting);
        }
        // Those of a flight that is not over, and what was drawn while it was not.
        let bare = self.findings.iter().filter(|row| !sightings.contains_key(&row.id));
        let bare = under_way::sightings(bare.map(AsRef::as_ref), &self.fixed.frames);
        for sighting in bare {
            sightings.entry(sighting.finding.clone()).or_default().push(sighting);
        }
        Arc::new(sightings)
    }

    pub(super) fn finding(&self, id: &str) -> Option<&FindingRow> {
        self.by_id.get(id).map(|&at| self.findings[at].as_ref())
    }

    /// What people decided of a finding.
    pub(super) fn decided(&self, id: &str) -> Decided {
        self.decisions.of_finding(id).cloned().unwrap_or_default()
    }

    pub(super) fn version(&self, id: &str) -> i64 {
        self.decisions.of_finding(id).map_or(0, |decided| decided.version)
    }

    /// Where frames saw a finding, and its best frame: the one a person chose, else the highest
    /// score, the earlier one of equals.
    pub(super) fn seen(&self, id: &str) -> (&[SightingRow], Option<u32>) {
        let seen = self.sightings.get(id).map_or(&[][..], Vec::as_slice);
        let score = |sighting: &SightingRow| sighting.score.unwrap_or(f64::MIN);
        let best =
            seen.iter().min_by(|a, b| score(b).total_cmp(&score(a)).then(a.frame.cmp(&b.frame)));
        let chosen = self.decided(id).best_frame;
        (seen, chosen.or(best.map(|best| best.frame)))
    }
}
