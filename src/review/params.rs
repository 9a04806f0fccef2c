//! What the server is started with.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

/// Somebody who may ask.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Person {
    /// The secret that their requests carry; needed beyond this machine.
    pub token: Option<String>,
    /// Their name.
    pub name: String,
    /// As what: `pilot`, `inspector`, `operator` or `reader`.
    pub role: String,
}

/// Who may ask, and what they may do.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Access {
    /// One without a token, or several with one each.
    pub people: Vec<Person>,
    /// Whether roles bound what may be done.
    pub roles_on: bool,
    /// Whether who accepted a finding may not hand it over, nor who drew one accept it.
    pub four_eyes: bool,
}

/// What is made from the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Wish {
    /// Whether a whole package, or the report alone.
    pub package: bool,
    /// Profile of the package.
    pub profile: String,
    /// `nl` or `en`.
    pub language: String,
    /// Who asks for it.
    pub person: String,
    /// As what.
    pub role: String,
}

/// What was made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Made {
    /// A file, or the folder of a package.
    pub path: PathBuf,
    /// The same in one file, to be sent to whoever asked for it.
    pub file: Option<PathBuf>,
}

/// Told of how far something is: steps done, of how many, and what is being done.
pub type Tell<'a> = &'a dyn Fn(u32, u32, &str);

/// Makes packages and reports, by the same code as the command line.
pub trait Make: Send + Sync {
    /// Makes one and says where it is.
    ///
    /// # Errors
    /// Why there is none, in words.
    fn make(&self, wish: &Wish, tell: Tell<'_>) -> Result<Made, String>;

    /// Whether this program typesets reports.
    fn makes_reports(&self) -> bool;
}

/// What the server is started with.
#[derive(Clone)]
pub struct Params {
    /// The case folder.
    pub case: PathBuf,
    /// Where to listen; port 0 takes one that is free.
    pub listen: SocketAddr,
    /// Who may ask.
    pub access: Access,
    /// Base maps.
    pub layers: Vec<PathBuf>,
    /// An earlier case of the same site, to compare with.
    pub earlier: Option<PathBuf>,
    /// More folders in which originals may lie.
    pub originals: Vec<PathBuf>,
    /// A folder with the built page, instead of the one in the program.
    pub page: Option<PathBuf>,
    /// What time it is, RFC 3339 in UTC.
    pub now: fn() -> String,
    /// What ends the reason of each custody line, say that the time was told and not read.
    pub note: &'static str,
    /// How long the head of a request, and then its body, may take to come.
    pub patience: Duration,
    /// Version of the program.
    pub version: &'static str,
    /// Makes packages and reports.
    pub make: Arc<dyn Make>,
}
