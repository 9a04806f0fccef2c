//! Who does it: what the custody log is told of people.

use crate::case::Deed;

use super::clock;

/// Person and role
#[derive(Debug, Clone, clap::Args)]
pub(super) struct Who {
    /// Who does this, for the custody log; the name of the account unless told
    #[arg(long, value_name = "NAME")]
    pub(super) person: Option<String>,
    /// As what: operator, pilot, inspector, lawyer ...
    #[arg(long, value_name = "ROLE", default_value = "operator")]
    pub(super) role: String,
}

impl Who {
    /// As nobody said who it is.
    pub(super) fn untold() -> Self {
        Self { person: None, role: "operator".to_owned() }
    }

    /// The name.
    pub(super) fn name(&self) -> String {
        let account =
            || ["USER", "LOGNAME", "USERNAME"].iter().find_map(|name| std::env::var(name).ok());
        self.person.clone().or_else(account).unwrap_or_else(|| "unknown".to_owned())
    }

    /// What they did, now.
    pub(super) fn did(&self, action: &str, object: &str, sha256: &str, reason: &str) -> Deed {
        let told = clock::note();
        Deed {
            at: clock::now(),
            actor: self.name(),
            role: self.role.clone(),
            action: action.to_owned(),
            object: object.to_owned(),
            object_sha256: sha256.to_owned(),
            reason: format!("{reason}{told}"),
        }
    }
}
