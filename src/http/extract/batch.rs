//! Many events in one body.

use super::Format;
use crate::{
    domain::{
        contact::Event,
        validate::{ErrorCode, FieldError},
    },
    http::{
        body::read,
        json::parse,
        problem::{ApiError, Cause},
    },
};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web::block};
use futures_util::{FutureExt, future::LocalBoxFuture};
use serde::{
    Deserialize, Deserializer,
    de::{IgnoredAny, SeqAccess, Visitor},
};
use serde_json::value::RawValue;
use std::fmt;

/// What a batch may have: 16 MiB.
pub const BATCH_LIMIT: usize = 16 << 20;
/// How many events a batch may hold.
pub const BATCH_ITEMS: usize = 10_000;

const JSON_OR_NDJSON: &str = "application/json, application/x-ndjson";

/// Many events, as a JSON array or one a line, each read on its own: a bad one does not spoil the rest.
pub struct Batch(pub Vec<Result<Event, Vec<FieldError>>>);

impl FromRequest for Batch {
    type Error = ApiError;
    type Future = LocalBoxFuture<'static, Result<Self, ApiError>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, payload) = (request.clone(), payload.take());
        async move {
            let format = Format::of(&request).ok_or(ApiError::UnsupportedMediaType(JSON_OR_NDJSON))?;
            let bytes = read(&request, payload, BATCH_LIMIT).await?;
            // Off the worker: 16 MiB would hold up the other requests of its thread.
            block(move || events(format, &bytes)).await.map_err(|_| Cause::new("thread pool"))?.map(Self)
        }
        .boxed_local()
    }
}

/// Splits a batch and reads each item on its own.
fn events(format: Format, bytes: &[u8]) -> Result<Vec<Result<Event, Vec<FieldError>>>, ApiError> {
    let items = match format {
        Format::Json => array_items(bytes)?,
        Format::Lines => lines(bytes),
    };
    if items.len() > BATCH_ITEMS {
        return Err(ApiError::PayloadTooLarge(ErrorCode::TooMany));
    }
    Ok(items.into_iter().map(parse).collect())
}

/// The lines that are not blank, and no more than show that there are too many.
fn lines(bytes: &[u8]) -> Vec<&[u8]> {
    let lines = bytes.split(|byte| *byte == b'\n').map(<[u8]>::trim_ascii);
    lines.filter(|line| !line.is_empty()).take(BATCH_ITEMS + 1).collect()
}

fn array_items(bytes: &[u8]) -> Result<Vec<&[u8]>, ApiError> {
    let items: Result<Items, _> = serde_json::from_slice(bytes);
    items.map(|items| items.0).map_err(|error| {
        ApiError::invalid("", if error.is_data() { ErrorCode::WrongType } else { ErrorCode::MalformedJson })
    })
}

/// The items of a JSON array as they stand in it, and no more than show that there are too many.
struct Items<'de>(Vec<&'de [u8]>);

impl<'de> Deserialize<'de> for Items<'de> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_seq(ItemsVisitor)
    }
}

struct ItemsVisitor;

impl<'de> Visitor<'de> for ItemsVisitor {
    type Value = Items<'de>;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("an array")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Self::Value, A::Error> {
        let mut items = Vec::new();
        while items.len() <= BATCH_ITEMS
            && let Some(item) = list.next_element::<&RawValue>()?
        {
            items.push(item.get().as_bytes());
        }
        while list.next_element::<IgnoredAny>()?.is_some() {}
        Ok(Items(items))
    }
}
