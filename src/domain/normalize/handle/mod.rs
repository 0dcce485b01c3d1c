//! Accounts on networks: URL and `@` stripped, upper and lower case by the network's rules.

mod account;
mod network;
mod rule;
mod url;

pub use account::{NormalHandle, normalize};
