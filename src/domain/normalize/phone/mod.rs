//! Telephone numbers: E.164, with the variants that changed number plans left behind.

mod number;
mod plan;
mod readings;

pub use number::{NormalPhone, normalize};
