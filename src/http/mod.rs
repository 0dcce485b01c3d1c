//! The only place that knows actix, JSON and status codes. Handlers live in files named after their resource.

pub mod auth;
pub mod body;
pub mod document;
pub mod etag;
pub mod events;
pub mod exports;
pub mod extract;
pub mod fallback;
pub mod find;
pub mod head;
pub mod identifiers;
pub mod json;
pub mod judgements;
pub mod model;
pub mod observe;
pub mod operation;
pub mod paging;
pub mod past;
pub mod position;
pub mod problem;
pub mod profiles;
pub mod redraw;
pub mod reviews;
pub mod sources;
