//! The server: wires the routes to an engine and runs until told to stop.

use crate::{
    console,
    engine::Engine,
    http::{document, fallback, head::head, observe::observe, operation, position},
};
use actix_web::{App, HttpServer, dev::Server, middleware::from_fn, web};
use std::{net::TcpListener, sync::Arc, time::Duration};
use utoipa_actix_web::AppExt;
use utoipa_swagger_ui::{Config, SwaggerUi};

/// How long requests under way may take to finish once the server is told to stop.
const GRACE: Duration = Duration::from_secs(20);
/// How long a client may take to send its request's head.
const PATIENCE: Duration = Duration::from_secs(10);

/// A server on a listener that is bound already. It stops on SIGTERM and Ctrl-C, or by its handle; requests under way
/// are finished first.
///
/// # Errors
/// Where the listener cannot be used.
pub fn serve(engine: Arc<Engine>, listener: TcpListener) -> std::io::Result<Server> {
    let engine = web::Data::from(engine);
    let metrics = web::Data::from(Arc::clone(&engine.metrics));
    let server = HttpServer::new(move || {
        let (app, document) = App::new()
            .into_utoipa_app()
            .openapi(document::document())
            .app_data(engine.clone())
            .app_data(metrics.clone())
            .configure(document::routes)
            .split_for_parts();
        app.default_service(fallback::service(&document))
            .service(operation::root)
            .configure(console::routes)
            .service(web::redirect("/docs", "/docs/"))
            .service(SwaggerUi::new("/docs/{_:.*}").config(Config::new(["/openapi.yaml"])))
            .wrap(from_fn(position::name))
            .wrap(from_fn(head))
            .wrap(from_fn(observe))
    });
    let seconds = GRACE.as_secs();
    Ok(server.client_request_timeout(PATIENCE).shutdown_timeout(seconds).listen(listener)?.run())
}
