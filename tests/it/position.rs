//! Every answer names the position up to which it knows everything.

use crate::{
    client::{Answer, Call, Client},
    command_line::onefold,
    sample::{jane, order, with},
    server::TestServer,
};
use serde_json::{Value, json};

fn position(answer: &Answer) -> i64 {
    answer.header("onefold-position").parse().unwrap_or_else(|_| panic!("names no position\n{answer}"))
}

async fn get(client: &Client, path: &str) -> Answer {
    client.check(Call::get(path)).await.expect(200)
}

#[tokio::test]
async fn what_is_asked_again_as_of_the_position_of_an_answer_is_the_same() {
    let server = TestServer::start().await;
    let client = server.client();
    let sent = client.post("/v1/events", &order("1", &jane())).await.expect(201);
    let first = position(&sent);
    let path = format!("/v1/profiles/{}", sent.json()["profile_id"].as_str().unwrap());
    let mut answers = vec![get(&client, &path).await];
    assert!(position(&answers[0]) >= first);
    for company in ["Acme", "Bolt"] {
        let event = order(company, &with(jane(), "/company", json!(company)));
        let sent = client.post("/v1/events", &event).await.expect(201);
        let again = client.post("/v1/events", &event).await.expect(200);
        assert_eq!(position(&again), position(&sent), "the first answer");
        let answer = get(&client, &path).await;
        assert!(position(&answer) >= position(&sent), "whoever reads what they wrote knows it");
        answers.push(answer);
    }
    for answer in answers {
        let then = get(&client, &format!("{path}?as_of={}", position(&answer))).await;
        assert_eq!(position(&then), position(&answer));
        assert_eq!(then.json()["golden"], answer.json()["golden"]);
    }
    for part in ["/records", "/events"] {
        assert_eq!(position(&get(&client, &format!("{path}{part}?as_of={first}")).await), first);
    }
    assert_eq!(position(&get(&client, &format!("{path}/diff?from=0&to={first}")).await), first);
}

#[tokio::test]
async fn changes_are_in_whatever_has_their_position() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = crate::reviews::waiting(&client).await;
    let before = position(&get(&client, "/v1/reviews").await);
    let trial = Call::post("/v1/profiles/merge?dry_run=true").json(&json!({"profiles": review["profiles"]}));
    let trial = client.check(trial).await.expect(200);
    let decision = json!({"reviews": [review["review_id"]], "decision": "same"});
    let decided = client.post("/v1/reviews/decisions", &decision).await.expect(200);
    assert!(position(&decided) > before);
    let found = get(&client, "/v1/profiles/lookup?phone=%2B442079460123").await;
    assert_eq!(found.json()["items"].as_array().unwrap().len(), 1);
    assert!(position(&found) >= position(&decided));

    let batch = client.post("/v1/events/batch", &json!([order("1", &jane()), order("2", &jane())])).await.expect(200);
    assert!(position(&batch) > position(&decided));
    // Trials, and answers that tell of nobody and nothing, have one, too.
    let nobody = get(&client, "/v1/profiles/lookup?email=nobody%40example.com").await;
    let empty = client.post("/v1/events/batch", &Value::Array(Vec::new())).await.expect(200);
    assert!(position(&nobody) > 0 && position(&empty) >= position(&batch));
    assert!(position(&trial) < position(&decided));
    // What is refused names none.
    let refused = client.check(Call::get("/v1/reviews?limit=0")).await.expect(422);
    assert_eq!(refused.header("onefold-position"), "");
}

#[tokio::test]
async fn exports_say_from_where_to_go_on() {
    let server = TestServer::start().await;
    let client = server.client();
    let sent = client.post("/v1/events", &order("1", &jane())).await.expect(201);
    let export = get(&client, "/v1/exports/assignments").await;
    assert!(position(&export) <= position(&sent) && export.text.lines().count() == 1);
    for what in ["assignments", "profiles"] {
        let output = onefold(&server.database.url, &["export", what]);
        let told = String::from_utf8(output.stderr).unwrap();
        assert!(told.contains(&format!("position {}", position(&sent))), "{told}");
    }
}
