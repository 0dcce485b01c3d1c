//! Which part of a list is asked for.

use super::problem::ApiError;
use crate::{
    domain::validate::ErrorCode,
    reads::cursor::{DEFAULT_LIMIT, MAX_LIMIT, decode},
};
use serde::{Deserialize, de::DeserializeOwned};
use utoipa::IntoParams;

/// Which part of a list.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[serde(deny_unknown_fields, default)]
#[into_params(parameter_in = Query)]
pub struct Part {
    /// How many items, at most 500.
    #[param(minimum = 1, maximum = 500)]
    pub limit: Option<u64>,
    /// The `next` of the page before.
    pub after: Option<String>,
}

/// How many items the page may have.
///
/// # Errors
/// 422 for none, or too many.
pub fn checked(limit: Option<u64>) -> Result<u64, ApiError> {
    let limit = limit.unwrap_or(DEFAULT_LIMIT);
    let fits = (1..=MAX_LIMIT).contains(&limit);
    if fits { Ok(limit) } else { Err(ApiError::invalid("?limit", ErrorCode::InvalidValue)) }
}

/// After which item the page begins.
///
/// # Errors
/// 422 for a cursor that is not of this list.
pub fn place<T: DeserializeOwned>(after: Option<String>) -> Result<Option<T>, ApiError> {
    let unfit = || ApiError::invalid("?after", ErrorCode::InvalidValue);
    after.map(|cursor| decode(&cursor).ok_or_else(unfit)).transpose()
}
