//! A mission as a whole.

use crate::mandate::Mandate;

use super::{Action, Complex, Error, Fault, Fence, Item, List, RallyPoint, Step};

/// Most items of a list: their numbers have 16 bits.
pub const MOST_ITEMS: usize = 65_535;

/// What a vehicle is told: what to fly, where it may be, where it may land in need.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Mission {
    /// Where the planner took home to be; `None` where nobody told. Heights above home are
    /// counted from where the vehicle really starts.
    pub home: Option<Home>,
    /// What is flown, home not among it.
    pub steps: Vec<Step>,
    /// Where it may be.
    pub fence: Fence,
    /// Where it may land in need.
    pub rally: Vec<RallyPoint>,
    /// What runs of its steps were planned as, for QGroundControl to edit.
    pub complex: Vec<Complex>,
    /// For whom it was planned.
    pub planned_for: PlannedFor,
    /// What it is called, where its file tells.
    pub name: Option<String>,
    /// Why it is flown, on what ground, under which number and when.
    pub mandate: Mandate,
    /// What its file held and a mission has no room for, in words.
    pub passed_over: Vec<String>,
}

/// A home position.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Home {
    /// Latitude.
    pub lat_deg: f64,
    /// Longitude.
    pub lon_deg: f64,
    /// Above mean sea level.
    pub amsl_m: f64,
}

/// The vehicle that a mission was planned for, as far as its file tells.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct PlannedFor {
    /// `MAV_AUTOPILOT`.
    pub autopilot: Option<u8>,
    /// `MAV_TYPE`.
    pub vehicle: Option<u8>,
    /// Of a wing, in m/s.
    pub cruise_m_s: Option<f64>,
    /// Of what hovers, in m/s.
    pub hover_m_s: Option<f64>,
}

impl Mission {
    /// The items of one of its lists. A jump's target is the place in the list, from 0, without
    /// home: who puts home in front has to shift it.
    #[must_use]
    pub fn items(&self, list: List) -> Vec<Item> {
        match list {
            List::Mission => self.steps.iter().map(Step::item).collect(),
            List::Fence => self.fence.items(),
            List::Rally => self.rally.iter().map(RallyPoint::item).collect(),
        }
    }

    /// Replaces one of its lists by what items mean.
    ///
    /// # Errors
    /// [`Error::Items`] for items that cannot be of this list, and for more than [`MOST_ITEMS`].
    pub fn set_items(&mut self, list: List, items: &[Item]) -> Result<(), Error> {
        if items.len() > MOST_ITEMS {
            let held = format!("has {} items", items.len());
            return Err(Error::Items(Fault::new(
                "the list",
                held,
                format!("{MOST_ITEMS} at most"),
            )));
        }
        match list {
            List::Mission => {
                self.steps = items.iter().map(Step::of_item).collect();
                self.complex.clear();
            }
            List::Fence => self.fence = Fence::of_items(items)?,
            List::Rally => self.rally = RallyPoint::of_items(items)?,
        }
        Ok(())
    }

    /// What is odd about it, in words: what a person should know before it is flown.
    #[must_use]
    pub fn oddities(&self) -> Vec<String> {
        let mut odd = self.passed_over.clone();
        let mut running = None;
        for (number, step) in self.steps.iter().enumerate() {
            match step.action {
                Action::TriggerDistance { distance_m, .. } => {
                    running = (distance_m > 0.0).then_some((number, distance_m));
                }
                Action::Jump { to, .. } if usize::from(to) >= self.steps.len() => {
                    odd.push(format!("step {number} jumps to step {to}, which is not there"));
                }
                _ => {}
            }
        }
        if let Some((number, distance_m)) = running {
            odd.push(format!(
                "step {number} takes a picture every {distance_m} m and nothing ends it: it goes \
                 on through turns and on the way home"
            ));
        }
        odd
    }
}
