//! `review`: the page for inspectors.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use crate::evidence::Outcome;
use crate::review::{self, Access, Made, Make, Params, Person, Server, Tell, Wish};

use super::ending::{BadInput, UsageError};
use super::who::Who;
use super::{Ending, clock, export, files, output, report};

/// The page on which an inspector decides, in the browser, offline
///
/// Serves this machine alone. Another address needs --token-file, and a proxy in front of it that
/// does TLS: this program speaks plain HTTP.
#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Args {
    /// The case folder
    #[arg(value_name = "CASE")]
    case: PathBuf,
    /// Port; 0 takes one that is free
    #[arg(long, value_name = "N", default_value_t = 7580)]
    port: u16,
    /// Address to listen on
    #[arg(long, value_name = "ADDR", default_value_t = IpAddr::V4(Ipv4Addr::LOCALHOST))]
    listen: IpAddr,
    /// Who reviews; the name of the account unless told
    #[arg(long, value_name = "NAME")]
    person: Option<String>,
    /// As what; turns on what each role may do: reader, pilot, inspector, operator
    #[arg(long, value_name = "ROLE", value_parser = role)]
    role: Option<String>,
    /// People who may connect: a line each with token, role and name
    #[arg(long, value_name = "FILE", conflicts_with_all = ["person", "role"])]
    token_file: Option<PathBuf>,
    /// Who accepted findings may not export them, and who drew one may not accept it
    #[arg(long)]
    four_eyes: bool,
    /// A base map: GeoJSON, GeoTIFF, PMTiles or MBTiles; give it again for more
    #[arg(long, value_name = "FILE")]
    layer: Vec<PathBuf>,
    /// An earlier case of the same site, to compare with
    #[arg(long, value_name = "CASE")]
    earlier: Option<PathBuf>,
    /// A folder in which originals lie now, if they were moved
    #[arg(long, value_name = "DIR")]
    originals: Vec<PathBuf>,
    /// Where packages and reports go; beside the case unless told
    #[arg(long, value_name = "DIR")]
    out: Option<PathBuf>,
    /// Do not open a browser
    #[arg(long)]
    no_browser: bool,
    /// Serve the page from this folder (for work on the page)
    #[arg(long, value_name = "DIR")]
    page_dir: Option<PathBuf>,
}

const EXAMPLES: &str = "\
Examples:
  torenvalk review works.case
  torenvalk review works.case --person \"A. Jansen\" --role inspector --layer aerial.tif
  torenvalk review works.case --listen 0.0.0.0 --token-file people.txt --no-browser";

const ROLES: [&str; 4] = ["reader", "pilot", "inspector", "operator"];

fn role(name: &str) -> Result<String, String> {
    let known = ROLES.contains(&name);
    known.then(|| name.to_owned()).ok_or_else(|| format!("roles are {}", ROLES.join(", ")))
}

pub(super) fn run(args: &Args) -> anyhow::Result<Ending> {
    let access = access(args)?;
    let made_by = Maker {
        case: args.case.clone(),
        originals: args.originals.clone(),
        out: args.out.clone().unwrap_or_else(|| args.case.with_extension("packages")),
    };
    let token = access.people.iter().find_map(|person| person.token.clone());
    let params = Params {
        case: args.case.clone(),
        listen: SocketAddr::new(args.listen, args.port),
        access,
        layers: args.layer.clone(),
        earlier: args.earlier.clone(),
        originals: args.originals.clone(),
        page: args.page_dir.clone(),
        now: clock::now,
        note: clock::note(),
        patience: PATIENCE,
        version: env!("CARGO_PKG_VERSION"),
        make: Arc::new(made_by),
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(AT_ONCE)
        .build()?;
    runtime.block_on(async {
        let server = Server::bind(params).await?;
        let address = server.address()?;
        let url = format!("http://{address}/");
        output::text(&format!("{url}\n"))?;
        if !args.listen.is_loopback() {
            output::message("Plain HTTP: put a proxy that does TLS before it.");
        }
        if review::page_state() != "built" && args.page_dir.is_none() {
            output::message("This program was built without its page; the interface works.");
        }
        if !args.no_browser && args.listen.is_loopback() {
            // What comes after # stays in the browser.
            open(&token.map_or(url.clone(), |token| format!("{url}#token={token}")));
        }
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        let mut stop = Some(stop);
        ctrlc::set_handler(move || drop(stop.take()))?;
        review::serve(server, async {
            let _ = stopped.await;
        })
        .await?;
        Ok(Ending::Done)
    })
}

/// Answers worked out at a time. More would only wait for the disk, each with memory of its own.
const AT_ONCE: usize = 6;

/// A browser sends a request at once, over a slow line in seconds; who does not only holds a
/// connection.
const PATIENCE: Duration = Duration::from_secs(10);

/// Opens the user's browser; where there is none, the address was told.
fn open(url: &str) {
    let (program, first): (&str, &[&str]) = if cfg!(windows) {
        ("cmd", &["/C", "start", ""])
    } else if cfg!(target_os = "macos") {
        ("open", &[])
    } else {
        ("xdg-open", &[])
    };
    let mut command = Command::new(program);
    let _ = command.args(first).arg(url).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}

fn access(args: &Args) -> anyhow::Result<Access> {
    let Some(file) = &args.token_file else {
        if !args.listen.is_loopback() {
            let reason = "an address beyond this machine needs --token-file: who may connect";
            return Err(UsageError(reason.to_owned()).into());
        }
        let named = Who { person: args.person.clone(), role: String::new() };
        let role = args.role.clone().unwrap_or_else(|| "inspector".to_owned());
        let person = Person { token: None, name: named.name(), role };
        let roles_on = args.role.is_some();
        return Ok(Access { people: vec![person], roles_on, four_eyes: args.four_eyes });
    };
    files::regular(file)?;
    let text = std::fs::read_to_string(file)
        .map_err(|error| BadInput(format!("{}: {error}", file.display())))?;
    let people = people(&text).map_err(|why| BadInput(format!("{}: {why}", file.display())))?;
    Ok(Access { people, roles_on: true, four_eyes: args.four_eyes })
}

/// Shortest token: 128 bits take 22 letters and digits.
const SHORTEST_TOKEN: usize = 22;

/// People with their tokens.
fn people(text: &str) -> Result<Vec<Person>, String> {
    let mut all: Vec<Person> = Vec::new();
    for (number, line) in (1..).zip(text.lines()) {
        let line = line.trim();
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = line.splitn(3, char::is_whitespace);
        let (Some(token), Some(as_what), Some(name)) = (words.next(), words.next(), words.next())
        else {
            return Err(format!("line {number} is not `token role name`"));
        };
        let as_what = role(as_what).map_err(|why| format!("line {number}: {why}"))?;
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "-._~".contains(c);
        if token.len() < SHORTEST_TOKEN || !token.chars().all(is_plain) {
            let rule = "letters, digits and -._~, drawn at random";
            return Err(format!("line {number}: a token has {SHORTEST_TOKEN} or more {rule}"));
        }
        if all.iter().any(|person| person.token.as_deref() == Some(token)) {
            return Err(format!("line {number}: two people have one token"));
        }
        let name = name.trim().to_owned();
        all.push(Person { token: Some(token.to_owned()), name, role: as_what });
    }
    if all.is_empty() { Err("it names nobody".to_owned()) } else { Ok(all) }
}

/// Makes packages and reports as `export` and `report` do.
struct Maker {
    case: PathBuf,
    originals: Vec<PathBuf>,
    out: PathBuf,
}

impl Make for Maker {
    fn make(&self, wish: &Wish, tell: Tell<'_>) -> Result<Made, String> {
        let made = if wish.package { self.package(wish, tell) } else { self.report(wish, tell) };
        made.map_err(|error| super::ending::sentence(&error))
    }

    fn makes_reports(&self) -> bool {
        report::MADE
    }
}

impl Maker {
    fn package(&self, wish: &Wish, tell: Tell<'_>) -> anyhow::Result<Made> {
        let profile = export::profile(&wish.profile).map_err(BadInput)?;
        let language = report::language(&wish.language).map_err(BadInput)?;
        let who = Who { person: Some(wish.person.clone()), role: wish.role.clone() };
        let places = (self.out.as_path(), self.originals.as_slice());
        let asked = export::asked(&self.case, places, profile, language, who);
        match export::export(&asked, tell)? {
            Outcome::Written(package) => Ok(Made { path: package.folder, file: package.zip }),
            Outcome::Refused(missing) => {
                let missing = missing.join(", ");
                let reason = format!("profile {} does not go without: {missing}", wish.profile);
                Err(BadInput(reason).into())
            }
        }
    }

    fn report(&self, wish: &Wish, tell: Tell<'_>) -> anyhow::Result<Made> {
        let language = report::language(&wish.language).map_err(BadInput)?;
        let out = self.out.join(format!("report-{}.pdf", wish.language));
        let asked = report::asked(&self.case, out.clone(), language, &self.originals);
        report::write(&asked, tell)?;
        Ok(Made { path: out.clone(), file: Some(out) })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn people_have_a_token_of_their_own() {
        let token = "abcdefghijklmnopqrstuv";
        let good = format!("# who\n\n{token} reader  A. Jansen \n{token}x operator B\n");
        let all = people(&good).unwrap();
        assert_eq!(
            (all.len(), all[0].name.as_str(), all[1].role.as_str()),
            (2, "A. Jansen", "operator")
        );
        for bad in [
            String::new(),
            "short reader A".to_owned(),
            format!("{token} boss A"),
            format!("{token} reader"),
            format!("{token} reader A\n{token} reader B"),
            "abcdefghijklmnopqrstu& reader A".to_owned(),
        ] {
            assert!(people(&bad).is_err(), "{bad}");
        }
    }
}
