//! Judgements: a steward rules that contacts are one person, or two, and takes that back, or a value that one chose.

use super::{
    auth::{ReadProfiles, Require, WriteReviews},
    extract::{Created, Json, Path},
    problem::{ApiError, Bodied, Keyed, Missing},
};
use crate::{
    actions::judge::{self, JudgeError, Ruling},
    domain::{
        cluster::Verdict,
        id::JudgementId,
        judgement::Judged,
        subject::Subject,
        validate::{ErrorCode, FieldError},
    },
    reads::judgements,
};
use actix_web::{delete, get, post};
use serde::Deserialize;
use utoipa::ToSchema;

/// So many ids each side may name.
const MAX_SUBJECTS: usize = 500;
/// So many characters a reason may have.
const MAX_REASON: usize = 2_000;

/// What is ruled of two sets of contacts. A profile stands for the records that it holds at that moment.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewJudgement {
    /// Records or profiles of the one side.
    #[schema(min_items = 1, max_items = 500)]
    a: Vec<Subject>,
    /// Records or profiles of the other side.
    #[schema(min_items = 1, max_items = 500)]
    b: Vec<Subject>,
    /// Whether they are one person.
    verdict: Verdict,
    /// Why, in the steward's words; it may be left out.
    #[serde(default)]
    #[schema(max_length = 2000)]
    reason: String,
}

/// Rule that contacts are one person, or that they are not
///
/// `same`: all records of both sides are one person, whatever speaks against it. `different`: no record of the one side is
/// the same person as one of the other. Where the two contradict each other `different` applies. It holds until it is
/// withdrawn, for what arrives later too.
#[utoipa::path(tag = "judgements", request_body = NewJudgement,
    responses((status = 201, description = "Ruled", body = Judged), Keyed, Missing, Bodied))]
#[post("/v1/judgements")]
pub async fn post_judgement(caller: Require<WriteReviews, Json<NewJudgement>>) -> Result<Created<Judged>, ApiError> {
    let (caller, Json(new)) = caller.parts();
    ApiError::check(check(&new))?;
    let NewJudgement { a, b, verdict, reason } = new;
    let (a, b) = (a.into_iter().collect(), b.into_iter().collect());
    let ruling = Ruling { verdict, a, b, reason, actor: caller.grant.actor() };
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    let rules = engine.rulebook(tenant);
    Ok(Created(judge::judge(&engine.lanes, rules, ruling).await?))
}

/// One judgement, in force or withdrawn
#[utoipa::path(tag = "judgements", params(JudgementId),
    responses((status = 200, description = "The judgement", body = Judged), Keyed, Missing))]
#[get("/v1/judgements/{id}")]
pub async fn get_judgement(caller: Require<ReadProfiles, Path<JudgementId>>) -> Result<Json<Judged>, ApiError> {
    let found = judgements::by_id(&caller.engine.connection, caller.tenant.id, caller.input.0).await?;
    found.map(Json).ok_or(ApiError::NotFound)
}

/// Withdraw a judgement
///
/// It is kept, and rules nothing any more. Profiles that it had joined take their ids back; values that were chosen with a merge
/// are withdrawn with it. Again: the same answer.
#[utoipa::path(tag = "judgements", params(JudgementId),
    responses((status = 200, description = "Withdrawn", body = Judged), Keyed, Missing))]
#[delete("/v1/judgements/{id}")]
pub async fn delete_judgement(caller: Require<WriteReviews, Path<JudgementId>>) -> Result<Json<Judged>, ApiError> {
    let (engine, tenant) = (&caller.engine, &caller.tenant);
    let rules = engine.rulebook(tenant);
    let actor = caller.grant.actor();
    Ok(Json(judge::withdraw(&engine.lanes, rules, caller.input.0, &actor).await?))
}

fn check(new: &NewJudgement) -> Vec<FieldError> {
    let mut errors = Vec::new();
    for (pointer, side) in [("/a", &new.a), ("/b", &new.b)] {
        if side.is_empty() {
            errors.push(FieldError::new(pointer, ErrorCode::Empty));
        } else if side.len() > MAX_SUBJECTS {
            errors.push(FieldError::new(pointer, ErrorCode::TooMany));
        }
    }
    errors.extend(reason(&new.reason));
    errors
}

/// What is wrong with the reason that a steward gives.
#[must_use]
pub fn reason(reason: &str) -> Option<FieldError> {
    (reason.chars().count() > MAX_REASON).then(|| FieldError::new("/reason", ErrorCode::TooLong))
}

impl From<JudgeError> for ApiError {
    fn from(error: JudgeError) -> Self {
        match error {
            JudgeError::Unknown => Self::NotFound,
            JudgeError::NotTwoSets(error) => Self::Invalid(vec![error]),
            JudgeError::Store(error) => error.into(),
        }
    }
}
