//! The case at one instant. Answers read one of these, so that none mixes two states.

use std::collections::{BTreeMap, HashMap};
use std::sync::{Arc, OnceLock};

use axum::body::Bytes;
use serde_json::Value;

use crate::case::{
    Decided, Decisions, FindingRow, FrameRow, MaskRow, ReadOnlyCase, ReviewRow, RunSummary,
    SightingRow,
};
use crate::site::Site;

use super::Error;
use super::flights::Flights;

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
}

/// The case at one instant.
#[derive(Debug)]
pub(super) struct Snapshot {
    pub(super) fixed: Arc<Fixed>,
    /// As the run and people's hands made them.
    found: Arc<Vec<FindingRow>>,
    /// The same with what was decided, without those whose making was withdrawn.
    pub(super) findings: Vec<FindingRow>,
    by_id: HashMap<String, usize>,
    pub(super) sightings: BTreeMap<String, Vec<SightingRow>>,
    pub(super) reviews: Vec<ReviewRow>,
    pub(super) masks: Vec<MaskRow>,
    pub(super) decisions: Decisions,
    /// All findings as JSON, plain and compressed, once somebody asked.
    pub(super) list: OnceLock<(Bytes, Bytes)>,
}

impl Fixed {
    fn read(case: &ReadOnlyCase, run: RunSummary) -> Result<Self, Error> {
        let parameters: Value = serde_json::from_str(&run.parameters).unwrap_or_default();
        let frames = case.frames()?;
        Ok(Self {
            more_to_come: parameters["more_to_come"] == true,
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
        let run = case.runs()?.into_iter().find(|run| run.current).ok_or(Error::NoRun)?;
        let fixed = match before {
            Some(before) if before.fixed.run == run => before.fixed.clone(),
            _ => Arc::new(Fixed::read(case, run)?),
        };
        // Reading tens of thousands of rows anew for each review would be felt at each key.
        let same = |before: &&Self| Arc::ptr_eq(&before.fixed, &fixed);
        if let Some(before) = before.filter(same)
            && case.count_findings()? == before.found.len()
        {
            let sightings = before.sightings.values().flatten().cloned().collect();
            let rest = (sightings, case.masks()?);
            return Ok(Self::new(fixed.clone(), before.found.clone(), case.reviews()?, rest));
        }
        let (found, reviews) = (Arc::new(case.undecided_findings()?), case.reviews()?);
        Ok(Self::new(fixed, found, reviews, (case.sightings()?, case.masks()?)))
    }

    fn new(
        fixed: Arc<Fixed>,
        found: Arc<Vec<FindingRow>>,
        reviews: Vec<ReviewRow>,
        (seen, masks): (Vec<SightingRow>, Vec<MaskRow>),
    ) -> Self {
        let decisions = Decisions::of(reviews.iter());
        let mut findings = found.to_vec();
        findings.retain_mut(|row| decisions.apply(row));
        let by_id = findings.iter().enumerate().map(|(at, row)| (row.id.clone(), at)).collect();
        let mut sightings: BTreeMap<String, Vec<SightingRow>> = BTreeMap::new();
        for sighting in seen {
            let id = decisions.finding_of(&sighting.finding, sighting.frame);
            sightings.entry(id).or_default().push(sighting);
        }
        let list = OnceLock::new();
        Self { fixed, found, findings, by_id, sightings, reviews, masks, decisions, list }
    }

    pub(super) fn finding(&self, id: &str) -> Option<&FindingRow> {
        self.by_id.get(id).map(|&at| &self.findings[at])
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
