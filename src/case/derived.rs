//! Pictures and rasters made from originals, in `derived/`.

use std::fs;
use std::io::ErrorKind;

use super::atomic::{self, Lasting, create_folder};
use super::folder::{DERIVED, is_plain_name};
use super::{Case, Error};

impl Case {
    /// Keeps a derived file, all of it or nothing. What is there under its name gives way: the same
    /// case gives the same bytes, and a later run's findings may have an earlier one's names.
    ///
    /// # Errors
    /// [`Error`]; [`Error::BadName`] for a name that is more than a plain file name.
    pub fn keep_derived(&self, name: &str, bytes: &[u8]) -> Result<(), Error> {
        if !is_plain_name(name) {
            return Err(Error::BadName(name.to_owned()));
        }
        let folder = self.folder().join(DERIVED);
        create_folder(&folder)?;
        atomic::replace(&folder.join(name), Lasting::Kill, |out| out.write_all(bytes))
    }

    /// A derived file; `None` if there is none of this name.
    ///
    /// # Errors
    /// [`Error`].
    pub fn derived(&self, name: &str) -> Result<Option<Vec<u8>>, Error> {
        if !is_plain_name(name) {
            return Err(Error::BadName(name.to_owned()));
        }
        let path = self.folder().join(DERIVED).join(name);
        match fs::read(&path) {
            Ok(bytes) => Ok(Some(bytes)),
            Err(error) if error.kind() == ErrorKind::NotFound => Ok(None),
            Err(error) => Err(Error::io(&path, error)),
        }
    }
}
