//! Comparisons: what each field of two contacts says, as one of a few levels. Null first, else last.

pub mod address;
pub mod birth_date;
pub mod features;
pub mod identifier;
pub mod level;
pub mod name;
pub mod text;
mod word;

pub use features::Features;
pub use level::{Comparison, Level};
