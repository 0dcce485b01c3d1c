//! Permission as an argument: a handler that takes `Require<ReadProfiles>` runs for keys with that scope alone.

use super::{
    observe::KeyId,
    problem::{ApiError, Cause},
};
use crate::{
    actions::{
        access::{Grant, Scope, grant},
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
}

/// To send events.
pub struct WriteEvents;
/// To read events, records and profiles.
pub struct ReadProfiles;
/// To register sources.
pub struct Administer;

impl Permission for WriteEvents {
    const SCOPE: Scope = Scope::EventsWrite;
}
impl Permission for ReadProfiles {
    const SCOPE: Scope = Scope::ProfilesRead;
}
impl Permission for Administer {
    const SCOPE: Scope = Scope::Admin;
}

/// A caller whose key gives the permission `P`.
pub struct Require<P> {
    /// Whose data the key opens.
    pub tenant: Arc<Tenant>,
    /// What else it may do.
    pub grant: Grant,
    /// The rest of the house.
    pub engine: web::Data<Engine>,
    permission: PhantomData<P>,
}

impl<P: Permission> FromRequest for Require<P> {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let engine = request.app_data::<web::Data<Engine>>().cloned().ok_or(Cause::new("app data"))?;
            let key = bearer(&request).ok_or(ApiError::Unauthorized)?;
            let grant = grant(&engine.connection, &key).await?.ok_or(ApiError::Unauthorized)?;
            request.extensions_mut().insert(KeyId(grant.id.simple().to_string()));
            if !grant.allows(P::SCOPE) {
                return Err(ApiError::Forbidden(P::SCOPE.name()));
            }
            let tenant = engine.tenant(grant.tenant).await?.ok_or(ApiError::Unauthorized)?;
            Ok(Self { tenant, grant, engine, permission: PhantomData })
        }
        .boxed_local()
    }
}

/// The key of `Authorization: Bearer …`; the scheme is read in any case.
fn bearer(request: &HttpRequest) -> Option<String> {
    let (scheme, key) = request.headers().get(AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    let key = key.trim();
    (scheme.eq_ignore_ascii_case("bearer") && !key.is_empty()).then(|| key.to_owned())
}

/// How long a caller should wait when the service is busy.
const RETRY_AFTER: Duration = Duration::from_secs(1);

impl From<StoreError> for ApiError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Busy => Self::Busy(RETRY_AFTER),
            StoreError::Database(error) => Cause { what: "database", code: store::code(&error).map(Into::into) }.into(),
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
