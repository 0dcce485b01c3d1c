//! The pure heart: what an event is, who it may be, and what a person's golden record looks like.

pub mod blocking;
pub mod channel;
pub mod cluster;
pub mod compare;
pub mod contact;
pub mod evaluation;
pub mod explain;
pub mod golden;
pub mod graph;
pub mod id;
pub mod identity;
pub mod journal;
pub mod judgement;
pub mod keyed_hash;
pub mod marks;
pub mod model;
pub mod normalize;
pub mod record;
pub mod resolution;
pub mod score;
pub mod search;
pub mod sharing;
pub mod source;
pub mod subject;
pub mod survivorship;
pub mod validate;
