//! What verbs on a link share: its flags, and the way to the vehicle.

use std::path::PathBuf;
use std::time::Duration;

use crate::link::driver::{Address, Link, Params, read_key};
use crate::link::{Find, Vehicle};

use super::output;

#[derive(Debug, clap::Args)]
pub(super) struct LinkArgs {
    /// The vehicle's address: udpin:HOST:PORT, udpout:HOST:PORT, tcpout:HOST:PORT,
    /// tcpin:HOST:PORT or serial:PATH:BAUD; what listens without a host does so for this computer
    /// alone
    #[arg(long, value_name = "ADDR")]
    link: String,
    /// The vehicle's system id, where there are several
    #[arg(long, value_name = "ID")]
    system: Option<u8>,
    /// Sign with the key of this file, and take nothing that is not signed with it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Number of this link in signatures
    #[arg(long, value_name = "N", default_value_t = 0)]
    link_id: u8,
    /// Record both directions into this .tlog
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// How long to wait for a vehicle
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    wait: f64,
}

impl LinkArgs {
    /// Opens the link, finds the vehicle and does the work. An unsigned link says so.
    pub(super) fn run<T>(
        &self,
        work: impl AsyncFnOnce(&Link, &Vehicle) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let address: Address = self.link.parse()?;
        let wait_s = super::ending::within("wait", Some(self.wait), 0.1, 3600.0)?;
        let params = Params {
            key: self.key.as_deref().map(read_key).transpose()?,
            key_file: self.key.clone(),
            link: self.link_id,
            record: self.record.clone(),
            ..Params::default()
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let (link, running) = Link::open(&address, &params).await?;
            if params.key.is_none() {
                output::message(&format!("{address}: this link is not signed"));
            }
            let patience = Duration::from_secs_f64(wait_s.unwrap_or(self.wait));
            let find = Find::new(self.system, patience, link.now());
            let found = link.run(find, |_, _| {}).await;
            let done = match found {
                Ok(vehicle) => work(&link, &vehicle).await,
                Err(error) => Err(error.into()),
            };
            let distrusted = link.traffic().distrusted;
            if distrusted > 0 {
                output::message(&format!("{distrusted} frames had no right signature"));
            }
            drop(link);
            running.ended().await?;
            done
        })
    }
}
