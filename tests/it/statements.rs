//! Every statement that is sent to the database stays within one tenant, so that the tables can be distributed by it: each
//! table of a tenant's that it names is narrowed to one tenant, and no sequence is used.
//!
//! A session calls every route and every command, and what sqlx logs of it is read. What the reader of statements does not
//! understand it refuses.

use crate::{
    client::{Call, Client},
    contract::DOCUMENT,
    database::TestDatabase,
    process::Process,
    sample::{demo, jane, ndjson, order, with},
};
use onefold_migrations::{TENANT_TABLES, TENANTS};
use reqwest::Method;
use sea_orm::{ConnectionTrait, DbBackend, Statement};
use serde_json::{Value, json};
use std::{collections::BTreeSet, path::Path, process::Command};

/// A piece of a statement; what stands in parentheses is one piece.
#[derive(Clone, Debug, PartialEq)]
enum Piece {
    Word(String),
    Mark(char),
    Group(Vec<Piece>),
}

/// What may come after the name of a table and is not its alias.
const KEYWORDS: [&str; 18] = [
    "as",
    "cross",
    "join",
    "left",
    "inner",
    "on",
    "where",
    "order",
    "group",
    "limit",
    "set",
    "values",
    "select",
    "using",
    "returning",
    "for",
    "from",
    "default",
];

/// Splits a statement; strings become words, and quotation marks around names are left out.
fn pieces(text: &mut std::iter::Peekable<std::str::Chars<'_>>) -> Vec<Piece> {
    let mut found = Vec::new();
    while let Some(next) = text.next() {
        match next {
            ')' => return found,
            '(' => found.push(Piece::Group(pieces(text))),
            '\'' => {
                found.push(Piece::Word(format!("'{}", text.by_ref().take_while(|c| *c != '\'').collect::<String>())));
            }
            c if c.is_whitespace() || c == '"' => {}
            c if c.is_alphanumeric() || "_$?".contains(c) => {
                let mut word = String::from(c.to_ascii_lowercase());
                while let Some(c) = text.next_if(|c| c.is_alphanumeric() || *c == '_') {
                    word.push(c.to_ascii_lowercase());
                }
                found.push(Piece::Word(word));
            }
            mark => found.push(Piece::Mark(mark)),
        }
    }
    found
}

impl Piece {
    fn word(&self) -> Option<&str> {
        if let Self::Word(word) = self { Some(word) } else { None }
    }

    fn is(&self, word: &str) -> bool {
        self.word() == Some(word)
    }
}

/// What is wrong with a statement, or with a part of it in parentheses.
fn complaint(scope: &[Piece]) -> Option<String> {
    let inner = scope.iter().filter_map(|piece| if let Piece::Group(inner) = piece { complaint(inner) } else { None });
    let tables: Vec<(usize, &str)> = scope
        .iter()
        .enumerate()
        .filter_map(|(at, piece)| Some((at, piece.word()?)))
        .filter(|(at, word)| TENANT_TABLES.contains(word) && is_table(scope, *at))
        .collect();
    let alone = tables.len() == 1;
    let wrong = tables.iter().find(|(at, _)| !is_inserted(scope, *at) && !is_narrowed(scope, *at, alone));
    wrong.map(|(_, table)| format!("{table} is not narrowed to a tenant")).into_iter().chain(inner).next()
}

/// Whether a table is named here: a column may be called the same.
fn is_table(scope: &[Piece], at: usize) -> bool {
    let Some(before) = at.checked_sub(1) else { return false };
    let clauses = ["select", "from", "on", "where", "set", "order", "group", "returning"];
    let clause = scope[..at].iter().rev().filter_map(Piece::word).find(|word| clauses.contains(word));
    let listed = scope[before] == Piece::Mark(',') && matches!(clause, Some("from" | "on"));
    listed || matches!(scope[before].word(), Some("from" | "join" | "into" | "update" | "table"))
}

/// `INSERT INTO table (tenant_id, …) SELECT $1, …` or `VALUES ($1, …)`.
fn is_inserted(scope: &[Piece], at: usize) -> bool {
    let [Some(into), Some(Piece::Group(columns)), Some(what), Some(values)] =
        [at.checked_sub(1), Some(at + 1), Some(at + 2), Some(at + 3)].map(|place| scope.get(place?))
    else {
        return false;
    };
    let first = if let Piece::Group(values) = values { values.first() } else { Some(values) };
    into.is("into")
        && columns.first().is_some_and(|column| column.is("tenant_id"))
        && (what.is("select") || what.is("values"))
        && first.is_some_and(is_value)
}

/// A parameter or a number: one tenant's.
fn is_value(piece: &Piece) -> bool {
    piece
        .word()
        .is_some_and(|word| word.starts_with(|first: char| first == '$' || first.is_ascii_digit()) || word == "?")
}

/// `alias.tenant_id = $1` among conditions that must all hold, or `tenant_id = $1` where there is no other table.
fn is_narrowed(scope: &[Piece], at: usize, alone: bool) -> bool {
    let table = scope[at].word().unwrap_or_default();
    let place = if scope.get(at + 1).is_some_and(|next| next.is("as")) { at + 2 } else { at + 1 };
    let alias = scope.get(place).and_then(Piece::word).filter(|word| !KEYWORDS.contains(word)).unwrap_or(table);
    let word = |word: &str| Piece::Word(word.into());
    let qualified = [word(alias), Piece::Mark('.'), word("tenant_id"), Piece::Mark('=')];
    let holds = |condition: &[Piece]| {
        scope.windows(condition.len() + 2).any(|window| {
            let (before, rest) = (&window[0], &window[1..]);
            ["where", "and", "on"].iter().any(|word| before.is(word))
                && rest.starts_with(condition)
                && is_value(&rest[condition.len()])
        })
    };
    let either = scope.iter().any(|piece| piece.is("or"));
    !either && (holds(&qualified) || (alone && holds(&qualified[2..])))
}

/// What is wrong with a statement, or with one of several that are sent together.
fn check(sql: &str) -> Option<String> {
    sql.split(';').find_map(check_one)
}

fn check_one(sql: &str) -> Option<String> {
    let text = sql.to_lowercase();
    let foreign = ["nextval", "serial", "create sequence", "foreign key", "references"];
    if let Some(word) = foreign.into_iter().find(|word| text.contains(word)) {
        return Some(format!("`{word}`"));
    }
    let pieces = pieces(&mut sql.chars().peekable());
    let schema = ["create", "alter", "drop", "pragma"].iter().any(|word| pieces.first().is_some_and(|p| p.is(word)));
    if schema { None } else { complaint(&pieces) }
}

#[test]
fn statements_that_leave_their_tenant_are_caught() {
    for good in [
        "SELECT * FROM events WHERE tenant_id = $1 AND id = $2",
        r#"SELECT "sources"."name" FROM "sources" WHERE "sources"."tenant_id" = ? LIMIT ?"#,
        "SELECT e.id FROM events e LEFT JOIN records r ON r.tenant_id = $1 AND r.id = e.record_id WHERE e.tenant_id = $1",
        "INSERT INTO events (tenant_id, id) SELECT $1, id FROM (SELECT 1) AS given WHERE true ON CONFLICT DO NOTHING",
        "INSERT INTO profiles (tenant_id, id, events) SELECT $1, id, events FROM (SELECT 1) AS given",
        "INSERT INTO \"api_keys\" (\"tenant_id\") VALUES ($1) ON CONFLICT DO NOTHING",
        "UPDATE lanes SET position = $2 WHERE tenant_id = $1",
        "UPDATE lanes SET position = 2 WHERE tenant_id = 1; INSERT INTO commits (tenant_id, position) VALUES (1, 2)",
        "WITH part_0 AS (INSERT INTO events (tenant_id, id) SELECT $1, id FROM (SELECT 1) AS given) \
         INSERT INTO journal (tenant_id, id) SELECT $1, id FROM (SELECT 1) AS given",
        "SELECT 1 FROM tenants",
        "CREATE TABLE events (tenant_id integer)",
    ] {
        assert_eq!(check(good), None, "{good}");
    }
    for bad in [
        "SELECT * FROM events",
        "SELECT * FROM events WHERE id = $1",
        "SELECT * FROM events WHERE tenant_id = $1 OR id = $2",
        "SELECT * FROM events WHERE NOT tenant_id = $1",
        "SELECT * FROM events WHERE tenant_id = tenant_id",
        "SELECT * FROM events e JOIN records r ON r.id = e.record_id WHERE e.tenant_id = $1",
        "SELECT * FROM events e CROSS JOIN records r WHERE tenant_id = $1",
        "SELECT * FROM events, records WHERE events.tenant_id = $1",
        "SELECT * FROM events e WHERE e.tenant_id = $1 AND e.id IN (SELECT k.record_id FROM record_keys k)",
        "INSERT INTO events (id, tenant_id) VALUES ($1, $2)",
        "INSERT INTO events (tenant_id, id) SELECT tenant_id, id FROM events WHERE tenant_id = $1",
        "UPDATE lanes SET position = $2",
        "UPDATE lanes SET position = 2 WHERE tenant_id = 1; INSERT INTO commits (position) VALUES (2)",
        "WITH part_0 AS (INSERT INTO events (id) SELECT id FROM (SELECT 1) AS given) \
         INSERT INTO journal (tenant_id, id) SELECT $1, id FROM (SELECT 1) AS given",
        "DELETE FROM events WHERE id = $1",
        "SELECT nextval('numbers')",
    ] {
        assert!(check(bad).is_some(), "{bad}");
    }
}

/// The statements in a log.
pub fn statements(log: &str) -> BTreeSet<String> {
    let value = |line: &str, name: &str| {
        let (_, rest) = line.split_once(name)?;
        serde_json::Deserializer::from_str(rest).into_iter::<String>().next()?.ok()
    };
    let lines = log.lines().filter(|line| line.contains("sqlx::query"));
    let found = lines.filter_map(|line| {
        value(line, "db.statement=").filter(|sql| !sql.is_empty()).or_else(|| value(line, "summary="))
    });
    found.map(|sql| sql.split_whitespace().collect::<Vec<_>>().join(" ")).collect()
}

/// Runs a command and returns what it logs.
pub fn command(database: &TestDatabase, arguments: &[&str]) -> (String, String) {
    let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
    command.args(arguments).env("ONEFOLD_DATABASE_URL", &database.url);
    let output = command.env("ONEFOLD_LOG", "warn,sqlx::query=info").env("NO_COLOR", "1").output().unwrap();
    let [printed, log] = [output.stdout, output.stderr].map(|text| String::from_utf8(text).unwrap());
    assert!(output.status.success(), "{arguments:?}: {log}");
    (printed, log)
}

/// Every command on a database with some people in it.
fn commands(database: &TestDatabase) -> String {
    let folder = tempfile::tempdir().unwrap();
    let events = folder.path().join("events.ndjson");
    std::fs::write(&events, ndjson(&demo())).unwrap();
    let truth = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/demo/truth.csv");
    let (_, mut log) = command(database, &["migrate"]);
    let (run, imported) = command(database, &["import", events.to_str().unwrap()]);
    let (_, judged) = command(database, &["evaluate", "--show", "3", "--truth", truth.to_str().unwrap()]);
    let (_, assignments) = command(database, &["export", "assignments"]);
    let (_, profiles) = command(database, &["export", "profiles"]);
    let (_, undone) = command(database, &["import", "--undo", run.trim()]);
    let (_, created) = command(database, &["key", "create", "--scopes", "events:write", "--name", "spare"]);
    let (listed, list) = command(database, &["key", "list"]);
    let spare = listed.lines().find(|line| line.ends_with("spare")).unwrap().split('\t').next().unwrap();
    let (_, revoked) = command(database, &["key", "revoke", spare]);
    for part in [imported, judged, assignments, profiles, undone, created, list, revoked] {
        log += &part;
    }
    log
}

/// Calls every route, the most of them with something to find; returns the paths that were called.
async fn calls(client: &Client) -> Vec<(Method, String)> {
    let mut called = Vec::new();
    let first = client.store(&order("1", &jane())).await;
    let again = client.store(&order("4", &with(jane(), "/company", json!("Acme")))).await;
    let doe = json!({"name": "John Doe", "emails": ["john@example.com"]});
    let other = client.store(&with(order("2", &doe), "/source", json!("till"))).await;
    let ids = |answer: &Value, name: &str| answer[name].as_str().unwrap().to_owned();
    let (profile, record, event) = (ids(&first, "profile_id"), ids(&first, "record_id"), ids(&first, "event_id"));
    let theirs = ids(&other, "record_id");
    let ruling = json!({"a": [record], "b": [theirs], "verdict": "same"});
    let judged = client.post("/v1/judgements", &ruling).await.expect(201).json();
    let judgement = format!("/v1/judgements/{}", judged["judgement"]["judgement_id"].as_str().unwrap());
    let values = Call::post(format!("/v1/profiles/{profile}/values"));
    let chosen = client.check(values.json(&json!({"attribute": "/company", "value": "Bolt"}))).await.expect(200).json();
    let withdrawn = format!("/v1/judgements/{}", chosen["judgements"][0]["judgement_id"].as_str().unwrap());
    let mail = json!({"email": "john@example.com"});
    let mut all: Vec<Call> = [
        "",
        "/events?channel=order",
        "/records",
        "/history",
        "/graph",
        "?include=provenance",
        "/lineage",
        "?as_of=1",
        "/diff?from=0",
        "/values",
        "/events?as_of=2999-01-01T00:00:00Z",
    ]
    .map(|part| Call::get(format!("/v1/profiles/{profile}{part}")))
    .into();
    all.extend(
        [
            "/v1/events?source=shop&source_event_id=1",
            &format!("/v1/events/{event}"),
            &format!("/v1/records/{record}"),
            "/v1/profiles/lookup?email=john%40example.com",
            "/v1/profiles/search?q=john",
            &format!("/v1/explain?a={record}&b={theirs}"),
            "/v1/identifiers/shared",
            "/v1/reviews?kind=possible_match&assignee=anna",
            "/v1/exports/assignments",
            "/v1/model",
            "/readyz",
            "/livez",
            "/metrics",
            "/openapi.yaml",
            &judgement,
        ]
        .map(Call::get),
    );
    all.extend([
        Call::post("/v1/events/batch").json(&json!([order("3", &jane()), order("1", &doe)])),
        Call::post("/v1/profiles/lookup").json(&mail),
        Call::post("/v1/profiles/search").json(&json!({"q": "john"})),
        Call::post("/v1/profiles/match").json(&jane()),
        Call::new(Method::PUT, "/v1/sources/shop").json(&json!({})),
        Call::post(format!("/v1/profiles/{profile}/values")).json(&json!({"attribute": "/name", "value": "Jane Roe"})),
        Call::new(Method::DELETE, withdrawn),
        Call::new(Method::DELETE, judgement),
        Call::post(format!("/v1/profiles/{profile}/split")).json(&json!({"records": [[again["record_id"]]]})),
        Call::post("/v1/profiles/merge").json(&json!({"profiles": [profile, other["profile_id"]],
            "values": [{"attribute": "/emails/0", "value": "john@example.com"}]})),
    ]);
    for call in all {
        called.push((call.method().clone(), call.path().to_owned()));
        let answer = client.check(call).await;
        assert!(answer.status < 300, "{answer}");
    }
    called.extend(decide(client).await);
    called.extend(remodel(client).await);
    called.extend([(Method::POST, "/v1/events".into()), (Method::POST, "/v1/judgements".into())]);
    called
}

/// Calls everything that can be done with the model; returns the paths that were called.
async fn remodel(client: &Client) -> Vec<(Method, String)> {
    let model = crate::model::model("exact_cap = 200", "exact_cap = 2");
    let mut called = Vec::new();
    for (what, status) in
        [("validate", 200), ("diff", 200), ("apply", 200), ("rollback", 200), ("resume", 0), ("pause", 0)]
    {
        let path = format!("/v1/model/{what}");
        called.push((Method::POST, path.clone()));
        let call = Call::post(path);
        let call = if matches!(what, "validate" | "diff" | "apply") {
            call.body("application/toml", model.as_str())
        } else {
            call
        };
        let answer = client.check(call).await;
        // A change of so few profiles may be done by now.
        assert!(answer.status == status || (status == 0 && [200, 409].contains(&answer.status)), "{answer}");
    }
    called
}

/// Calls everything that can be done with a review; returns the paths that were called.
async fn decide(client: &Client) -> Vec<(Method, String)> {
    let review = crate::reviews::waiting(client).await;
    let path = format!("/v1/reviews/{}", review["review_id"].as_str().unwrap());
    let decision = json!({"decision": "different"});
    let calls = [
        Call::get(&path),
        Call::new(Method::PATCH, &path).json(&json!({"assignee": "anna", "snoozed_until": "2020-01-01T00:00:00Z"})),
        Call::post(format!("{path}/decision")).json(&decision),
        Call::new(Method::DELETE, format!("{path}/decision")),
        Call::post("/v1/reviews/decisions").json(&json!({"reviews": [review["review_id"]], "decision": "dismiss"})),
    ];
    let mut called = Vec::new();
    for call in calls {
        called.push((call.method().clone(), call.path().to_owned()));
        client.check(call).await.expect(200);
    }
    called
}

/// Opens the console's pages.
async fn pages(server: &Process) {
    let (http, cookie) = (reqwest::Client::new(), crate::console::cookie(server.address).await);
    for page in ["", "/reviews", "/search?q=john", "/identifiers", "/settings"] {
        let call = http.get(format!("http://{}/console{page}", server.address)).header("cookie", &cookie);
        assert_eq!(call.send().await.unwrap().status(), 200, "{page}");
    }
}

#[tokio::test]
async fn every_statement_stays_within_one_tenant() {
    let database = TestDatabase::fresh().await;
    let server = Process::serve(&database);
    let called = calls(&server.client()).await;
    pages(&server).await;
    for (path, item) in DOCUMENT["paths"].as_object().unwrap() {
        for method in item.as_object().unwrap().keys() {
            let fits = |(sent, to): &(Method, String)| {
                let to = to.split('?').next().unwrap();
                sent.as_str().eq_ignore_ascii_case(method) && crate::contract::fits(path, to)
            };
            assert!(called.iter().any(fits), "{method} {path} is not called");
        }
    }
    let log = commands(&database) + &server.kill();
    let statements = statements(&log);
    for table in TENANT_TABLES {
        assert!(statements.iter().any(|sql| sql.contains(table)), "no statement on {table} is seen");
    }
    let wrong: Vec<String> =
        statements.iter().filter_map(|sql| check(sql).map(|complaint| format!("{complaint}: {sql}"))).collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[tokio::test]
async fn the_list_of_tables_is_that_of_the_database_and_every_key_begins_with_the_tenant() {
    let database = TestDatabase::fresh().await;
    let connection = database.connect().await;
    let backend = connection.get_database_backend();
    let column = async |sql: &str| -> Vec<String> {
        let rows = connection.query_all_raw(Statement::from_string(backend, sql)).await.unwrap();
        rows.iter().map(|row| row.try_get("", "name").unwrap()).collect()
    };
    let tables = match backend {
        DbBackend::Postgres => "SELECT tablename::text AS name FROM pg_tables WHERE schemaname = current_schema()",
        _ => "SELECT name FROM sqlite_master WHERE type = 'table'",
    };
    let mut found = column(tables).await;
    found.retain(|table| table != "seaql_migrations");
    found.sort();
    let mut listed: Vec<&str> = TENANT_TABLES.into_iter().chain([TENANTS]).collect();
    listed.sort_unstable();
    assert_eq!(found, listed);
    for table in TENANT_TABLES {
        let key = match backend {
            DbBackend::Postgres => format!(
                "SELECT a.attname::text AS name FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid \
                 AND a.attnum = i.indkey[0] WHERE i.indrelid = '{table}'::regclass"
            ),
            _ => format!(
                "SELECT x.name FROM pragma_index_list('{table}') l CROSS JOIN pragma_index_info(l.name) x WHERE x.seqno = 0 \
                 UNION ALL SELECT name FROM pragma_table_info('{table}') WHERE pk = 1"
            ),
        };
        let first = column(&key).await;
        assert!(!first.is_empty() && first.iter().all(|name| name == "tenant_id"), "{table}: {first:?}");
        let foreign = match backend {
            DbBackend::Postgres => {
                format!(
                    "SELECT conname::text AS name FROM pg_constraint WHERE contype = 'f' AND conrelid = '{table}'::regclass"
                )
            }
            _ => format!("SELECT \"table\" AS name FROM pragma_foreign_key_list('{table}')"),
        };
        assert_eq!(column(&foreign).await, Vec::<String>::new(), "{table}");
    }
}
