//! Telephone numbers: E.164, with the variants that changed number plans left behind.

mod misdialled;
mod number;
mod plan;
mod readings;

pub use misdialled::{MisdialledPhone, misdialled};
pub use number::{NormalPhone, normalize};
