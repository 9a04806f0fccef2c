//! Sends all lists of a mission, reads them back, and says what is different.

use std::time::Duration;

use crate::mission::{Item, List};

use super::adapt::{from_vehicle, to_vehicle};
use super::compare::{Difference, compare};
use super::download::Download;
use super::pace::Pace;
use super::quirks::Quirks;
use super::upload::Upload;
use super::{Clear, Engine, Error, Received, Route, Step};

/// A list that differs is read once more, since an item that was late may be of an earlier one;
/// if it still does it is sent once more.
const READINGS: u32 = 2;
const SENDINGS: u32 = 2;

/// Lists as they are meant. `None` leaves the vehicle's as it is; an empty one clears it.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Lists {
    /// What is flown, without home.
    pub mission: Option<Vec<Item>>,
    /// Where home is, for vehicles that keep it in front.
    pub home: Option<Item>,
    /// The fence.
    pub fence: Option<Vec<Item>>,
    /// Rally points.
    pub rally: Option<Vec<Item>>,
}

impl Lists {
    fn items(&self, list: List) -> Option<&[Item]> {
        match list {
            List::Mission => self.mission.as_deref(),
            List::Fence => self.fence.as_deref(),
            List::Rally => self.rally.as_deref(),
        }
    }
}

/// What became of it.
#[derive(Debug, Clone, PartialEq)]
pub struct Delivery {
    /// Items of each list that was sent, without the vehicle's home.
    pub items: Vec<(List, usize)>,
    /// Messages that were sent more than once.
    pub retries: u32,
    /// All was read back, and nothing that matters is different.
    pub verified: bool,
    /// What is different, also what does not matter.
    pub differences: Vec<Difference>,
}

/// One list on its way.
#[derive(Debug)]
struct Job {
    list: List,
    /// As this vehicle wants it.
    sent: Vec<Item>,
    sendings: u32,
    readings: u32,
}

#[derive(Debug)]
enum Part {
    Upload(Upload),
    Clear(Clear),
    Download(Download),
}

/// The engine.
#[derive(Debug)]
pub struct Deliver {
    route: Route,
    quirks: &'static Quirks,
    jobs: Vec<Job>,
    /// The job that runs.
    at: usize,
    reading: bool,
    part: Option<Part>,
    pace: Pace,
    retries: u32,
    differences: Vec<Difference>,
    now: Duration,
    outcome: Option<Result<Delivery, Error>>,
}

impl Deliver {
    /// Begins at once: all lists are sent, then all are read.
    ///
    /// # Errors
    /// [`Error::Unfit`] and [`Error::TooLong`], before anything is sent.
    pub fn new(
        route: Route,
        lists: &Lists,
        quirks: &'static Quirks,
        now: Duration,
    ) -> Result<Self, Error> {
        let mut jobs = Vec::new();
        for list in [List::Mission, List::Fence, List::Rally] {
            let Some(items) = lists.items(list) else { continue };
            let sent = to_vehicle(list, items, lists.home, quirks)?;
            if sent.len() >= usize::from(u16::MAX) {
                return Err(Error::TooLong { list, count: sent.len() });
            }
            let sent = if items.is_empty() { Vec::new() } else { sent };
            jobs.push(Job { list, sent, sendings: 0, readings: 0 });
        }
        let mut deliver = Self {
            route,
            quirks,
            jobs,
            at: 0,
            reading: false,
            part: None,
            pace: Pace::new(),
            retries: 0,
            differences: Vec::new(),
            now,
            outcome: None,
        };
        deliver.next();
        Ok(deliver)
    }

    /// Begins the part whose turn it is.
    fn next(&mut self) {
        if self.at >= self.jobs.len() && !self.reading {
            self.reading = true;
            self.at = 0;
        }
        let Some(job) = self.jobs.get_mut(self.at) else {
            self.finish();
            return;
        };
        if self.reading {
            job.readings += 1;
            let download = Download::new(self.route, job.list, self.quirks, self.now);
            self.part = Some(Part::Download(download.with_pace(self.pace.clone())));
            return;
        }
        job.sendings += 1;
        if job.sent.is_empty() {
            self.part = Some(Part::Clear(Clear::new(self.route, job.list, self.now)));
            return;
        }
        match Upload::new(self.route, job.list, job.sent.clone(), self.quirks, self.now) {
            Ok(upload) => {
                self.part = Some(Part::Upload(upload.with_pace(self.pace.clone())));
            }
            Err(error) => self.outcome = Some(Err(error)),
        }
    }

    /// A list was read: compare, and repeat what has to be.
    fn read(&mut self, items: Vec<Item>) {
        let Some(job) = self.jobs.get_mut(self.at) else { return };
        let (_, sent) = from_vehicle(job.list, job.sent.clone(), self.quirks);
        let (_, read) = from_vehicle(job.list, items, self.quirks);
        let differences = compare(job.list, &sent, &read, self.quirks);
        if differences.iter().any(|difference| difference.matters) {
            if job.readings < READINGS {
                self.next();
                return;
            }
            if job.sendings < SENDINGS {
                job.readings = 0;
                self.reading = false;
                self.next();
                // The other lists are behind it already.
                return;
            }
        }
        self.differences.extend(differences);
        self.at += 1;
        self.next();
    }

    fn finish(&mut self) {
        let home = usize::from(self.quirks.home_is_item_0);
        let count = |job: &Job| match job.list {
            List::Mission => job.sent.len().saturating_sub(home),
            _ => job.sent.len(),
        };
        let differences = std::mem::take(&mut self.differences);
        self.outcome = Some(Ok(Delivery {
            items: self.jobs.iter().map(|job| (job.list, count(job))).collect(),
            retries: self.retries,
            verified: !differences.iter().any(|difference| difference.matters),
            differences,
        }));
    }

    /// One list has gone out: all others do before any is read, but for one that is sent again.
    fn sent(&mut self) {
        let again = self.jobs.get(self.at).is_some_and(|job| job.sendings > 1);
        if again {
            self.reading = true;
        } else {
            self.at += 1;
        }
        self.next();
    }

    fn fail(&mut self, error: Error) {
        self.outcome = Some(Err(error));
    }
}

impl Engine for Deliver {
    type Outcome = Result<Delivery, Error>;

    fn handle(&mut self, message: &Received, now: Duration) {
        self.now = now;
        match &mut self.part {
            Some(Part::Upload(part)) => part.handle(message, now),
            Some(Part::Clear(part)) => part.handle(message, now),
            Some(Part::Download(part)) => part.handle(message, now),
            None => {}
        }
    }

    fn handle_timeout(&mut self, now: Duration) {
        self.now = now;
        match &mut self.part {
            Some(Part::Upload(part)) => part.handle_timeout(now),
            Some(Part::Clear(part)) => part.handle_timeout(now),
            Some(Part::Download(part)) => part.handle_timeout(now),
            None => {}
        }
    }

    fn poll(&mut self) -> Step<Self::Outcome> {
        loop {
            if let Some(outcome) = self.outcome.take() {
                return Step::Done(outcome);
            }
            let step = match &mut self.part {
                Some(Part::Upload(part)) => part.poll().map(|end| {
                    end.map(|done| {
                        self.pace = part.pace().clone();
                        self.retries += done.retries;
                        None
                    })
                }),
                Some(Part::Clear(part)) => part.poll().map(|end| end.map(|()| None)),
                Some(Part::Download(part)) => part.poll().map(|end| {
                    end.map(|done| {
                        self.pace = part.pace().clone();
                        self.retries += done.retries;
                        Some(done.items)
                    })
                }),
                None => return Step::Wait(self.now),
            };
            match step {
                Step::Done(Ok(Some(items))) => self.read(items),
                Step::Done(Ok(None)) => self.sent(),
                Step::Done(Err(error)) => self.fail(error),
                Step::Send(packet) => return Step::Send(packet),
                Step::Progress { done, total } => return Step::Progress { done, total },
                Step::Wait(until) => return Step::Wait(until),
            }
        }
    }
}
