//! Torenvalk: thermal drone inspection, from a card full of frames to findings with a position and
//! how sure that position is.
//!
//! # The flow
//!
//! ```text
//!  files ─thermal─▶ frame ─┬─ metadata ─capture─▶ posed frame ─┐
//!                          └─ thermogram ─detect─▶ detection ──┴─locate─▶ observation
//!                                                                             │
//!  site ───────────────────────────────────────────────────────────────────▶ fuse
//!                                                                             │
//!                                                                finding ─▶ case
//! ```
//!
//! Every arrow is one function of one room, and nothing flows back. Detections carry no pose and
//! posed frames carry no pixels; they meet once, in `locate`.
//!
//! # The rooms, lowest floor first
//!
//! | floor | room | what it is |
//! |---|---|---|
//! | 0 words | [`units`] [`time`] [`geo`] [`mandate`] | temperatures, instants, places, reasons |
//! | 1 told | [`site`] [`mission`] [`thermal`] [`wire`] [`flight`] | what we are told |
//! | 2 worked out | [`plan`] [`capture`] [`detect`] [`locate`] [`fuse`] | pure functions |
//! | | [`mod@evaluate`] | what was found against what people say is there |
//! | 3 kept | [`case`] [`inspect`] [`mod@derive`] [`evidence`] | the case, its runs, packages |
//! | 4 edges | [`link`] [`sim`] [`collect`] [`cli`] | links; simulation; a live flight; the verbs |
//! | | [`mod@review`] | the page for inspectors |
//!
//! `tests/it/floors.rs` holds who may use whom.

pub mod capture;
pub mod case;
pub mod cli;
pub mod collect;
pub mod derive;
pub mod detect;
pub mod evaluate;
pub mod evidence;
pub mod flight;
pub mod fuse;
pub mod geo;
pub mod inspect;
pub mod link;
pub mod locate;
pub mod mandate;
pub mod mission;
pub mod plan;
pub mod review;
pub mod sim;
pub mod site;
pub mod thermal;
pub mod time;
pub mod units;
pub mod wire;
