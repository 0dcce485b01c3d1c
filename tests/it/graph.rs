//! How a profile holds together: the records, the steps that made them one, and who is kept apart.

use crate::{
    client::{Call, Client},
    sample::{order, with},
    server::TestServer,
};
use serde_json::{Value, json};

/// The graph of a profile; its text tells each step and each neighbour.
async fn graph(client: &Client, profile: &Value) -> Value {
    let graph = client.get(&format!("/v1/profiles/{}/graph", profile.as_str().unwrap())).await;
    let text = graph["text"].as_str().unwrap();
    for step in [&graph["joins"], &graph["possibles"]].into_iter().flat_map(|list| list.as_array().unwrap()) {
        assert!(text.contains(step["text"].as_str().unwrap()), "{graph}");
    }
    graph
}

fn steps(graph: &Value) -> Vec<&str> {
    graph["joins"].as_array().unwrap().iter().map(|join| join["how"].as_str().unwrap()).collect()
}

#[tokio::test]
async fn a_record_alone_has_no_steps() {
    let server = TestServer::start().await;
    let client = server.client();
    let alone = client.store(&order("1", &json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"]}))).await;
    let graph = graph(&client, &alone["profile_id"]).await;
    assert_eq!((&graph["joins"], &graph["possibles"]), (&json!([]), &json!([])));
    let member = json!({"record_id": alone["record_id"], "node_id": alone["record_id"], "is_node": true, "events": 1,
        "sources": ["shop"]});
    assert_eq!(graph["members"], json!([member]));
}

#[tokio::test]
async fn a_mailbox_and_a_number_are_tied_by_the_contact_that_has_both() {
    let server = TestServer::start().await;
    let client = server.client();
    let by_mail = json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"]});
    let by_phone = json!({"name": "Zoë Kraft", "phones": ["+442079460123"]});
    let both = json!({"name": "Zoë Kraft", "emails": ["zoe.kraft@example.com"], "phones": ["+442079460123"]});
    let mail = client.store(&order("1", &by_mail)).await;
    let phone = client.store(&with(order("2", &by_phone), "/source", json!("till"))).await;
    let bridge = client.store(&order("3", &both)).await;
    // Given differently, and the same once normalised.
    let again = client.store(&order("4", &with(json!({"c": by_mail}), "/c/name", json!("ZOË KRAFT"))["c"])).await;
    assert_ne!(again["record_id"], mail["record_id"]);

    let graph = graph(&client, &bridge["profile_id"]).await;
    assert_eq!(graph["members"].as_array().unwrap().len(), 4);
    assert_eq!(steps(&graph), ["same_form", "match", "match"]);
    let (same, ties) = (&graph["joins"][0], &graph["joins"].as_array().unwrap()[1..]);
    let mut twins = [&same["record_a"], &same["record_b"]].map(|id| id.as_str().unwrap());
    twins.sort_unstable();
    let mut expected = [&mail["record_id"], &again["record_id"]].map(|id| id.as_str().unwrap());
    expected.sort_unstable();
    assert_eq!((twins, &same["weight"]), (expected, &Value::Null));
    for tie in ties {
        assert!([&tie["record_a"], &tie["record_b"]].contains(&&bridge["record_id"]), "{tie}");
        assert!(tie["weight"].as_f64().unwrap() > 2.0, "{tie}");
        assert!(tie["text"].as_str().unwrap().contains(" exact "), "{tie}");
    }
    let nodes: Vec<&Value> =
        graph["members"].as_array().unwrap().iter().filter(|member| member["is_node"] == true).collect();
    assert_eq!(nodes.len(), 3);
    let profile = client.get(&format!("/v1/profiles/{}/history", bridge["profile_id"].as_str().unwrap())).await;
    assert_eq!(graph["position"], profile["items"][0]["position"]);
    for id in [&mail["profile_id"], &phone["profile_id"]] {
        let asked = client.get(&format!("/v1/profiles/{}/graph", id.as_str().unwrap())).await;
        let retired = *id != bridge["profile_id"];
        assert_eq!(asked.get("redirected_from"), retired.then_some(id));
        assert_eq!(asked["joins"], graph["joins"]);
    }
}

#[tokio::test]
async fn a_neighbour_is_named_with_the_reason() {
    let server = TestServer::start().await;
    let client = server.client();
    let of_household = |name: &str| json!({"name": name, "phones": ["+442079460123"]});
    let anna = client.store(&order("1", &of_household("Anna Kraft"))).await;
    let bernd = client.store(&order("2", &of_household("Bernd Kraft"))).await;
    assert_ne!(anna["profile_id"], bernd["profile_id"]);
    let graph = graph(&client, &anna["profile_id"]).await;
    let possible = &graph["possibles"][0];
    assert_eq!((&possible["profile_id"], &possible["why"]), (&bernd["profile_id"], &json!("names")));
    assert!(possible["text"].as_str().unwrap().ends_with("most of their names disagree."), "{possible}");
}

#[tokio::test]
async fn what_a_steward_ruled_shows_in_the_graph_and_in_the_explanation() {
    let server = TestServer::start().await;
    let client = server.client();
    let anna = client.store(&order("1", &json!({"name": "Anna Kraft", "emails": ["anna@example.com"]}))).await;
    let zoe = client.store(&order("2", &json!({"name": "Zoë Marlow", "emails": ["zoe@example.org"]}))).await;
    let (a, b) = (&anna["record_id"], &zoe["record_id"]);
    let judge = async |verdict: &str, reason: &str| {
        let ruling = json!({"a": [a], "b": [b], "verdict": verdict, "reason": reason});
        client.post("/v1/judgements", &ruling).await.expect(201).json()["judgement"].clone()
    };
    let explain = async |a: &Value, b: &Value| {
        client.get(&format!("/v1/explain?a={}&b={}", a.as_str().unwrap(), b.as_str().unwrap())).await
    };
    assert_eq!(explain(a, b).await["judgements"], json!([]));

    let same = judge("same", "She married.").await;
    let ruled = |of: &Value, verdict: &str, suspended: bool| json!({"judgement_id": of["judgement_id"], "verdict": verdict, "reason": of["reason"], "suspended": suspended});
    let explained = explain(a, b).await;
    assert_eq!(explained["judgements"], json!([ruled(&same, "same", false)]));
    assert_eq!((&explained["together"], &explained["reason"]), (&json!(true), &json!("judged_same")));
    assert!(explained["text"].as_str().unwrap().contains("She married."), "{explained}");
    let graph = graph(&client, &anna["profile_id"]).await;
    assert_eq!(steps(&graph), ["judged"]);

    let different = judge("different", "").await;
    let explained = explain(&anna["profile_id"], b).await;
    assert_eq!(explained["judgements"], json!([ruled(&same, "same", true), ruled(&different, "different", false)]));
    assert_eq!((&explained["together"], &explained["reason"]), (&json!(false), &json!("judged")));
}

#[tokio::test]
async fn there_is_no_graph_of_what_is_not_there() {
    let server = TestServer::start().await;
    for id in ["profile_01m80et9pjef4vh9bb6tmevmkk", "profile_x", "record_3p4d30xva5wc8hnzr0aybeewr0"] {
        server.client().check(Call::get(format!("/v1/profiles/{id}/graph"))).await.expect(404);
    }
}
