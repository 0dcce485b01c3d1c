//! Sessions: whoever signs in with a key gets a cookie that stands for that key, as long as the key is good.
//!
//! The cookie names the key and until when it holds, and is sealed with the tenant's secret, so that every server reads it and
//! none has to keep it.

use super::refusal::Refusal;
use crate::{
    actions::access::{Grant, Scope},
    domain::keyed_hash::IdKey,
    engine::Engine,
    http::{
        observe::KeyId,
        problem::{ApiError, Cause},
    },
    store::tenants::Tenant,
};
use actix_web::{
    FromRequest, HttpMessage, HttpRequest,
    cookie::{Cookie, SameSite, time::Duration},
    dev::Payload,
    web,
};
use futures_util::{FutureExt, future::LocalBoxFuture};
use jiff::Timestamp;
use serde::Deserialize;
use std::sync::Arc;
use uuid::Uuid;

const COOKIE: &str = "onefold_session";
/// How long a session lasts, in seconds: a working day.
const LIFETIME: i64 = 10 * 60 * 60;

/// Somebody who is signed in.
pub struct Session {
    /// Whose data they see.
    pub tenant: Arc<Tenant>,
    /// What they may do.
    pub grant: Arc<Grant>,
    /// The rest of the house.
    pub engine: web::Data<Engine>,
    /// What their forms are sealed with.
    pub csrf: String,
}

/// Somebody who is signed in, and what they ask for. That is read once it is known who asks, and where it does not read a page
/// says so.
pub struct Signed<T>(pub Session, pub T);

/// A form that asks for nothing but what it is sent to.
#[derive(Debug, Deserialize)]
pub struct Sealed {
    /// See [`Session::csrf`].
    pub csrf: String,
}

impl FromRequest for Session {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, _: &mut Payload) -> Self::Future {
        let request = request.clone();
        async move {
            let engine = request.app_data::<web::Data<Engine>>().cloned().ok_or(Cause::new("app data"));
            let engine = engine.map_err(ApiError::from)?;
            let cookie = request.cookie(COOKIE).ok_or(Refusal::SignIn)?;
            let token = Token::read(cookie.value()).ok_or(Refusal::SignIn)?;
            let tenant = engine.tenant(token.tenant).await?.ok_or(Refusal::SignIn)?;
            if !token.is_sealed(&tenant.id_key) || token.expires < Timestamp::now().as_second() {
                return Err(Refusal::SignIn);
            }
            let grant = engine.grant_of(token.tenant, token.key).await?.ok_or(Refusal::SignIn)?;
            request.extensions_mut().insert(KeyId(grant.id));
            if !grant.allows(Scope::ProfilesRead) {
                return Err(ApiError::Forbidden(Scope::ProfilesRead.name()).into());
            }
            let csrf = seal(&tenant.id_key, "console form", cookie.value()).to_hex().to_string();
            Ok(Self { tenant, grant, engine, csrf })
        }
        .boxed_local()
    }
}

impl<T: FromRequest + 'static> FromRequest for Signed<T> {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        async move {
            let session = Session::extract(&request).await?;
            let asked = T::from_request(&request, &mut payload).await.map_err(Refusal::unread)?;
            Ok(Self(session, asked))
        }
        .boxed_local()
    }
}

impl Session {
    /// Whether this steward may decide things.
    pub fn may_write(&self) -> bool {
        self.grant.allows(Scope::ReviewWrite)
    }

    /// Passes where a form came from one of our pages, and the key may decide things.
    ///
    /// # Errors
    /// 403.
    pub fn check(&self, csrf: &str) -> Result<(), Refusal> {
        let same = blake3::Hash::from_hex(csrf).ok().is_some_and(|given| given.to_hex().as_str() == self.csrf);
        if same && self.may_write() { Ok(()) } else { Err(ApiError::Forbidden(Scope::ReviewWrite.name()).into()) }
    }
}

/// What a cookie says.
struct Token<'a> {
    tenant: i32,
    key: Uuid,
    expires: i64,
    content: &'a str,
    mac: blake3::Hash,
}

impl<'a> Token<'a> {
    fn read(text: &'a str) -> Option<Self> {
        let (content, mac) = text.rsplit_once('.')?;
        let mut parts = content.split('.');
        let (tenant, key, expires) = (parts.next()?, parts.next()?, parts.next()?);
        let mac = blake3::Hash::from_hex(mac).ok()?;
        Some(Self {
            tenant: tenant.parse().ok()?,
            key: key.parse().ok()?,
            expires: expires.parse().ok()?,
            content,
            mac,
        })
    }

    fn is_sealed(&self, id_key: &IdKey) -> bool {
        // Hashes compare in constant time.
        seal(id_key, "console session", self.content) == self.mac
    }
}

fn seal(id_key: &IdKey, purpose: &str, content: &str) -> blake3::Hash {
    id_key.hash(purpose, &[content.as_bytes()])
}

/// The cookie of somebody who signs in.
pub fn cookie(tenant: &Tenant, grant: &Grant, is_secure: bool) -> Cookie<'static> {
    let expires = Timestamp::now().as_second() + LIFETIME;
    let content = format!("{}.{}.{expires}", tenant.id, grant.id.simple());
    let mac = seal(&tenant.id_key, "console session", &content).to_hex();
    made(format!("{content}.{mac}"), Duration::seconds(LIFETIME), is_secure)
}

/// The cookie of somebody who signs out.
pub fn no_cookie() -> Cookie<'static> {
    made(String::new(), Duration::ZERO, false)
}

fn made(value: String, lifetime: Duration, is_secure: bool) -> Cookie<'static> {
    let cookie = Cookie::build(COOKIE, value).path("/console").http_only(true).same_site(SameSite::Strict);
    cookie.secure(is_secure).max_age(lifetime).finish()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_cookie_that_was_changed_opens_nothing() {
        let (key, other) = (IdKey::new([7; 32]), IdKey::new([8; 32]));
        let content = format!("1.{}.99", Uuid::nil().simple());
        let text = format!("{content}.{}", seal(&key, "console session", &content).to_hex());
        assert!(Token::read(&text).is_some_and(|token| token.is_sealed(&key) && !token.is_sealed(&other)));
        let later = text.replacen(".99.", ".98.", 1);
        assert!(Token::read(&later).is_some_and(|token| !token.is_sealed(&key)));
        for broken in ["", "1", "a.b.c.d", &content] {
            assert!(Token::read(broken).is_none(), "{broken}");
        }
    }
}
