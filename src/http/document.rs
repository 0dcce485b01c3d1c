//! The routes, and the OpenAPI document that is made from them without a database.

use super::{
    events, exports, find, identifiers, judgements, model, operation, past, position, problem::Problem, profiles,
    redraw, reviews, sources,
};
use actix_web::App;
use utoipa::{
    Modify, OpenApi,
    openapi::{
        self,
        security::{HttpAuthScheme, HttpBuilder, SecurityScheme},
    },
};
use utoipa_actix_web::{AppExt, service_config::ServiceConfig};

/// The frame of the document; paths and schemas come from the routes.
#[derive(OpenApi)]
#[openapi(
    info(title = "onefold", description = "Contact events in, one golden customer record out.", license(name = "Apache-2.0", identifier = "Apache-2.0")),
    components(schemas(Problem)),
    modifiers(&Bearer),
    security(("key" = [])),
    tags(
        (name = "events", description = "Contact events, from any channel"),
        (name = "profiles", description = "Golden records and what is behind them"),
        (name = "find", description = "Lookup, match, search, explain"),
        (name = "reviews", description = "What waits for a steward"),
        (name = "judgements", description = "What stewards rule"),
        (name = "sources", description = "The systems that send events"),
        (name = "model", description = "What decides, and how it changes"),
        (name = "exports", description = "Everything, as a stream"),
        (name = "operation", description = "Health, metrics, this document")
    )
)]
struct Frame;

struct Bearer;

impl Modify for Bearer {
    fn modify(&self, document: &mut openapi::OpenApi) {
        let scheme = HttpBuilder::new().scheme(HttpAuthScheme::Bearer).build();
        let components = document.components.get_or_insert_with(Default::default);
        components.add_security_scheme("key", SecurityScheme::Http(scheme));
    }
}

/// Every route. Fixed names stand before ids, so that `lookup` is not read as one.
pub fn routes(config: &mut ServiceConfig<'_>) {
    config
        .service(events::post_event)
        .service(events::post_batch)
        .service(events::find_event)
        .service(events::get_event)
        .service(find::get_lookup)
        .service(find::post_lookup)
        .service(find::post_match)
        .service(find::get_search)
        .service(find::post_search)
        .service(find::get_explain)
        .service(profiles::get_profile)
        .service(profiles::get_timeline)
        .service(profiles::get_records)
        .service(profiles::get_history)
        .service(profiles::get_graph)
        .service(past::get_diff)
        .service(past::get_lineage)
        .service(profiles::get_record)
        .service(identifiers::get_shared)
        .service(redraw::post_merge)
        .service(redraw::post_split)
        .service(redraw::post_value)
        .service(redraw::get_values)
        .service(judgements::post_judgement)
        .service(judgements::get_judgement)
        .service(judgements::delete_judgement)
        .service(reviews::get_reviews)
        .service(reviews::post_decisions)
        .service(reviews::get_review)
        .service(reviews::patch_review)
        .service(reviews::post_decision)
        .service(reviews::delete_decision)
        .service(sources::put_source)
        .service(model::get_model)
        .service(model::post_validate)
        .service(model::post_diff)
        .service(model::post_apply)
        .service(model::post_pause)
        .service(model::post_resume)
        .service(model::post_rollback)
        .service(exports::export_assignments)
        .service(operation::livez)
        .service(operation::readyz)
        .service(operation::metrics)
        .service(operation::openapi_yaml);
}

/// The document.
#[must_use]
pub fn document() -> openapi::OpenApi {
    let mut document = App::new().into_utoipa_app().openapi(Frame::openapi()).configure(routes).split_for_parts().1;
    position::describe(&mut document);
    document
}

/// The document as `openapi.yaml` holds it.
///
/// # Errors
/// None for a document made of plain data.
pub fn yaml() -> Result<String, Box<dyn std::error::Error>> {
    Ok(document().to_yaml()?)
}
