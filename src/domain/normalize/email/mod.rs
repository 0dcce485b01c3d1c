//! Mailboxes: the normal form, and the match key beside it that folds what providers ignore.

mod mailbox;
mod provider;
mod slip;

pub use mailbox::{NormalEmail, normalize};
