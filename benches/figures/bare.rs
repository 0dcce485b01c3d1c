//! The floor under reads: actix and sea-orm with default settings, one row by its key, its JSON as the answer. It runs as a
//! process of its own: this very program, told to be it.

use super::{database::Database, product::listening};
use actix_web::{App, HttpResponse, HttpServer, get, rt::System, web};
use onefold::store::connect::connect;
use sea_orm::{ConnectionTrait, DatabaseConnection, DbBackend, EntityTrait, Statement};
use std::{
    fs::File,
    net::SocketAddr,
    process::{Child, Command, Stdio},
};
use tempfile::TempDir;
use uuid::Uuid;

/// The argument that makes this program the bare server of the database that the next argument names.
pub const ARGUMENT: &str = "serve-bare";

/// As many as onefold opens by default.
const DATABASE_CONNECTIONS: u32 = 16;

mod row {
    //! A row: an id, and a text such as onefold answers with.

    use sea_orm::entity::prelude::*;
    use serde::Serialize;

    #[derive(Clone, Debug, PartialEq, DeriveEntityModel, Serialize)]
    #[sea_orm(table_name = "bare")]
    pub struct Model {
        #[sea_orm(primary_key, auto_increment = false)]
        pub id: Uuid,
        pub body: String,
    }

    #[derive(Clone, Copy, Debug, EnumIter, DeriveRelation)]
    pub enum Relation {}

    impl ActiveModelBehavior for ActiveModel {}
}

/// The bare server's process, killed when it is dropped.
pub struct BareServer {
    /// Where it listens.
    pub address: SocketAddr,
    child: Child,
    _folder: TempDir,
}

impl BareServer {
    /// Gives the database a table with these bodies, by id, and starts a server over it.
    pub async fn start(database: &Database, bodies: &[(Uuid, String)]) -> Self {
        let connection = database.connect(1).await;
        fill(&connection, bodies).await.expect("the bare server's table");
        let folder = tempfile::tempdir().expect("no temporary folder");
        let log = folder.path().join("log");
        let mut command = Command::new(std::env::current_exe().expect("our own name"));
        command.args([ARGUMENT, &database.url]).stdin(Stdio::null()).stderr(File::create(&log).expect("no log"));
        let child = command.spawn().expect("the bare server does not start");
        let mut server = Self { address: SocketAddr::from(([0; 4], 0)), child, _folder: folder };
        server.address = listening(&log);
        server
    }

    /// The path of a row.
    pub fn path(id: Uuid) -> String {
        format!("/bare/{id}")
    }
}

impl Drop for BareServer {
    fn drop(&mut self) {
        // It may be dead already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn fill(connection: &DatabaseConnection, bodies: &[(Uuid, String)]) -> Result<(), sea_orm::DbErr> {
    connection.execute_unprepared("CREATE TABLE bare (id uuid PRIMARY KEY, body text NOT NULL)").await?;
    for (id, body) in bodies {
        let values = [(*id).into(), body.clone().into()];
        let sql = "INSERT INTO bare (id, body) VALUES ($1, $2)";
        connection.execute_raw(Statement::from_sql_and_values(DbBackend::Postgres, sql, values)).await?;
    }
    Ok(())
}

/// Serves until it is killed.
pub fn serve(url: &str) -> std::io::Result<()> {
    System::new().block_on(async {
        let connection = connect(url, DATABASE_CONNECTIONS).await.expect("the database does not open");
        let connection = web::Data::new(connection);
        let server = HttpServer::new(move || App::new().app_data(connection.clone()).service(one));
        let server = server.bind("127.0.0.1:0")?;
        for address in server.addrs() {
            eprintln!("the bare server listens on http://{address}");
        }
        server.run().await
    })
}

#[get("/bare/{id}")]
async fn one(connection: web::Data<DatabaseConnection>, id: web::Path<Uuid>) -> HttpResponse {
    match row::Entity::find_by_id(*id).one(connection.get_ref()).await {
        Ok(Some(row)) => HttpResponse::Ok().json(row),
        Ok(None) => HttpResponse::NotFound().finish(),
        Err(_) => HttpResponse::InternalServerError().finish(),
    }
}
