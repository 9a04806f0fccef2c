//! What verbs on a link share: its flags, and the way to the vehicle.

use std::path::{Path, PathBuf};
use std::time::Duration;

use crate::link::driver::{Address, Link, Params, Traffic, read_key};
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
    #[command(flatten)]
    signed: SignedArgs,
    /// Record both directions into this .tlog
    #[arg(long, value_name = "FILE")]
    record: Option<PathBuf>,
    /// How long to wait for a vehicle
    #[arg(long, value_name = "SECONDS", default_value_t = 10.0)]
    wait: f64,
}

/// Whether a link is signed.
#[derive(Debug, clap::Args)]
pub(super) struct SignedArgs {
    /// Sign with the key of this file, and take nothing that is not signed with it; the time of the
    /// last signature is kept beside it
    #[arg(long, value_name = "FILE")]
    key: Option<PathBuf>,
    /// Number of this link in signatures
    #[arg(long, value_name = "N", default_value_t = 0)]
    link_id: u8,
}

impl SignedArgs {
    /// How the link is opened; one that is not signed says so.
    pub(super) fn params(&self, address: &str, record: Option<PathBuf>) -> anyhow::Result<Params> {
        if self.key.is_none() {
            output::message(&format!("{address}: this link is not signed"));
        }
        Ok(Params {
            key: self.key.as_deref().map(read_key).transpose()?,
            times: self.key.as_deref().map(beside),
            link: self.link_id,
            record,
            ..Params::default()
        })
    }
}

/// `KEY` → `KEY.time`.
fn beside(key: &Path) -> PathBuf {
    let mut name = key.as_os_str().to_owned();
    name.push(".time");
    name.into()
}

impl LinkArgs {
    /// Opens the link, finds the vehicle and does the work. An unsigned link says so.
    pub(super) fn run<T>(
        &self,
        work: impl AsyncFnOnce(&Link, &Vehicle) -> anyhow::Result<T>,
    ) -> anyhow::Result<T> {
        let address: Address = self.link.parse()?;
        let wait_s = super::ending::within("wait", Some(self.wait), 0.1, 3600.0)?;
        let params = self.signed.params(&self.link, self.record.clone())?;
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let (link, running) = Link::open(&address, &params).await?;
            let patience = Duration::from_secs_f64(wait_s.unwrap_or(self.wait));
            let find = Find::new(self.system, patience, link.now());
            let found = link.run(find, |_, _| {}).await;
            let done = match found {
                Ok(vehicle) => work(&link, &vehicle).await,
                Err(error) => Err(error.into()),
            };
            let traffic = link.traffic();
            if traffic.distrusted > 0 {
                output::message(&format!("{} frames had no right signature", traffic.distrusted));
            }
            say_what_is_not_recorded(&traffic);
            drop(link);
            running.ended().await?;
            done
        })
    }
}

/// A recording with a gap says so.
pub(super) fn say_what_is_not_recorded(traffic: &Traffic) {
    if traffic.unrecorded > 0 {
        output::message(&format!(
            "{} messages are not in the recording: the disk did not take them in time",
            traffic.unrecorded
        ));
    }
}
