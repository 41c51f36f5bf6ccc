//! YAML read with origins, and written with them. Everything that knows `granit-parser` is in here.

mod gaps;
pub mod number;
mod read;
pub(crate) mod scalar;
mod write;

pub use self::read::{Documents, ReadError, read};
pub(crate) use self::{
    read::plain_data,
    write::{Layout, json, yaml},
};
