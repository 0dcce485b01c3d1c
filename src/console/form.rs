//! Forms of our pages, as browsers send them.

use super::refusal::Refusal;
use crate::http::{judgements, problem::ApiError};
use actix_web::{FromRequest, HttpRequest, dev::Payload, http::StatusCode, web};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::de::DeserializeOwned;
use std::str::FromStr;

/// A form, of at most the 256 KiB that are read of any text.
pub struct Form<T>(pub T);

/// The fields of a form, of which some come several times.
pub type Fields = Form<Vec<(String, String)>>;

impl<T: DeserializeOwned + 'static> FromRequest for Form<T> {
    type Error = Refusal;
    type Future = LocalBoxFuture<'static, Result<Self, Refusal>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let text = String::from_request(request, payload);
        async move { fields(&text.await.map_err(Refusal::unread)?).map(Self) }.boxed_local()
    }
}

fn fields<T: DeserializeOwned>(text: &str) -> Result<T, Refusal> {
    // PostgreSQL stores no such character.
    let storable = !text.contains("%00") && !text.contains('\0');
    let read = storable.then(|| web::Query::<T>::from_query(text).ok()).flatten();
    read.map(web::Query::into_inner).ok_or(Refusal::Unread(StatusCode::BAD_REQUEST))
}

impl Fields {
    /// What all fields of a name say.
    pub fn all<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.trim())
    }

    /// What the first field of a name says; nothing where there is none.
    pub fn one<'a>(&'a self, name: &'a str) -> &'a str {
        self.all(name).next().unwrap_or_default()
    }
}

/// An id; what is none is answered like one that does not exist.
///
/// # Errors
/// 404.
pub fn id<T: FromStr>(text: &str) -> Result<T, Refusal> {
    text.parse().map_err(|_| ApiError::NotFound.into())
}

/// Why, in the steward's words.
///
/// # Errors
/// 422 where it is too long.
pub fn reason(text: &str) -> Result<String, Refusal> {
    ApiError::check(judgements::reason(text).into_iter().collect())?;
    Ok(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_may_come_several_times_and_none_holds_what_cannot_be_stored() {
        let form: Fields = Form(fields("record=1&csrf=a&record=+b%3D%26&reason=100%2500").unwrap());
        assert_eq!(form.all("record").collect::<Vec<_>>(), ["1", "b=&"]);
        assert_eq!((form.one("csrf"), form.one("other"), form.one("reason")), ("a", "", "100%00"));
        for unfit in ["a=%00", "%00=a", "a=\0"] {
            assert!(fields::<Vec<(String, String)>>(unfit).is_err(), "{unfit:?}");
        }
    }
}
