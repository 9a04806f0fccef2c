//! Behaviour, in one test binary.

#![expect(clippy::unwrap_used, clippy::panic, reason = "a test that cannot go on should stop")]

mod budget;
mod calibrate;
mod capture;
mod capture_track;
mod case;
mod channel;
mod cli;
mod clock;
mod clock_scenes;
mod collect;
mod damage;
mod derive;
mod detect;
mod evidence;
mod evidence_tamper;
mod explain;
mod flight;
mod flight_dataflash;
mod flight_ulog;
mod floors;
mod fuse;
mod geo;
mod inspect;
mod link_engines;
mod link_lists;
mod link_peers;
mod locate;
mod logs;
mod mission;
mod peers;
mod program;
mod shared;
mod sim;
mod site;
mod stub;
mod terrain;
mod thermal_dji;
mod thermal_flir;
mod thermal_tiff;
mod truth;
mod vehicle;
mod wire;
mod wire_packets;
