//! Invented people and their contact events, as many as you like and the same each time.
//!
//! The shape is that of a company with twelve channels in ten countries that wins many new customers, as it was counted in
//! a set of 21,483 events of 3,978 people:
//!
//! - 5.4 events a person: each event is a new person's with a probability of 1 in 5.4, else that of one of the people
//!   so far, each as likely. The number of events a person has is then geometric, a returning customer may have been met
//!   at any time before, and both are as likely late in the stream as early.
//! - Channels, sources and what they know of a person: [`channels`].
//! - Most events spell their contact in a way of their own (mailboxes, numbers and names are written differently, a few
//!   mistyped): about nine of ten contacts are given for the first time.
//! - One person in twenty shares family name, address and telephone with another; one in fifty calls from a switchboard
//!   that a dozen share.

pub mod channels;
pub mod events;
pub mod person;
pub mod phones;
pub mod spelling;
mod words;
