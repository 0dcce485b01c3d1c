//! The integration tests: one binary, the real server, a fresh database for each test.
//!
//! By default a database is a SQLite file of its own. Where `TEST_DATABASE_URL` names a PostgreSQL superuser
//! (`postgres://postgres@127.0.0.1:5432/postgres`), each test gets a PostgreSQL database of its own there, and connects
//! to it as a role without superuser rights. What a test sends and receives goes through [`client::Client::check`],
//! which holds every answer against the OpenAPI document.
//!
//! The long tests are ignored by default: `cargo test --release --test it -- --ignored`.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, reason = "a test that cannot go on fails")]

mod client;
mod console;
mod contract;
mod database;
mod partition;
mod people;
mod position;
mod process;
mod sample;
mod server;

mod accuracy;
mod bad_input;
mod bad_requests;
mod citus;
mod command_line;
mod crash;
mod dead_keys;
mod document;
mod events;
mod find;
mod graph;
mod house;
mod judgements;
mod keys;
mod log;
mod model;
mod operation;
mod order_free;
mod oversize;
mod past;
mod profiles;
mod read_replica;
mod redraw;
mod reference;
mod remodel;
mod replicas;
mod reviews;
mod scale;
mod scenarios;
mod shared;
mod sources;
mod statements;
mod steps;
mod stewardship;
mod timeline;
mod together;
mod unfit_values;
mod values;
