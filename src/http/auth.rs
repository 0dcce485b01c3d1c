//! Permission as an argument: a handler that takes `Require<ReadProfiles>` runs for keys with that scope alone.
//!
//! What else a handler takes from its request stands inside, as in `Require<WriteEvents, Json<Event>>`: actix polls the
//! arguments of a handler side by side, and a body must not be read, nor a query judged, before the key is known.

use super::{
    observe::KeyId,
    position,
    problem::{ApiError, Cause},
};
use crate::{
    actions::{
        access::{Grant, Scope},
        writer::WriteError,
    },
    engine::Engine,
    store::{self, StoreError, tenants::Tenant},
};
use actix_web::{FromRequest, HttpMessage, HttpRequest, dev::Payload, http::header::AUTHORIZATION, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use std::{marker::PhantomData, sync::Arc, time::Duration};

/// A permission that a handler can ask for.
pub trait Permission: 'static {
    /// The scope that gives it.
    const SCOPE: Scope;
    /// Whether it lets things be changed.
    const CHANGES: bool = true;
}

/// To send events.
pub struct WriteEvents;
/// To read events, records and profiles.
pub struct ReadProfiles;
/// To judge.
pub struct WriteReviews;
/// To register sources, and to change the model.
pub struct Administer;

impl Permission for WriteEvents {
    const SCOPE: Scope = Scope::EventsWrite;
}
impl Permission for ReadProfiles {
    const SCOPE: Scope = Scope::ProfilesRead;
    const CHANGES: bool = false;
}
impl Permission for WriteReviews {
    const SCOPE: Scope = Scope::ReviewWrite;
}
impl Permission for Administer {
    const SCOPE: Scope = Scope::Admin;
}

/// A caller whose key gives the permission `P`, and what it asks with.
pub struct Require<P, T = ()> {
    /// Whose data the key opens.
    pub tenant: Arc<Tenant>,
    /// What else it may do.
    pub grant: Arc<Grant>,
    /// The rest of the house.
    pub engine: web::Data<Engine>,
    /// What was taken from the request once the key was known.
    pub input: T,
    request: HttpRequest,
    permission: PhantomData<P>,
}

impl<P: Permission, T: FromRequest + 'static> FromRequest for Require<P, T> {
    type Error = actix_web::Error;
    type Future = LocalBoxFuture<'static, Result<Self, actix_web::Error>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        async move {
            let (engine, tenant, grant) = admit(&request, P::SCOPE).await?;
            if P::CHANGES {
                position::begin_change(&request, engine.clone(), tenant.id);
            } else {
                position::begin(&request, engine.position(tenant.id).await.map_err(ApiError::from)?);
            }
            let input = T::from_request(&request, &mut payload).await.map_err(Into::into)?;
            Ok(Self { tenant, grant, engine, input, request, permission: PhantomData })
        }
        .boxed_local()
    }
}

impl<P, T> Require<P, T> {
    /// The caller, and what it asks with.
    #[must_use]
    pub fn parts(self) -> (Require<P>, T) {
        let Self { tenant, grant, engine, input, request, permission } = self;
        (Require { tenant, grant, engine, input: (), request, permission }, input)
    }

    /// What is answered with was written at a position, and the answer holds everything up to it.
    pub fn holds(&self, position: i64) {
        position::holds(&self.request, position);
    }

    /// This caller might change something, and changes nothing.
    ///
    /// # Errors
    /// What the database says.
    pub async fn only_reads(&self) -> Result<(), ApiError> {
        position::begin(&self.request, self.engine.position(self.tenant.id).await?);
        Ok(())
    }

    /// What is answered with is as of a position.
    pub fn is_as_of(&self, position: i64) {
        position::begin(&self.request, position);
    }
}

/// Who asks, if their key has the scope.
async fn admit(request: &HttpRequest, scope: Scope) -> Result<(web::Data<Engine>, Arc<Tenant>, Arc<Grant>), ApiError> {
    let engine = request.app_data::<web::Data<Engine>>().cloned().ok_or(Cause::new("app data"))?;
    let key = bearer(request).ok_or(ApiError::Unauthorized)?;
    let grant = engine.grant(key).await?.ok_or(ApiError::Unauthorized)?;
    request.extensions_mut().insert(KeyId(grant.id));
    if !grant.allows(scope) {
        return Err(ApiError::Forbidden(scope.name()));
    }
    let tenant = engine.tenant(grant.tenant).await?.ok_or(ApiError::Unauthorized)?;
    Ok((engine, tenant, grant))
}

/// The key of `Authorization: Bearer …`; the scheme is read in any case.
fn bearer(request: &HttpRequest) -> Option<&str> {
    let (scheme, key) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then_some(key)
}

/// How long a caller should wait when the service is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy | StoreError::Overtaken => Self::Busy(RETRY_AFTER),
            StoreError::Database(error) => Cause { what: "database", code: store::code(&error).map(Into::into) }.into(),
            StoreError::Url | StoreError::Unreachable(_) => Cause::new("database").into(),
            StoreError::Corrupt(what) => Cause { what: "stored value", code: Some(what.into()) }.into(),
        }
    }
}

impl From<WriteError> for ApiError {
    fn from(error: WriteError) -> Self {
        match error {
            WriteError::Busy => Self::Busy(RETRY_AFTER),
            WriteError::Store(error) => error.into(),
        }
    }
}
