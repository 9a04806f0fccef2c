use super::super::ReadOptions;
use super::super::decoded::Decoded;
use super::super::fault::Fault;
use super::container::Container;
pub(super) fn decode(_c: &Container<'_>, _o: &ReadOptions) -> Result<Decoded, Fault> {
    Err(Fault::refused("not yet"))
}
