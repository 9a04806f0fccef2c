//! DJI radiometric JPEG, every family, told apart by the payload alone.
//!
//! | file | what |
//! |---|---|
//! | `family` | which family a JPEG's segments hold, and on to its decoder |
//! | `container` | fields and raw counts out of the segments |
//! | `conditions` | emissivity, distance, humidity …: the file's, the vendor's or the user's |
//! | `iirp` | M2EA, M30T, M3T, H20N, M4T, H30T; `transmission` and `emissivity` belong to it |
//! | `hirp` | M3TD, newer M4T; `hirp_calibration` and `hirp_air` belong to it |
//! | `h20t`, `xts`, `girp` | families with a table of tenths of a degree (`lut`) |
//! | `by_vendor` | any family by the vendor's own library |
//!
//! Inside a frame a temperature is a pure function of the raw count, so each family builds one
//! table a frame. The arithmetic is the convention of the maker's viewer.
//!
//! *Invariant*: nothing here asks for make, model or file name.

mod by_vendor;
mod conditions;
mod container;
mod emissivity;
mod family;
mod girp;
mod h20t;
mod hirp;
mod hirp_air;
mod hirp_calibration;
mod iirp;
mod lut;
mod transmission;
mod xts;

#[cfg(test)]
mod made;
#[cfg(test)]
mod reference;
#[cfg(test)]
mod refusals;

pub(super) use family::decode_jpeg;
