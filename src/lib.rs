//! onefold receives contact events from any channel, resolves them to one golden customer record, and gives the merged
//! profile, its history and the reasons for it back over REST.
//!
//! # Words
//!
//! An **event** is one contact as a channel reported it: immutable. The **contact** inside it says who it was. A
//! **record** is one distinct contact as given; many events share it. Its **normal form** is what records are compared
//! by; records of equal normal form are one **node**. **Blocking keys** lead from a record to its **candidates**;
//! a **comparison** of two yields a **level**, a level weighs **bits**, and the bits with the prior make the **match
//! weight**. A key that too many share is **dead**: it leads nowhere, and an identifier behind it is not compared. A
//! **judgement** is what a steward ruled of records; it outranks every weight, and a value that one chooses whatever records give. A **cluster** is a set of records held to be one person, a **profile** its durable identity with a
//! **golden record**, a version and a **journal**. **Assurance** says how an identifier was learnt: verified, observed
//! (the channel itself carried it) or claimed (somebody typed it in).
//!
//! # The house
//!
//! ```text
//! http ──> actions ──> domain      domain   pure: no async, no I/O, no clock, no randomness, no database, no web
//!   │         │                    store    the only place that knows sea-orm and SQL
//!   └──> reads ──> store           http     the only place that knows JSON and status codes
//!                                  console  the stewards' pages, over the same actions and reads
//! server, engine, fresh, gather, config, telemetry, cli, main: wiring
//! ```
//!
//! - Decides something? [`domain`], in reading order [`contact`](domain::contact) → [`record`](domain::record) →
//!   [`normalize`](domain::normalize) → [`blocking`](domain::blocking) → [`compare`](domain::compare) →
//!   [`model`](domain::model) → [`score`](domain::score) → [`cluster`](domain::cluster) →
//!   [`sharing`](domain::sharing) → [`resolution`](domain::resolution) → [`identity`](domain::identity) →
//!   [`choice`](domain::choice) → [`survivorship`](domain::survivorship) →
//!   [`golden`](domain::golden) → [`explain`](domain::explain).
//! - A page for stewards? [`console`].
//! - Changes state? [`actions`]: one file, one change, one transaction, read as load → decide → save.
//! - Answers a question? [`reads`]. SQL? [`store`]. A status code? [`http`]. A knob? [`config`]. A command? [`cli`].
//!
//! A write passes three files: [`http::events`] → [`actions::ingest`] → [`domain::cluster`]. A read passes two:
//! [`http::profiles`] → [`reads::profiles`].
//!
//! # What always holds
//!
//! - **Order does not matter.** The partition of records into clusters and every golden record are a function of the
//!   stored events, the judgements, the model and the registered sources. A reference in the tests works it out by comparing
//!   all pairs, and the engine equals it after every event. Nothing decides by a clock, a counter or the order of arrival:
//!   ties go by (time, source, source event id), by record id, or by a hash of the normal form.
//! - **One writer a tenant.** Whoever holds the row of `lanes` writes; what arrives meanwhile forms the next batch
//!   ([`actions::writer`]). On SQLite that is `BEGIN IMMEDIATE`, on PostgreSQL `SELECT … FOR UPDATE`; or, for a batch of a few rows
//!   right after another one, a single statement that takes the row first and fails where it says something else than was expected.
//! - **Durable before the answer.** SQLite runs in WAL mode with `synchronous=FULL`, PostgreSQL with its default
//!   `synchronous_commit=on`. An event sent again gets its first answer and stores nothing. SQLite's log is carried over to the
//!   tables beside whoever writes ([`store::checkpoint`]); under steady load it comes to half a gigabyte, in an import to more.
//! - **Whatever too many share joins nobody, retroactively.** Which keys are dead is a function of who holds them, claims
//!   counted apart; a change judges the keys it touches anew ([`domain::sharing`], [`actions::workspace`]).
//! - **The prior goes by size, in steps.** Where a step is crossed everybody is resolved anew in the same commit
//!   ([`actions::reresolve`]).
//! - **A model changes while events keep coming.** Which model is in force is a number in the tenant's lane, so that all servers
//!   resolve by the same. While a change runs each component is wholly as one model has it: whatever a commit touches is explored
//!   and clustered by the new one, dead keys included, and a sweep brings the rest over, portion by portion. In the end all is as
//!   if the new one had been there from the first; ids are kept, and parts take their own back ([`actions::remodel`]). A model is
//!   tried by the same code, with nothing written ([`actions::trial`]).
//! - **What is remembered equals what is stored.** A writer keeps what it loaded and wrote ([`actions::memory`]) only as
//!   long as nobody else commits: the lane's generation tells. With memory or without, the result is the same.
//! - **What is decided ahead is written only where it came true.** A batch may be decided while the one before is written
//!   ([`actions::pipeline`]); once that is committed and somebody else wrote after it, the batch is decided anew. Meanwhile each
//!   statement reads by itself: SQLite's log begins anew only where nobody keeps what it held.
//! - **Whatever a steward does is a judgement.** Merges, splits and chosen values too ([`actions::redraw`]): withdrawing takes
//!   them back, and what a steward joined is parted by that alone.
//! - **What is chosen by hand is chosen of records.** It holds for the profile that holds the most of them, of equal ones that
//!   with the smallest, so that it survives merges and splits and depends on no order; of two the later counts
//!   ([`domain::choice`], [`domain::judgement`]). All profiles among which it may go share a component.
//! - **Closed neighbourhoods.** A change loads whole components (profiles tied together by possible matches, or by what stewards
//!   ruled of their records), so what it
//!   computes in memory is what a computation over everything would give ([`actions::workspace`]).
//! - **A review is open as long as there is a reason for it.** Reasons are written with the change that makes them, and settled
//!   by the one that takes them away ([`domain::review`], [`actions::workspace`]); a steward's decision is a judgement.
//! - **The past is what it was.** The journal holds every change of a profile, each event the position it came with, so that
//!   any state can be made out again ([`reads::past`]); what was taken back is gone from it. Each answer names a position, up to
//!   which it holds everything ([`http::position`]).
//! - **Missing is not evidence.** A field absent on either side weighs exactly 0.
//! - **Every tenant table's key begins with `tenant_id`**, and every statement names it.
//! - **No personal data** in logs, metrics or problems: errors are pointers and codes, routes are templates.
//! - **Text from customers is shown as text**: pages and commands show it by [`domain::shown`], which replaces what would turn or
//!   hide its surroundings, and cells of a CSV are no formulas.
//!
//! Absent on purpose: foreign keys between tables (one writer keeps them together, and a tenant's tables can be
//! distributed), repository traits and mocks (SQLite is the test double), SQL in actions, decisions in SQL.
//!
//! # What the dependencies are for
//!
//! actix-web serves; maud writes pages; sea-orm and its migrations store; utoipa documents. blake3 makes ids (keyed hashes) and hides API
//! keys, siphasher makes blocking keys, postcard writes the bytes of a form that its id is made from. rlibphonenumber
//! reads telephone numbers, idna mail domains, deunicode and unicode-normalization fold names, rphonetic hears that two
//! sound alike, strsim measures edits, rustc-hash looks words up in the tables. `quick_cache` keeps what writers
//! remember within its bytes, mimalloc allocates, rayon has all cores compare and unpack ([`domain::parallel`]). jiff keeps
//! time, type-safe-id writes ids, getrandom makes secrets, data-encoding writes them. clap, csv, flate2, toml and indicatif
//! serve the command line; prometheus and tracing tell what happens. Test only: reqwest asks, jsonschema holds answers
//! against the document, proptest thinks of cases nobody else did, divan times the core, fantoccini drives a browser.
#![forbid(unsafe_code)]

pub mod actions;
pub mod cli;
pub mod config;
pub mod console;
pub mod domain;
pub mod engine;
pub mod fresh;
pub mod gather;
pub mod http;
pub mod reads;
pub mod server;
pub mod store;
pub mod telemetry;
