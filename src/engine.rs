//! What every way into onefold shares: the database, the model, the tenants and the writer.

use crate::{
    actions::{
        access::{self, Grant, NoEntropy},
        sweeper::Sweeper,
        trial::{self, Example, Part, Tried},
        writer::Writer,
    },
    config::Database,
    domain::{
        id::ProfileId,
        model::{Model, ModelError},
        source::Sources,
        subject::Subject,
        trial::{Counts, Sample},
    },
    fresh::Fresh,
    gather::Gather,
    reads::{
        explain::explain_pair,
        lookup::{self, Wanted},
    },
    store::{
        StoreError, TenantId,
        checkpoint::Keeper,
        connect,
        connect::{connect_lanes, migrate},
        lane,
        models::Models,
        profiles::ShownProfile,
        rulebook::Rulebook,
        sources,
        tenants::{self, Tenant},
    },
    telemetry::Metrics,
};
use futures_util::FutureExt;
use sea_orm::DatabaseConnection;
use std::{
    collections::HashMap,
    sync::{Arc, PoisonError, RwLock},
    time::{Duration, Instant},
};
use uuid::Uuid;

/// One per process.
pub struct Engine {
    /// The database.
    pub connection: DatabaseConnection,
    /// Where lanes are held.
    pub lanes: DatabaseConnection,
    /// Where is read what is decided ahead of a commit.
    pub ahead: DatabaseConnection,
    /// Where reads go that may lag behind: a replica, or the database itself.
    pub reads: DatabaseConnection,
    /// Who has an identifier? Read where reads go that may lag behind.
    pub lookups: Arc<Gather<Wanted, Vec<ShownProfile>>>,
    /// The models that there are: which one is in force says each tenant's lane.
    pub models: Arc<Models>,
    /// What is counted.
    pub metrics: Arc<Metrics>,
    /// Writes events.
    pub writer: Writer,
    /// Goes through profiles while a model changes.
    pub sweeper: Sweeper,
    /// How many bytes a writer may use to remember things.
    pub cache: usize,
    /// What is known of a tenant never changes.
    tenants: RwLock<HashMap<TenantId, Arc<Tenant>>>,
    sources: Fresh<TenantId, Arc<Sources>>,
    grants: Fresh<Asked, Arc<Grant>>,
    positions: Fresh<TenantId, i64>,
    _keeper: Option<Keeper>,
}

/// By what a grant was asked for. A key's id is no secret: whoever presents it as a key must not meet what is known of the id.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
enum Asked {
    Key(blake3::Hash),
    Id(TenantId, Uuid),
}

/// A key that is taken back, on whichever server, is refused everywhere after this and the time of one read.
const GRANT_LIFETIME: Duration = Duration::from_millis(500);
/// Of so many tenants the sources, and the positions, are remembered at once.
const TENANTS: usize = 1_000;
/// So many keys are remembered at once.
const GRANTS: usize = 10_000;
/// So many statements look people up at once; what comes meanwhile goes into the next one.
const LOOKUPS: usize = 2;

/// Why onefold did not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The database does not open, or its schema does not come up to date.
    #[error("the database: {0}")]
    Store(#[from] StoreError),
    /// The replica does not open.
    #[error("the replica of --read-database-url: {0}")]
    Replica(StoreError),
    /// There is no such file.
    #[error("there is no database at the path of --database-url")]
    NoDatabase,
    /// The model was refused.
    #[error("the model: {0}")]
    Model(#[from] ModelError),
    /// The model's file does not read.
    #[error("the model's file: {0}")]
    ModelFile(std::io::Error),
    /// No secrets can be made.
    #[error(transparent)]
    NoEntropy(#[from] NoEntropy),
    /// Two metrics of one name: a mistake in this program.
    #[error("metrics: {0}")]
    Metrics(#[from] prometheus::Error),
    /// The address to listen on is taken, or not ours.
    #[error("listening: {0}")]
    Listen(std::io::Error),
}

impl Engine {
    /// Opens the database, brings its schema up to date and creates the default tenant in an empty one.
    ///
    /// # Errors
    /// Whatever keeps onefold from starting.
    pub async fn open(database: &Database) -> Result<Self, StartError> {
        let model = match &database.model {
            Some(path) => Model::from_toml(&std::fs::read_to_string(path).map_err(StartError::ModelFile)?)?,
            None => Model::default_model()?,
        };
        let connection = connect(&database.database_url, database.connections).await?;
        migrate(&connection).await?;
        access::found(&connection, access::secret()?).await?;
        let [lanes, ahead] = connect_lanes(&database.database_url, database.connections).await?;
        let keeper = Keeper::of(connection.clone(), lanes.clone());
        let reads = match &database.read_database_url {
            Some(url) => connect(url, database.connections).await.map_err(StartError::Replica)?,
            None => connection.clone(),
        };
        let (models, metrics) = (Arc::new(Models::new(model)), Arc::new(Metrics::new()?));
        let writer = Writer::new(
            ahead.clone(),
            lanes.clone(),
            Arc::clone(&models),
            Arc::clone(&metrics),
            database.cache_bytes(),
        );
        let sweeper = Sweeper::new(lanes.clone(), Arc::clone(&models));
        let grants = Fresh::new(GRANT_LIFETIME, GRANTS);
        let lookups = Gather::new(LOOKUPS, {
            let reads = reads.clone();
            move |wanted| {
                let reads = reads.clone();
                async move { lookup::holders(&reads, wanted).await }.boxed()
            }
        });
        Ok(Self {
            cache: database.cache_bytes(),
            connection,
            lanes,
            ahead,
            reads,
            lookups,
            models,
            metrics,
            writer,
            sweeper,
            tenants: RwLock::default(),
            sources: Fresh::new(GRANT_LIFETIME, TENANTS),
            grants,
            positions: Fresh::new(GRANT_LIFETIME, TENANTS),
            _keeper: keeper,
        })
    }

    /// Opens a database that is there already: a command that reads must not make an empty one of a mistyped name.
    ///
    /// # Errors
    /// Whatever keeps onefold from starting.
    pub async fn open_existing(database: &Database) -> Result<Self, StartError> {
        if connect::exists(&database.database_url) { Self::open(database).await } else { Err(StartError::NoDatabase) }
    }

    /// Tells the database goodbye: SQLite then carries its log over and leaves one file, which can be copied. That a server may have
    /// gone before is no failure of ours.
    pub async fn close(&self) {
        for connection in [&self.reads, &self.ahead, &self.lanes, &self.connection] {
            let _ = connection.close_by_ref().await;
        }
    }

    /// What a presented key may do, as of half a second ago at most; none where it is unknown or revoked. Keys that open
    /// nothing are asked for each time: nobody fills the memory with made-up ones.
    ///
    /// # Errors
    /// What the database says.
    pub async fn grant(&self, key: &str) -> Result<Option<Arc<Grant>>, StoreError> {
        let asked = Asked::Key(blake3::hash(key.as_bytes()));
        self.fresh_grant(asked, access::grant(&self.connection, key)).await
    }

    /// What a key may do that somebody signed in with, as of half a second ago at most; none where it is revoked.
    ///
    /// # Errors
    /// What the database says.
    pub async fn grant_of(&self, tenant: TenantId, key: Uuid) -> Result<Option<Arc<Grant>>, StoreError> {
        self.fresh_grant(Asked::Id(tenant, key), access::grant_of(&self.connection, tenant, key)).await
    }

    /// What was answered of late, or what is answered now.
    async fn fresh_grant(
        &self,
        asked: Asked,
        ask: impl Future<Output = Result<Option<Grant>, StoreError>>,
    ) -> Result<Option<Arc<Grant>>, StoreError> {
        // What opens nothing is an error here: it is not kept.
        let asking = async { ask.await.map_err(Some).and_then(|grant| grant.map(Arc::new).ok_or(None)) };
        match self.grants.ask(asked, Instant::now(), asking).await {
            Ok(grant) => Ok(Some(grant)),
            Err(None) => Ok(None),
            Err(Some(error)) => Err(error),
        }
    }

    /// What a tenant's records are clustered by.
    #[must_use]
    pub fn rulebook<'a>(&'a self, tenant: &'a Tenant) -> Rulebook<'a> {
        Rulebook { tenant, models: &self.models }
    }

    /// A tenant's sources as of half a second ago at most: good to prepare events by, as the lane has those prepared anew that
    /// were read by other ones.
    ///
    /// # Errors
    /// What the database says.
    pub async fn sources(&self, tenant: TenantId) -> Result<Arc<Sources>, StoreError> {
        let asking = async { sources::all(&self.connection, tenant).await.map(Arc::new) };
        self.sources.ask(tenant, Instant::now(), asking).await
    }

    /// A position that reads of a tenant have reached, as of half a second ago at most.
    ///
    /// # Errors
    /// What the database says.
    pub async fn position(&self, tenant: TenantId) -> Result<i64, StoreError> {
        let asking = async { lane::standing(&self.reads, tenant).await.map(|mark| mark.position) };
        self.positions.ask(tenant, Instant::now(), asking).await
    }

    /// What a model would make of a part of a tenant's profiles, with samples, and the last profile of the part; none after the last
    /// part. Nothing is changed.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tried(
        &self,
        tenant: &Tenant,
        model: &Model,
        part: Part,
    ) -> Result<(Counts, Vec<Sample>, Option<ProfileId>), StoreError> {
        let Tried { counts, examples, last } = trial::tried(&self.reads, tenant, model, part).await?;
        let mut samples = Vec::with_capacity(examples.len());
        for Example { what, profiles, into, then } in examples {
            let pair = [then.record_a, then.record_b].map(Subject::Record);
            let now = explain_pair(&self.reads, self.rulebook(tenant), pair).await?;
            samples.push(Sample { what, profiles, into, now, then });
        }
        Ok((counts, samples, last))
    }

    /// Goes on with what was under way when a process before this one ended: changes of model.
    ///
    /// # Errors
    /// What the database says.
    pub async fn go_on(&self) -> Result<(), StoreError> {
        for tenant in tenants::all(&self.connection).await? {
            if lane::standing(&self.connection, tenant.id).await?.changing {
                self.sweeper.start(&Arc::new(tenant));
            }
        }
        Ok(())
    }

    /// A tenant by its number.
    ///
    /// # Errors
    /// What the database says.
    pub async fn tenant(&self, id: TenantId) -> Result<Option<Arc<Tenant>>, StoreError> {
        if let Some(known) = self.tenants.read().unwrap_or_else(PoisonError::into_inner).get(&id) {
            return Ok(Some(Arc::clone(known)));
        }
        let all = tenants::all(&self.connection).await?;
        let mut known = self.tenants.write().unwrap_or_else(PoisonError::into_inner);
        known.extend(all.into_iter().map(|tenant| (tenant.id, Arc::new(tenant))));
        Ok(known.get(&id).map(Arc::clone))
    }
}
