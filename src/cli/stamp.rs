//! `stamp`: a time stamp's reply beside a package. The only verb that ever calls out, and only to
//! the address that it is given.

use std::io::Read as _;
use std::path::{Path, PathBuf};

use serde_json::json;

use crate::case::FLIGHT_MANIFEST;
use crate::evidence::{self, Reply, TAG_MANIFEST};

use super::ending::{BadInput, UsageError};
use super::{Ending, output};

/// Lay a time stamp's reply beside a package; the package itself does not change
///
/// `--tsr` takes a reply that was fetched by hand (`curl -H 'Content-Type:
/// application/timestamp-query' --data-binary @tagmanifest-sha256.txt.tsq URL -o reply.tsr`).
/// `--tsa` fetches it: this is the only verb that ever calls out. A reply is signed by the
/// authority, so plain http does for it; for https take curl and `--tsr`.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The package's folder, or the folder of a flight's seal (CASE/seal/RUN)
    #[arg(value_name = "PACKAGE")]
    package: PathBuf,
    /// A reply that was fetched already
    #[arg(long, value_name = "FILE", required_unless_present = "tsa", conflicts_with = "tsa")]
    tsr: Option<PathBuf>,
    /// The authority's address, http://...
    #[arg(long, value_name = "URL")]
    tsa: Option<String>,
    /// Print one JSON object
    #[arg(long)]
    json: bool,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk stamp packages/EP-2026-0147_v1 --tsr reply.tsr
  torenvalk stamp works.case/seal/0a1b2c3d4e5f6071 --tsa http://timestamp.example.org";

/// Longest reply that is taken; with its certificates one has about 6 kB.
const LONGEST_REPLY: u64 = 1 << 20;
/// How long an authority may take, in seconds.
const PATIENCE_S: u64 = 30;

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let stamped = [TAG_MANIFEST, FLIGHT_MANIFEST]
        .map(|name| args.package.join(name))
        .into_iter()
        .find(|path| path.is_file())
        .ok_or_else(|| {
            BadInput(format!("{}: no package and no flight's seal", args.package.display()))
        })?;
    let place = beside(&stamped, ".tsr");
    if place.exists() {
        return Err(BadInput(format!("{}: it is stamped already", place.display())).into());
    }
    let sha256 = evidence::sha256(&super::export::read(&stamped)?);
    let reply = match (&args.tsr, &args.tsa) {
        (Some(file), _) => super::export::read(file)?,
        (None, Some(url)) => fetched(url, evidence::timestamp_request(&sha256))?,
        (None, None) => return Err(UsageError("--tsr or --tsa".to_owned()).into()),
    };
    let says = evidence::read_reply(&reply)?;
    if says.digest != sha256 {
        let reason = format!("it stamps {}, not this", evidence::hexadecimal(&says.digest));
        return Err(evidence::Error::Stamp(reason).into());
    }
    super::files::write(&place, &reply)?;
    tell(args, &place, &says)?;
    Ok(Ending::Done)
}

fn beside(path: &Path, end: &str) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(end);
    PathBuf::from(name)
}

/// RFC 3161, section 3.4: a request is posted, the body of the answer is the reply.
fn fetched(url: &str, request: Vec<u8>) -> anyhow::Result<Vec<u8>> {
    if !url.starts_with("http://") {
        let reason = "--tsa takes http://; for https fetch the reply with curl and give --tsr";
        return Err(UsageError(reason.to_owned()).into());
    }
    let gone = |error: &dyn std::fmt::Display| BadInput(format!("{url}: {error}"));
    let response = minreq::post(url)
        .with_header("Content-Type", "application/timestamp-query")
        .with_body(request)
        .with_timeout(PATIENCE_S)
        .with_max_redirects(0)
        .send_lazy()
        .map_err(|error| gone(&error))?;
    if response.status_code != 200 {
        return Err(gone(&format!("it answers {}", response.status_code)).into());
    }
    let mut reply = Vec::new();
    let most = LONGEST_REPLY + 1;
    response.take(most).read_to_end(&mut reply).map_err(|error| gone(&error))?;
    if reply.len() as u64 > LONGEST_REPLY {
        return Err(gone(&"its answer is too long").into());
    }
    Ok(reply)
}

fn tell(args: &Args, place: &Path, says: &Reply) -> anyhow::Result<()> {
    if args.json {
        return output::json_line(&json!({
            "reply": place, "says": says.made_at, "timestamped": true, "verified": false,
        }));
    }
    output::text(&format!(
        "{}: says {}\nwhether it holds: torenvalk verify --tsa-ca, with the authority's \
         certificate\n",
        place.display(),
        says.made_at
    ))
}
