//! The one table between what a step means and the item that carries it.
//!
//! A row is a command of `MAV_CMD` (common.xml of 2026) and, for each of its parameters that is in
//! use, the number of the parameter and what it is called here. Both directions come from it. An
//! item is named only where naming it loses nothing: if going back would change a single bit, it
//! stays [`Action::Other`].

use super::slot::Slot;
use super::{Frame, Item, Place};

/// One step of a mission.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Step {
    /// What its coordinates are counted from.
    pub frame: Frame,
    /// What is done.
    pub action: Action,
    /// Whether the vehicle goes on by itself.
    pub autocontinue: bool,
}

macro_rules! table {
    ($(
        $(#[doc = $doc:literal])*
        $command:literal => $name:ident {
            $( $(#[doc = $field_doc:literal])* $slot:literal => $field:ident: $kind:ty, )*
        }
    )*) => {
        /// What a step does.
        #[derive(Debug, Clone, Copy, PartialEq)]
        pub enum Action {
            $(
                $(#[doc = $doc])*
                $name { $( $(#[doc = $field_doc])* $field: $kind, )* },
            )*
            /// What has no name here, with every bit of it.
            Other(Item),
        }

        /// The name of an item's command, whether or not all its bits fit.
        fn named(item: &Item) -> Option<Action> {
            match item.command {
                $( $command => Some(Action::$name {
                    $( $field: <$kind as Slot>::take(item, $slot), )*
                }), )*
                _ => None,
            }
        }

        /// Writes an action into an empty item.
        fn put(action: Action, item: &mut Item) {
            match action {
                $( Action::$name { $( $field, )* } => {
                    item.command = $command;
                    $( Slot::put($field, item, $slot); )*
                } )*
                Action::Other(other) => *item = other,
            }
        }

        /// The place of an action that has one.
        #[allow(unused_variables, reason = "most fields are no places")]
        fn place_of(action: &mut Action) -> Option<&mut Place> {
            match action {
                $( Action::$name { $( $field, )* } => {
                    $( if let Some(place) = Slot::place($field) { return Some(place); } )*
                    None
                } )*
                Action::Other(_) => None,
            }
        }
    };
}

table! {
    /// Flies to a place.
    16 => Waypoint {
        /// Seconds to stay.
        1 => hold_s: f32,
        /// From this many metres on it counts as reached; 0 leaves that to the vehicle.
        2 => acceptance_m: f32,
        /// Metres to pass beside it; 0 goes through.
        3 => pass_m: f32,
        /// Heading there, from north.
        4 => yaw_deg: Option<f32>,
        /// The place.
        5 => at: Place,
    }
    /// Stays at a place for good.
    17 => Hold {
        /// Of a circle, for what cannot hover.
        3 => radius_m: f32,
        /// Heading, from north.
        4 => yaw_deg: Option<f32>,
        /// The place.
        5 => at: Place,
    }
    /// Circles a place.
    18 => Circle {
        /// How many times.
        1 => turns: f32,
        /// Whether it leaves in the direction of the next waypoint.
        2 => leave_towards_next: bool,
        /// Counter-clockwise where negative.
        3 => radius_m: f32,
        /// Where the circle is left (`param4` of the message set).
        4 => exit: Option<f32>,
        /// The middle.
        5 => at: Place,
    }
    /// Stays at a place for a time.
    19 => HoldFor {
        /// How long.
        1 => time_s: f32,
        /// Whether it leaves in the direction of the next waypoint.
        2 => leave_towards_next: bool,
        /// Of a circle, for what cannot hover.
        3 => radius_m: f32,
        /// Where the circle is left (`param4` of the message set).
        4 => exit: Option<f32>,
        /// The place.
        5 => at: Place,
    }
    /// Goes home, or to a rally point.
    20 => Return {}
    /// Lands at a place.
    21 => Land {
        /// Least height to turn away from a landing.
        1 => abort_height_m: f32,
        /// `PRECISION_LAND_MODE`.
        2 => precision: f32,
        /// Heading, from north.
        4 => yaw_deg: Option<f32>,
        /// The place.
        5 => at: Place,
    }
    /// Takes off.
    22 => TakeOff {
        /// Least pitch, for what needs a run.
        1 => pitch_deg: f32,
        /// Heading, from north.
        4 => yaw_deg: Option<f32>,
        /// The place, and the height to climb to.
        5 => at: Place,
    }
    /// Flies a smooth curve to a place.
    82 => Spline {
        /// Seconds to stay.
        1 => hold_s: f32,
        /// The place.
        5 => at: Place,
    }
    /// Waits before it flies on.
    93 => Delay {
        /// How long; -1 is until a time of day.
        1 => time_s: f32,
        /// Hour, UTC; -1 is none.
        2 => hour: f32,
        /// Minute.
        3 => minute: f32,
        /// Second.
        4 => second: f32,
    }
    /// Waits before it does what comes next, and flies on.
    112 => DelayNext {
        /// How long.
        1 => time_s: f32,
    }
    /// Waits until it is so near to the next waypoint.
    114 => NearNext {
        /// How near.
        1 => distance_m: f32,
    }
    /// Turns.
    115 => Turn {
        /// To this heading, or by so much.
        1 => yaw_deg: f32,
        /// How fast.
        2 => rate_deg_s: f32,
        /// 1 clockwise, -1 the other way, 0 the shorter one.
        3 => direction: f32,
        /// By so much rather than to.
        4 => relative: bool,
    }
    /// Goes on with another step.
    177 => Jump {
        /// Its place in the list, from 0.
        1 => to: u16,
        /// How many times; -1 is for ever.
        2 => times: f32,
    }
    /// Changes speed.
    178 => Speed {
        /// `SPEED_TYPE`: 0 through the air, 1 over the ground, 2 climb, 3 descent.
        1 => kind: f32,
        /// -1 is no change, -2 the vehicle's own.
        2 => speed_m_s: f32,
        /// Per cent; -1 is no change.
        3 => throttle: f32,
    }
    /// Where a landing begins.
    189 => LandingStart {}
    /// Looks at a place from now on.
    195 => LookAt {
        /// Which gimbal; 0 is all.
        1 => gimbal: f32,
        /// The place.
        5 => at: Place,
    }
    /// Looks ahead again.
    197 => LookAhead {
        /// Which gimbal; 0 is all.
        1 => gimbal: f32,
    }
    /// Looks somewhere (the older way, which ArduPilot before 4.7 needs).
    201 => Roi {
        /// `MAV_ROI`: 0 nowhere, 3 the place.
        1 => mode: f32,
        /// Which waypoint, or target.
        2 => index: f32,
        /// Which gimbal.
        3 => gimbal: f32,
        /// The place.
        5 => at: Place,
    }
    /// Works a camera (the older way).
    203 => Digicam {
        /// 1 shows the lens.
        1 => session: f32,
        /// Zoom.
        2 => zoom: f32,
        /// Zoom, step by step.
        3 => zoom_step: f32,
        /// 1 locks the focus.
        4 => focus_lock: f32,
        /// 1 takes a picture.
        5 => shoot: i32,
        /// Number of the command.
        6 => number: i32,
        /// 1 takes a test picture.
        7 => test: f32,
    }
    /// Points a gimbal (the older way).
    205 => Mount {
        /// Up.
        1 => pitch_deg: f32,
        /// To the right.
        2 => roll_deg: f32,
        /// Clockwise from ahead.
        3 => yaw_deg: f32,
        /// Height of a target, with mode 4.
        4 => height_m: f32,
        /// Latitude of a target in 1e-7 degree, with mode 4.
        5 => lat_e7: i32,
        /// Longitude of a target in 1e-7 degree, with mode 4.
        6 => lon_e7: i32,
        /// `MAV_MOUNT_MODE`: 2 these angles.
        7 => mode: f32,
    }
    /// Takes a picture every so many metres.
    206 => TriggerDistance {
        /// 0 ends it.
        1 => distance_m: f32,
        /// How long the shutter's pin is held; 0 leaves it.
        2 => shutter_ms: f32,
        /// Takes one at once.
        3 => at_once: bool,
        /// Which camera; 0 is all.
        4 => camera: f32,
    }
    /// Takes a picture every so often, by the autopilot.
    214 => TriggerInterval {
        /// 0 leaves it, -1 is the vehicle's own.
        1 => interval_ms: f32,
        /// How long the shutter's pin is held; 0 leaves it.
        2 => shutter_ms: f32,
    }
    /// A label.
    600 => Tag {
        /// Its number; no place in the list.
        1 => tag: u16,
    }
    /// Goes on behind a label.
    601 => JumpToTag {
        /// The label's number.
        1 => tag: u16,
        /// How many times; -1 is for ever.
        2 => times: f32,
    }
    /// Points a gimbal.
    1000 => Gimbal {
        /// Up; NaN leaves it.
        1 => pitch_deg: Option<f32>,
        /// Clockwise, from ahead or from north, as the flags say; NaN leaves it.
        2 => yaw_deg: Option<f32>,
        /// NaN leaves it.
        3 => pitch_rate_deg_s: Option<f32>,
        /// NaN leaves it.
        4 => yaw_rate_deg_s: Option<f32>,
        /// `GIMBAL_MANAGER_FLAGS`.
        5 => flags: i32,
        /// Which gimbal; 0 is the first.
        7 => gimbal: f32,
    }
    /// Takes one picture, some, or one every so often.
    2000 => Pictures {
        /// Which camera; 0 is all.
        1 => camera: f32,
        /// From one to the next.
        2 => interval_s: f32,
        /// How many; 0 is until told to stop.
        3 => count: f32,
        /// Number of the first.
        4 => first: Option<f32>,
    }
    /// Ends taking pictures.
    2001 => StopPictures {
        /// Which camera; 0 is all.
        1 => camera: f32,
    }
}

impl Step {
    /// A step that the vehicle goes on from by itself.
    #[must_use]
    pub fn new(frame: Frame, action: Action) -> Self {
        Self { frame, action, autocontinue: true }
    }

    /// What an item means.
    #[must_use]
    pub fn of_item(item: &Item) -> Self {
        let frame = Frame::of_code(item.frame);
        let other = Self { frame, action: Action::Other(*item), autocontinue: item.autocontinue };
        let Some(action) = named(item) else { return other };
        let mut step = Self { action, ..other };
        if step.item().same(item) && (step.place_mut().is_none() || frame.is_global()) {
            step
        } else {
            other
        }
    }

    /// The item that carries it.
    #[must_use]
    pub fn item(&self) -> Item {
        let mut item = Item::empty(self.frame.code(), 0);
        put(self.action, &mut item);
        item.frame = self.frame.code();
        item.autocontinue = self.autocontinue;
        item
    }

    /// Its place, if it has one and it has a name.
    #[must_use]
    pub fn place(&self) -> Option<Place> {
        place_of(&mut self.action.clone()).copied()
    }

    /// Its place, to be moved.
    pub fn place_mut(&mut self) -> Option<&mut Place> {
        place_of(&mut self.action)
    }
}
