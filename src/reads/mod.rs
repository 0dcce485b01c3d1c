//! Questions: what is read and how it is put together. Nothing here writes.

pub mod component;
pub mod cursor;
pub mod events;
pub mod everything;
pub mod explain;
pub mod exports;
pub mod graph;
pub mod history;
pub mod judgements;
pub mod lookup;
pub mod matching;
pub mod model;
pub mod overview;
pub mod past;
pub mod profiles;
pub mod reviews;
pub mod search;
pub mod shared;
pub mod window;
