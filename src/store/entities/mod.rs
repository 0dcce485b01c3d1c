//! One entity for each table whose rows are read as they are.

pub mod api_key;
pub mod change;
pub mod event;
pub mod journal;
pub mod judgement;
pub mod record;
pub mod run;
pub mod source;
pub mod tenant;
