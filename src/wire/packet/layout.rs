//! How the fields of a message lie behind each other, declared once and read and written by it.
//!
//! Fields stand in the order of the wire (by size, then as declared; extensions last, as declared),
//! under the names of the message set with their unit. Numbers are as the sender wrote them.

use super::super::payload::Payload;

/// A message whose layout is known.
pub trait Layout: Sized {
    /// Its number.
    const ID: u32;
    /// Bytes of a payload without extensions: what version 1 carries.
    const BASE_BYTES: usize;
    /// Name and kind of each field, in the order of the wire.
    const FIELDS: &'static [(&'static str, &'static str)];
    /// From a payload of any length: what was cut or is not known to the sender is zero, what is
    /// longer than the layout is left aside.
    fn read(payload: &[u8]) -> Self;
    /// All fields, extensions included, to the end of `out`.
    fn write(&self, out: &mut Vec<u8>);
}

/// A field, or several of one kind in a row.
pub(in super::super) trait Field: Sized {
    const BYTES: usize;
    fn get(payload: Payload<'_>, at: usize) -> Self;
    fn put(&self, out: &mut Vec<u8>);
}

macro_rules! numbers {
    ($($kind:ty),*) => { $(
        impl Field for $kind {
            const BYTES: usize = size_of::<$kind>();
            #[inline]
            fn get(payload: Payload<'_>, at: usize) -> Self {
                Self::from_le_bytes(payload.array(at))
            }
            fn put(&self, out: &mut Vec<u8>) {
                out.extend(self.to_le_bytes());
            }
        }
    )* };
}

numbers!(u8, i8, u16, i16, u32, i32, u64, i64, f32);

impl<T: Field, const N: usize> Field for [T; N] {
    const BYTES: usize = N * T::BYTES;
    #[inline]
    fn get(payload: Payload<'_>, at: usize) -> Self {
        std::array::from_fn(|index| T::get(payload, at + index * T::BYTES))
    }
    fn put(&self, out: &mut Vec<u8>) {
        self.iter().for_each(|one| one.put(out));
    }
}

/// Goes over a payload, field by field.
pub(super) struct Fields<'a> {
    payload: Payload<'a>,
    at: usize,
}

impl<'a> Fields<'a> {
    #[inline]
    pub(super) fn new(payload: &'a [u8]) -> Self {
        Self { payload: Payload(payload), at: 0 }
    }

    #[inline]
    pub(super) fn next<T: Field>(&mut self) -> T {
        let field = T::get(self.payload, self.at);
        self.at += T::BYTES;
        field
    }
}

/// One type a message: `Name = number { fields } + { extensions }`.
macro_rules! layouts {
    ($(
        $(#[$doc:meta])*
        $name:ident = $id:literal { $($field:ident: $kind:ty,)* }
        $(+ { $($extra:ident: $extra_kind:ty,)* })?
    )*) => { $(
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq)]
        #[allow(missing_docs, reason = "the names are those of the message set")]
        pub struct $name {
            $(pub $field: $kind,)*
            $($(pub $extra: $extra_kind,)*)?
        }

        impl $crate::wire::packet::layout::Layout for $name {
            const ID: u32 = $id;
            const BASE_BYTES: usize =
                0 $(+ <$kind as $crate::wire::packet::layout::Field>::BYTES)*;
            const FIELDS: &'static [(&'static str, &'static str)] = &[
                $((stringify!($field), stringify!($kind)),)*
                $($((stringify!($extra), stringify!($extra_kind)),)*)?
            ];

            #[inline]
            fn read(payload: &[u8]) -> Self {
                let mut fields = $crate::wire::packet::layout::Fields::new(payload);
                Self {
                    $($field: fields.next(),)*
                    $($($extra: fields.next(),)*)?
                }
            }

            fn write(&self, out: &mut Vec<u8>) {
                use $crate::wire::packet::layout::Field as _;
                $(self.$field.put(out);)*
                $($(self.$extra.put(out);)*)?
            }
        }

        /// All fields zero.
        impl Default for $name {
            fn default() -> Self {
                <Self as $crate::wire::packet::layout::Layout>::read(&[])
            }
        }

        impl From<$name> for $crate::wire::Packet {
            fn from(message: $name) -> Self {
                Self::$name(message)
            }
        }
    )* };
}
pub(super) use layouts;
