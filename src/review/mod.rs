//! The page on which an inspector decides, and the HTTP interface behind it.
//!
//! | file | what |
//! |---|---|
//! | `params` | what the server is started with |
//! | `server` | the listener: connections, time-outs, the end |
//! | `routes` | each path and what answers it; `openapi.json` says the same to other programs |
//! | `guard` | who may ask: Host, Origin, token, and the headers of every answer |
//! | `answer` | answers and refusals as JSON |
//! | `desk` | what all answers share: the case as it was last read, and what changed since |
//! | `snapshot` | the case at one instant |
//! | `about_case` `findings` `flights` `frames` `raster` `ground` `compare` | what is read |
//! | `reviews` `split` `drawn` `pixels` | what is decided and drawn, and added to the case |
//! | `jobs` | packages and reports that are being made |
//! | `body` | bodies of requests, bounded |
//! | `originals` | files of frames, and whether they still are what was inspected |
//! | `layers` | base maps from files that the user named |
//! | `live` | events as they come |
//! | `assets` | the built page, from the program or from a folder |
//!
//! Everything that blocks runs beside the one thread that serves.
//!
//! *Invariant*: this room never writes except by appending to the case.

mod about_case;
mod answer;
mod assets;
mod body;
mod compare;
mod desk;
mod drawn;
mod error;
mod findings;
mod flights;
mod frames;
mod ground;
mod guard;
mod jobs;
mod layers;
mod live;
mod originals;
mod params;
mod pixels;
mod raster;
mod reviews;
mod routes;
mod server;
mod snapshot;
mod split;

pub use error::Error;
pub use params::{Access, Make, Params, Person, Tell, Wish};
pub use routes::{OPENAPI, page_state, paths};
pub use server::{Server, serve};
