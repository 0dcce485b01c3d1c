//! onefold.
#![forbid(unsafe_code)]

pub mod actions;
pub mod cli;
pub mod config;
pub mod domain;
pub mod engine;
pub mod http;
pub mod reads;
pub mod server;
pub mod store;
pub mod telemetry;
