//! A column of values, and how either database is given it.

use sea_orm::{Value, sea_query::ArrayType};
use serde_json::json;
use uuid::Uuid;

/// The values of one column, one for each row.
pub enum Column {
    /// Whole numbers.
    Numbers(Vec<i64>),
    /// Other numbers.
    Reals(Vec<f64>),
    /// Ids.
    Uuids(Vec<Uuid>),
    /// Ids that may be missing; no id is nil.
    MaybeUuids(Vec<Option<Uuid>>),
    /// Texts.
    Texts(Vec<String>),
    /// Texts that may be missing; an empty text counts as missing.
    MaybeTexts(Vec<Option<String>>),
}

impl Column {
    pub(super) const fn len(&self) -> usize {
        match self {
            Self::Numbers(values) => values.len(),
            Self::Reals(values) => values.len(),
            Self::Uuids(values) => values.len(),
            Self::MaybeUuids(values) => values.len(),
            Self::Texts(values) => values.len(),
            Self::MaybeTexts(values) => values.len(),
        }
    }

    /// The values from `first` on, which go.
    pub(super) fn split_off(&mut self, first: usize) -> Self {
        match self {
            Self::Numbers(values) => Self::Numbers(values.split_off(first)),
            Self::Reals(values) => Self::Reals(values.split_off(first)),
            Self::Uuids(values) => Self::Uuids(values.split_off(first)),
            Self::MaybeUuids(values) => Self::MaybeUuids(values.split_off(first)),
            Self::Texts(values) => Self::Texts(values.split_off(first)),
            Self::MaybeTexts(values) => Self::MaybeTexts(values.split_off(first)),
        }
    }

    /// How many bytes a value takes in an array, its length of four bytes included.
    pub(super) fn bytes(&self, row: usize) -> usize {
        const LENGTH: usize = 4;
        LENGTH
            + match self {
                Self::Numbers(_) => size_of::<i64>(),
                Self::Reals(_) => size_of::<f64>(),
                Self::Uuids(_) | Self::MaybeUuids(_) => size_of::<Uuid>(),
                Self::Texts(values) => values[row].len(),
                Self::MaybeTexts(values) => values[row].as_ref().map_or(0, String::len),
            }
    }

    /// The array's type and the column's expression. Arrays carry no nulls: a nil id and an empty text stand for them.
    pub(super) fn postgres(&self, name: &str) -> (&'static str, String) {
        match self {
            Self::Numbers(_) => ("int8", name.to_owned()),
            Self::Reals(_) => ("float8", name.to_owned()),
            Self::Uuids(_) => ("uuid", name.to_owned()),
            Self::MaybeUuids(_) => ("uuid", format!("NULLIF({name}, '{}'::uuid)", Uuid::nil())),
            Self::Texts(_) => ("text", name.to_owned()),
            Self::MaybeTexts(_) => ("text", format!("NULLIF({name}, '')")),
        }
    }

    pub(super) fn into_array(self) -> Value {
        let array = |kind, values: Vec<Value>| Value::Array(kind, Some(Box::new(values)));
        match self {
            Self::Numbers(values) => array(ArrayType::BigInt, values.into_iter().map(Value::from).collect()),
            Self::Reals(values) => array(ArrayType::Double, values.into_iter().map(Value::from).collect()),
            Self::Uuids(values) => array(ArrayType::Uuid, values.into_iter().map(Value::from).collect()),
            Self::MaybeUuids(values) => {
                array(ArrayType::Uuid, values.into_iter().map(|id| id.unwrap_or_default().into()).collect())
            }
            Self::Texts(values) => array(ArrayType::String, values.into_iter().map(Value::from).collect()),
            Self::MaybeTexts(values) => {
                array(ArrayType::String, values.into_iter().map(|text| text.unwrap_or_default().into()).collect())
            }
        }
    }

    /// The column's expression, given that of its JSON value.
    pub(super) fn sqlite(&self, value: &str) -> String {
        match self {
            Self::Uuids(_) | Self::MaybeUuids(_) => format!("unhex({value})"),
            Self::Numbers(_) | Self::Reals(_) | Self::Texts(_) | Self::MaybeTexts(_) => value.to_owned(),
        }
    }

    /// The values one by one, as they are bound.
    pub(super) fn into_values(self) -> Box<dyn Iterator<Item = Value> + Send> {
        match self {
            Self::Numbers(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Reals(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Uuids(values) => Box::new(values.into_iter().map(Value::from)),
            Self::MaybeUuids(values) => Box::new(values.into_iter().map(Value::from)),
            Self::Texts(values) => Box::new(values.into_iter().map(Value::from)),
            Self::MaybeTexts(values) => {
                Box::new(values.into_iter().map(|text| text.filter(|text| !text.is_empty()).into()))
            }
        }
    }

    pub(super) fn json(&self, row: usize) -> serde_json::Value {
        let hex = |id: &Uuid| id.simple().to_string();
        match self {
            Self::Numbers(values) => json!(values[row]),
            Self::Reals(values) => json!(values[row]),
            Self::Uuids(values) => json!(hex(&values[row])),
            Self::MaybeUuids(values) => json!(values[row].as_ref().map(hex)),
            Self::Texts(values) => json!(values[row]),
            Self::MaybeTexts(values) => json!(values[row]),
        }
    }
}
