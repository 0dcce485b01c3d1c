//! Changes of state: one file, one change, one transaction. An action reads as load → decide → save.

pub mod access;
pub mod ingest;
pub mod judge;
pub mod memory;
pub mod patience;
pub mod pipeline;
pub mod prepare;
pub mod recluster;
pub mod redraw;
pub mod remodel;
pub mod reresolve;
pub mod review;
pub mod sweeper;
pub mod trial;
pub mod undo;
pub mod workspace;
pub mod writer;
