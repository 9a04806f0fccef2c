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
//! | `snapshot` `under_way` | the case at one instant, also of a flight that is not over |
//! | `about_case` `findings` `flights` `ground` `compare` | what is read |
//! | `frames` `raw` `raster` | frames and their pixels |
//! | `may` | what each role may do |
//! | `reviews` `split` `drawn` `pixels` `placed` | what is decided or drawn, added to the case |
//! | `jobs` `download` | packages and reports: being made, and sent |
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
mod download;
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
mod may;
mod originals;
mod params;
mod pixels;
mod placed;
mod raster;
mod raw;
mod reviews;
mod routes;
mod server;
mod snapshot;
mod split;
mod under_way;

pub use error::Error;
pub use params::{Access, Made, Make, Params, Person, Tell, Wish};
pub use routes::{OPENAPI, page_state, paths};
pub use server::{Server, serve};
