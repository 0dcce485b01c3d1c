//! The model as operators change it: over the API and on the command line, tried first, paused, resumed and rolled back; and what
//! stewards ruled stays as it was ruled.

use crate::{
    client::{Answer, Call, Client},
    command_line::{onefold, stdout},
    database::TestDatabase,
    judgements::{everything, living},
    people::Person,
    process::Process,
    sample::{demo, jane, ndjson, order, with},
    server::TestServer,
};
use onefold::{
    actions::{
        access::{DEFAULT_TENANT, Scope},
        remodel,
    },
    domain::model::Model,
    engine::Engine,
};
use serde_json::{Value, json};
use std::process::Command;

const DEFAULT: &str = include_str!("../../src/domain/default_model.toml");
/// How many events the default run of a scenario brings, and the long one.
const SOME: u32 = 300;
const MANY: u32 = 10_000;

/// The default model with something replaced, under a name of its own.
pub fn model(from: &str, to: &str) -> String {
    assert!(DEFAULT.contains(from), "{from}");
    DEFAULT.replace(from, to).replace("version = \"default-1\"", "version = \"house-2\"")
}

/// One that joins hardly anybody.
fn strict() -> String {
    model("match = 2.0", "match = 40.0")
}

/// One that joins whoever is alike.
fn loose() -> String {
    model("prior = \"auto\"", "prior = -5.0")
}

fn toml(path: &str, text: &str) -> Call {
    Call::post(path).body("application/toml", text)
}

async fn apply(client: &Client, text: &str) -> Answer {
    client.check(toml("/v1/model/apply", text)).await
}

async fn tell(client: &Client, what: &str) -> Answer {
    client.check(Call::post(format!("/v1/model/{what}"))).await
}

/// Waits until no change is under way; returns how it stands.
async fn settled(client: &Client) -> Value {
    loop {
        let status = client.get("/v1/model").await;
        if status["change"].is_null() {
            return status;
        }
    }
}

/// Puts a model in force, and waits until all has gone over to it.
pub async fn changed(client: &Client, text: &str) {
    apply(client, text).await.expect(200);
    settled(client).await;
}

/// Takes the last change back, and waits until all has gone over.
pub async fn rolled_back(client: &Client) {
    tell(client, "rollback").await.expect(200);
    settled(client).await;
}

/// Opens a change as another process would that ended at once.
async fn begun(database: &TestDatabase, text: &str) {
    let engine = Engine::open(&database.settings()).await.unwrap();
    let tenant = engine.tenant(DEFAULT_TENANT).await.unwrap().unwrap();
    let model = Model::from_toml(text).unwrap();
    remodel::apply(&engine.lanes, engine.rulebook(&tenant), &model, "another").await.unwrap();
    engine.connection.close().await.unwrap();
    engine.lanes.close().await.unwrap();
}

#[tokio::test]
async fn a_model_is_checked_tried_applied_and_rolled_back_and_all_is_as_before() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&demo()).await;
    let before = everything(&client).await;
    let status = client.get("/v1/model").await;
    assert_eq!(
        (&status["version"], &status["change"], &status["history"]),
        (&json!("default-1"), &Value::Null, &json!([]))
    );
    assert_eq!(status["toml"], DEFAULT);

    let good = client.check(toml("/v1/model/validate", &strict())).await.expect(200).json();
    assert_eq!((&good["version"], &good["match_at"]), (&json!("house-2"), &json!(40.0)));
    let same = client.check(toml("/v1/model/diff", DEFAULT)).await.expect(200).json();
    assert_eq!((&same["profiles"], &same["next"]), (&same["unchanged"], &Value::Null), "{same}");
    let diff = client.check(toml("/v1/model/diff?samples=3", &strict())).await.expect(200).json();
    let split = &diff["split"];
    assert!(split["profiles"].as_u64() > Some(10) && split["into"].as_u64() > split["profiles"].as_u64(), "{diff}");
    assert_eq!(diff["samples"].as_array().unwrap().len(), 3);
    let sample = &diff["samples"][0];
    assert_eq!(
        (&sample["what"], &sample["now"]["together"], &sample["then"]["together"]),
        (&json!("split"), &json!(true), &json!(false))
    );
    assert_eq!(
        (&sample["now"]["model_version"], &sample["then"]["model_version"]),
        (&json!("default-1"), &json!("house-2"))
    );
    assert_eq!(everything(&client).await, before, "a trial changes nothing");

    let applied = apply(&client, &strict()).await.expect(200).json();
    assert_eq!((&applied["number"], &applied["actor"]), (&json!(1), &json!("admin")));
    let status = settled(&client).await;
    assert_eq!((&status["version"], &status["history"][0]["state"]), (&json!("house-2"), &json!("applied")));
    let after = everything(&client).await;
    let profiles = |of: &std::collections::BTreeMap<String, Value>| of.len() as u64 - 1;
    assert_eq!(
        profiles(&after),
        profiles(&before) - split["profiles"].as_u64().unwrap() + split["into"].as_u64().unwrap()
    );

    let rolled_back = tell(&client, "rollback").await.expect(200).json();
    assert_eq!((&rolled_back["version"], &rolled_back["reverts"]), (&json!("default-1"), &json!(1)));
    let status = settled(&client).await;
    let stands: Vec<&Value> = status["history"].as_array().unwrap().iter().map(|change| &change["state"]).collect();
    assert_eq!(stands, ["applied", "rolled_back", "applied"]);
    assert_eq!(everything(&client).await, before);
}

#[tokio::test]
async fn a_diff_in_parts_adds_up_to_that_in_one() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&demo()).await;
    apply(&client, &strict()).await.expect(200);
    settled(&client).await;
    let whole = client.check(toml("/v1/model/diff?samples=0", DEFAULT)).await.expect(200).json();
    assert!(whole["merged"]["profiles"].as_u64() > Some(1), "{whole}");
    let (mut sums, mut after) = (json!({}), None::<String>);
    loop {
        let cursor = after.map(|after| format!("&after={after}")).unwrap_or_default();
        let part = client.check(toml(&format!("/v1/model/diff?limit=7&samples=0{cursor}"), DEFAULT)).await;
        let part = part.expect(200).json();
        for pointer in ["/profiles", "/unchanged", "/changed", "/merged/profiles", "/merged/into", "/split/into"] {
            let sum = sums[pointer].as_u64().unwrap_or(0) + part.pointer(pointer).unwrap().as_u64().unwrap();
            sums[pointer] = sum.into();
        }
        after = part["next"].as_str().map(str::to_owned);
        if after.is_none() {
            break;
        }
    }
    for (pointer, sum) in sums.as_object().unwrap() {
        assert_eq!(whole.pointer(pointer).unwrap(), sum, "{pointer}");
    }
}

#[tokio::test]
async fn what_does_not_fit_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store(&order("1", &jane())).await;
    for path in ["/v1/model/validate", "/v1/model/diff", "/v1/model/apply"] {
        let problem = client.check(toml(path, &model("bits = 27.0", "bits = nan"))).await.expect(422).json();
        let detail = problem["detail"].as_str().unwrap();
        assert!(detail.starts_with("line ") && detail.contains("a weight must be finite"), "{detail}");
        client.check(toml(path, "version = 7")).await.expect(422);
        client.check(Call::post(path).json(&json!({}))).await.expect(415);
        client.check(Call::post(path).body("application/toml", vec![0xff])).await.expect(422);
    }
    for query in ["limit=0", "limit=2001", "samples=101", "after=x", "colour=red"] {
        client.check(toml(&format!("/v1/model/diff?{query}"), DEFAULT)).await.expect(422);
    }
    for what in ["pause", "resume"] {
        assert_eq!(tell(&client, what).await.expect(409).json()["type"], "/problems/model-not-changing");
    }
    assert_eq!(tell(&client, "rollback").await.expect(409).json()["type"], "/problems/no-model-before");
    let reader = server.client_for(&[Scope::ProfilesRead, Scope::ReviewWrite]).await;
    reader.get("/v1/model").await;
    apply(&reader, DEFAULT).await.expect(403);
    tell(&reader, "rollback").await.expect(403);
    assert_eq!(client.get("/v1/model").await["history"], json!([]));
}

/// The console's page of settings.
async fn settings(server: &TestServer) -> String {
    let (http, cookie) = (reqwest::Client::new(), crate::console::cookie(server.address).await);
    let call = http.get(format!("http://{}/console/settings", server.address)).header("cookie", &cookie);
    call.send().await.unwrap().text().await.unwrap()
}

#[tokio::test]
async fn a_change_is_paused_goes_on_and_is_not_overtaken_by_another_one() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&demo()).await;
    begun(&server.database, &strict()).await;
    assert_eq!(apply(&client, DEFAULT).await.expect(409).json()["type"], "/problems/model-changing");
    assert_eq!(tell(&client, "pause").await.expect(200).json()["state"], "paused");
    assert_eq!(tell(&client, "pause").await.expect(200).json()["state"], "paused");
    let status = client.get("/v1/model").await;
    assert_eq!((&status["change"]["state"], &status["change"]["done"]), (&json!("paused"), &json!(0)));
    let page = settings(&server).await;
    assert!(page.contains("<progress") && page.contains("is paused") && page.contains("house-2"), "{page}");
    // What arrives is by the new model already.
    let [first, second] = [jane(), json!({"name": "Jane Featherstone", "emails": ["jane.featherstone@example.com"]})];
    let first = client.store(&order("1", &first)).await;
    let second = client.store(&order("2", &second)).await;
    assert_ne!(first["profile_id"], second["profile_id"]);
    tell(&client, "resume").await.expect(200);
    let status = settled(&client).await;
    assert_eq!((&status["history"][0]["state"], &status["version"]), (&json!("applied"), &json!("house-2")));
    tell(&client, "rollback").await.expect(200);
    settled(&client).await;
    assert_eq!(living(&client, &first["profile_id"]).await, living(&client, &second["profile_id"]).await);
}

/// While a change is paused whatever an event touches is as the new model has it, with all that it leads to by it.
#[tokio::test]
async fn what_is_touched_goes_over_wholly_with_all_that_it_leads_to() {
    let server = TestServer::start().await;
    let client = server.client();
    let nobody = strict().replace("possible = -4.0", "possible = 39.0");
    apply(&client, &nobody).await.expect(200);
    settled(&client).await;
    let jane = json!({"given_name": "Jane", "family_name": "Featherstone", "birth_date": "1990-01-02"});
    let account = json!([{"namespace": "shop", "value": "C-7"}]);
    let by_phone = with(jane.clone(), "/phones", json!(["+442079460958"]));
    let mut by_account = json!({"given_name": "Jane", "phones": ["+442079460958"]});
    by_account["external_ids"] = account.clone();
    let mut stored = Vec::new();
    for (id, contact) in [("1", &jane), ("2", &by_phone), ("3", &by_account)] {
        stored.push(client.store(&order(id, contact)).await);
    }
    let others = [1, 2].map(|number| with(contact(number), "/phones", json!(["+442079460100"])));
    for (number, contact) in others.iter().enumerate() {
        client.store(&order(&format!("office-{number}"), contact)).await;
    }
    begun(&server.database, &model("shared_names = 8", "shared_names = 2")).await;
    tell(&client, "pause").await.expect(200);
    assert_eq!(client.get("/v1/identifiers/shared").await["items"], json!([]));

    // It knows the third alone, which leads to the second, which leads to the first by the new model alone.
    let event = client.store(&order("4", &json!({"external_ids": account}))).await;
    for known in &stored {
        assert_eq!(living(&client, &known["profile_id"]).await, living(&client, &event["profile_id"]).await);
    }
    // A third name makes the number a shared one, by the new model alone.
    client.store(&order("office-3", &with(contact(3), "/phones", json!(["+442079460100"])))).await;
    let shared = client.get("/v1/identifiers/shared").await;
    assert_eq!(shared["items"].as_array().unwrap().len(), 1, "{shared}");
    let paused = client.get("/v1/model").await;
    assert_eq!((&paused["change"]["state"], &paused["change"]["done"]), (&json!("paused"), &json!(0)));
}

#[tokio::test]
async fn a_server_that_starts_goes_on_with_what_was_under_way() {
    let database = TestDatabase::fresh().await;
    let server = Process::serve(&database);
    server.client().store_all(&demo()[..100]).await;
    server.kill();
    begun(&database, &strict()).await;
    let server = Process::serve(&database);
    assert_eq!(settled(&server.client()).await["history"][0]["state"], "applied");
}

#[tokio::test]
async fn the_command_line_does_the_same_with_exit_codes_for_scripts() {
    let database = TestDatabase::fresh().await;
    let folder = tempfile::tempdir().unwrap();
    let file = |name: &str, text: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, text).unwrap();
        path.to_str().unwrap().to_owned()
    };
    let (events, house) = (file("events.ndjson", &ndjson(&demo())), file("house.toml", &strict()));
    let (same, broken) = (file("same.toml", DEFAULT), file("broken.toml", &model("bits = 27.0", "bits = nan")));
    let run = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_onefold"));
        let output = command.args(arguments).env("ONEFOLD_DATABASE_URL", &database.url).output().unwrap();
        (
            output.status.code().unwrap(),
            String::from_utf8(output.stdout).unwrap(),
            String::from_utf8(output.stderr).unwrap(),
        )
    };
    onefold(&database.url, &["import", &events]);
    let exported = || stdout(onefold(&database.url, &["export", "assignments"]));
    let before = exported();
    assert!(run(&["model", "validate", &house]).1.contains("model house-2 is good"));
    let (code, _, said) = run(&["model", "validate", &broken]);
    assert!(code == 1 && said.contains("line ") && said.contains("must be finite"), "{said}");
    assert_eq!(run(&["model", "diff", &same]).0, 0);
    let (code, told, _) = run(&["model", "diff", "--samples", "1", &house]);
    assert!(
        code == 2 && told.contains("would fall apart into") && told.contains("then: They are kept apart"),
        "{told}"
    );
    let (code, _, said) = run(&["model", "rollback"]);
    assert!(code == 1 && said.contains("none to go back to"), "{said}");
    assert_eq!(exported(), before);

    let applied = stdout(onefold(&database.url, &["model", "apply", &house]));
    assert!(applied.starts_with("1: model house-2: applied, "), "{applied}");
    let (done, rest) = applied.split_once(" of ").unwrap();
    assert!(rest.starts_with(done.rsplit(' ').next().unwrap()), "{applied}");
    assert_ne!(exported(), before);
    // A model of the process is for tenants that never applied one.
    let status = stdout(onefold(&database.url, &["model", "status", "--model", &same]));
    assert!(status.starts_with("in force: model house-2\n"), "{status}");
    let back = stdout(onefold(&database.url, &["model", "rollback"]));
    assert!(back.starts_with("2: model default-1, takes 1 back: applied"), "{back}");
    assert_eq!(exported(), before);
    assert!(run(&["model", "pause"]).2.contains("no change of model is under way"));
}

/// What was ruled, as it must stay.
struct Ruled {
    alike: [Value; 2],
    unlike: [Value; 2],
}

impl Ruled {
    /// Two who are alike are ruled to be two, and two who are not to be one.
    async fn rule(client: &Client) -> Self {
        let janet = with(jane(), "/given_name", json!("Janet"));
        let alike = [client.store(&order("a1", &jane())).await, client.store(&order("a2", &janet)).await];
        assert_eq!(alike[0]["profile_id"], alike[1]["profile_id"]);
        let [one, other] = [90_001, 90_002].map(|number| order(&format!("u{number}"), &contact(number)));
        let unlike = [client.store(&one).await, client.store(&other).await];
        assert_ne!(unlike[0]["profile_id"], unlike[1]["profile_id"]);
        let ruled = Self { alike, unlike };
        for (pair, verdict) in [(&ruled.alike, "different"), (&ruled.unlike, "same")] {
            let ruling = json!({"a": [pair[0]["record_id"]], "b": [pair[1]["record_id"]], "verdict": verdict});
            client.post("/v1/judgements", &ruling).await.expect(201);
        }
        ruled
    }

    async fn holds(&self, client: &Client, when: &str) {
        let holder = async |of: &Value| {
            client.get(&format!("/v1/records/{}", of["record_id"].as_str().unwrap())).await["profile_id"].clone()
        };
        let (alike, unlike) = (&self.alike, &self.unlike);
        assert_ne!(holder(&alike[0]).await, holder(&alike[1]).await, "the alike are one {when}");
        assert_eq!(holder(&unlike[0]).await, holder(&unlike[1]).await, "the unlike are two {when}");
    }
}

fn contact(number: u32) -> Value {
    let Person { given, family, emails: [email, _], phone, .. } = Person::number(number);
    json!({"given_name": given, "family_name": family, "emails": [email], "phones": [phone]})
}

/// Each person twice, and now and then one of those who were judged.
fn stream(part: u32, count: u32) -> Vec<Value> {
    let event = |number: u32| {
        let who = match number % 50 {
            7 => jane(),
            8 => with(jane(), "/given_name", json!("Janet")),
            9 => contact(90_001),
            _ => contact(part * 100_000 + number / 2),
        };
        order(&format!("{part}-{number}"), &with(who, "/company", json!(format!("Firm {}", number % 3))))
    };
    (0..count).map(event).collect()
}

/// Rulings outlast a change of model, events meanwhile, its being rolled back, and a restart of the server.
async fn rulings_outlast_models(events: u32) {
    let database = TestDatabase::fresh().await;
    let mut server = Process::serve(&database);
    let mut client = server.client();
    let ruled = Ruled::rule(&client).await;
    client.store_all(&stream(1, events / 4)).await;
    ruled.holds(&client, "under the first model").await;
    for (part, (name, text)) in (2..).zip([("loose", Some(loose())), ("strict", Some(strict())), ("rolled back", None)])
    {
        match text {
            Some(text) => apply(&client, &text).await.expect(200),
            None => tell(&client, "rollback").await.expect(200),
        };
        client.store_all(&stream(part, events / 4)).await;
        ruled.holds(&client, &format!("while the model is {name}")).await;
        settled(&client).await;
        ruled.holds(&client, &format!("once the model is {name}")).await;
        server.kill();
        server = Process::serve(&database);
        client = server.client();
        ruled.holds(&client, &format!("after a restart, {name}")).await;
    }
}

#[tokio::test]
async fn what_stewards_ruled_outlasts_models_and_restarts() {
    rulings_outlast_models(SOME).await;
}

#[tokio::test]
#[ignore = "long: 10,000 events"]
async fn what_stewards_ruled_outlasts_models_and_restarts_over_many_events() {
    rulings_outlast_models(MANY).await;
}
