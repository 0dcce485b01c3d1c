//! Normalising: from what a channel reported to what records are compared by. The raw value always stays beside it.

pub mod address;
pub mod birth_date;
pub mod edits;
pub mod email;
pub mod external_id;
pub mod form;
pub mod frequency;
pub mod handle;
pub mod junk;
pub mod name;
pub mod nicknames;
pub mod phone;
pub mod text;
mod transliterate;
