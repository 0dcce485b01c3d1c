//! onefold.
#![forbid(unsafe_code)]

pub mod actions;
pub mod domain;
pub mod http;
pub mod store;
pub mod telemetry;
