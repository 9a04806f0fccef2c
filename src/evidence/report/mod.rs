//! The report: a PDF/A-3 that people read, drafted from what the case holds and nothing else.
//!
//! | file | what |
//! |---|---|
//! | `content` | what a report says, as plain values |
//! | `words` | all words of both languages, in `nl.json` and `en.json` |
//! | `figures` | numbers with their units, as each language writes them |
//! | `draft` | a case's rows → content; each sentence with its finding |
//! | `page` | the page of one finding |
//! | `typeset` | content → PDF, by `report.typ`; only with the feature `report` |
//!
//! *Invariant*: this folder never says what no row of the case says.

mod content;
mod draft;
mod error;
mod figures;
mod page;
#[cfg(feature = "report")]
mod typeset;
mod words;

pub use content::{Attachment, Date, Detail, FindingPage, Pair, Report, Sentence};
pub use draft::{Facts, OVERVIEW, draft};
pub use error::Error;
#[cfg(feature = "report")]
pub use typeset::pdf;
pub use words::Language;
