//! What is made from originals for people and for evidence: temperature rasters, pictures with
//! marks, masked pictures, each with its derivation; and the same made again to check it.
//!
//! *Invariant*: this room never changes an original.
