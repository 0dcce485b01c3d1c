//! The only place that knows actix, JSON and status codes. Handlers live in files named after their resource.

pub mod body;
pub mod extract;
pub mod fallback;
pub mod observe;
pub mod problem;
