//! Exports: everything, as a stream in constant memory.

use super::{
    auth::{ReadProfiles, Require},
    problem::Keyed,
};
use crate::{
    domain::id::EventId,
    reads::exports::{AssignmentRow, assignments_page},
};
use actix_web::{HttpRequest, HttpResponse, Responder, get, web::Bytes};
use futures_util::stream;

/// So many events are read at a time.
const PAGE: u64 = 1_000;

/// A stream of all assignments, one JSON object a line.
struct Assignments(Require<ReadProfiles>);

/// Which profile holds each event now
///
/// NDJSON, one event a line.
#[utoipa::path(tag = "exports", responses(
    (status = 200, description = "One event a line", body = AssignmentRow, content_type = "application/x-ndjson"), Keyed))]
#[get("/v1/exports/assignments")]
pub async fn export_assignments(caller: Require<ReadProfiles>) -> Assignments {
    Assignments(caller)
}

impl Responder for Assignments {
    type Body = actix_web::body::BoxBody;

    fn respond_to(self, _: &HttpRequest) -> HttpResponse {
        let start = Some((self.0, None));
        let pages = stream::try_unfold(start, |place: Option<(Require<ReadProfiles>, Option<EventId>)>| async move {
            let Some((caller, after)) = place else { return Ok(None) };
            let (connection, tenant) = (&caller.engine.reads, caller.tenant.id);
            let page = assignments_page(connection, tenant, after, PAGE).await;
            // The status is sent: a client sees a failure as a broken stream.
            let (rows, next) = page.map_err(|_| actix_web::error::ErrorInternalServerError("export broke off"))?;
            let lines = lines(&rows);
            Ok::<_, actix_web::Error>(Some((lines, next.map(|next| (caller, Some(next))))))
        });
        HttpResponse::Ok().content_type("application/x-ndjson").streaming(pages)
    }
}

fn lines(rows: &[AssignmentRow]) -> Bytes {
    let mut lines = Vec::with_capacity(rows.len() * 200);
    for row in rows {
        // Writing plain data into memory cannot fail.
        let _ = serde_json::to_writer(&mut lines, row);
        lines.push(b'\n');
    }
    lines.into()
}
