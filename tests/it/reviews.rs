//! Reviews: they come with a reason and go with it, a steward decides them, and what was decided can be taken back.

use crate::{
    client::{Call, Client},
    judgements::{everything, living},
    people::Person,
    sample::{order, with},
    server::TestServer,
};
use onefold::actions::access::Scope;
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::BTreeSet;

const PHONE: &str = "+442079460123";

fn of_household(name: &str) -> Value {
    json!({"name": name, "phones": [PHONE]})
}

/// Two people on one telephone, whom an identifier ties and whose names disagree. Returns their review.
pub async fn waiting(client: &Client) -> Value {
    client.store(&order("anna", &of_household("Anna Kraft"))).await;
    client.store(&order("bernd", &of_household("Bernd Kraft"))).await;
    let mut open = queue(client, "kind=possible_match").await;
    assert_eq!(open.len(), 1, "{open:?}");
    open.remove(0)
}

async fn queue(client: &Client, query: &str) -> Vec<Value> {
    client.get(&format!("/v1/reviews?{query}")).await["items"].as_array().unwrap().clone()
}

fn path(review: &Value) -> String {
    format!("/v1/reviews/{}", review["review_id"].as_str().unwrap())
}

async fn shown(client: &Client, review: &Value) -> Value {
    client.get(&path(review)).await
}

async fn decide(client: &Client, review: &Value, decision: &str) -> Value {
    let body = json!({"decision": decision, "reason": "I asked them."});
    client.post(&format!("{}/decision", path(review)), &body).await.expect(200).json()
}

fn undo(review: &Value) -> Call {
    Call::new(Method::DELETE, format!("{}/decision", path(review)))
}

#[tokio::test]
async fn two_who_may_be_one_wait_and_what_is_decided_of_them_can_be_taken_back() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    assert_eq!((&review["state"], &review["why"]), (&json!("open"), &json!("names")));
    assert!(review["weight"].is_f64() && review["value"].as_f64().unwrap() > 0.0, "{review}");
    let profiles: Vec<&Value> = review["profiles"].as_array().unwrap().iter().collect();
    let detail = shown(&client, &review).await;
    let current: Vec<&Value> =
        detail["current"].as_array().unwrap().iter().map(|profile| &profile["profile_id"]).collect();
    assert_eq!(current, profiles);
    let before = everything(&client).await;

    let decided = decide(&client, &review, "same").await;
    let said = &decided["decided"];
    assert_eq!(
        (&decided["state"], &said["decision"], &said["actor"]),
        (&json!("decided"), &json!("same"), &json!("admin"))
    );
    assert_eq!(living(&client, profiles[0]).await, living(&client, profiles[1]).await);
    let judgement = client.get(&format!("/v1/judgements/{}", said["judgement_id"].as_str().unwrap())).await;
    assert_eq!(
        (&judgement["judgement"]["verdict"], &judgement["judgement"]["reason"]),
        (&json!("same"), &said["reason"])
    );
    assert_eq!(shown(&client, &review).await["current"].as_array().unwrap().len(), 1);
    assert_eq!(queue(&client, "").await, Vec::<Value>::new());
    assert_eq!(queue(&client, "state=decided").await, [decided]);

    let open = client.check(undo(&review)).await.expect(200).json();
    assert_eq!((&open["state"], open.get("decided")), (&json!("open"), None));
    assert_eq!(everything(&client).await, before);
    client.check(undo(&review)).await.expect(409);
}

#[tokio::test]
async fn whoever_was_held_apart_stays_so_and_waits_no_more() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    decide(&client, &review, "different").await;
    let named = with(of_household("Anna Kraft"), "/company", json!("Acme"));
    client.store(&order("3", &named)).await;
    assert_eq!(shown(&client, &review).await["state"], "decided");
    assert_eq!(queue(&client, "").await, Vec::<Value>::new());
    let body = json!({"decision": "same"});
    client.post(&format!("{}/decision", path(&review)), &body).await.expect(409);
    assert_eq!(client.check(undo(&review)).await.expect(200).json()["state"], "open");
}

#[tokio::test]
async fn what_new_evidence_settles_is_gone_from_the_queue_and_says_so() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    let ruling = json!({"a": [review["profiles"][0]], "b": [review["profiles"][1]], "verdict": "same"});
    let judged = client.post("/v1/judgements", &ruling).await.expect(201).json();
    let settled = shown(&client, &review).await;
    assert_eq!((&settled["state"], settled.get("decided")), (&json!("settled"), None));
    assert!(settled["position"].as_i64() > review["position"].as_i64(), "{settled}");
    assert_eq!(queue(&client, "").await, Vec::<Value>::new());
    let judgement = format!("/v1/judgements/{}", judged["judgement"]["judgement_id"].as_str().unwrap());
    client.check(Call::new(Method::DELETE, judgement)).await.expect(200);
    assert_eq!(shown(&client, &review).await["state"], "open");
}

#[tokio::test]
async fn what_an_event_proves_needs_no_look_any_more() {
    let server = TestServer::start().await;
    let client = server.client();
    let anna = |more: Value| {
        let mut contact = json!({"name": "Anna Kraft"});
        contact.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        contact
    };
    let (mailbox, number) = (json!(["anna@example.com"]), json!([PHONE]));
    client.store(&order("1", &anna(json!({"emails": mailbox})))).await;
    client.store(&order("2", &anna(json!({"phones": number})))).await;
    let open = queue(&client, "").await;
    assert_eq!(open.len(), 1, "{open:?}");
    client.store(&order("3", &anna(json!({"emails": mailbox, "phones": number})))).await;
    assert_eq!(living(&client, &open[0]["profiles"][0]).await, living(&client, &open[0]["profiles"][1]).await);
    let settled = shown(&client, &open[0]).await;
    assert_eq!((&settled["state"], &settled["opened_at"]), (&json!("settled"), &open[0]["opened_at"]));
    assert_eq!(queue(&client, "").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_dismissed_review_stays_closed_until_there_is_more_reason() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    assert_eq!(decide(&client, &review, "dismiss").await["state"], "dismissed");
    client.store(&order("3", &with(of_household("Anna Kraft"), "/company", json!("Acme")))).await;
    assert_eq!(queue(&client, "").await, Vec::<Value>::new());
    for (id, name) in [("4", "Anna Kraft"), ("5", "Bernd Kraft")] {
        let mailbox = with(of_household(name), "/emails", json!(["kraft@example.com"]));
        client.store(&order(id, &mailbox)).await;
    }
    let open = queue(&client, "").await;
    assert_eq!(open.iter().map(|open| &open["review_id"]).collect::<Vec<_>>(), [&review["review_id"]]);
    assert!(open[0]["weight"].as_f64() > review["weight"].as_f64(), "{}", open[0]);
    assert_eq!(decide(&client, &review, "dismiss").await["state"], "dismissed");
    assert_eq!(client.check(undo(&review)).await.expect(200).json()["state"], "open");
}

#[tokio::test]
async fn a_dismissed_review_is_settled_by_the_very_next_change_that_takes_its_reason_away() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    for steps in [&["dismiss"][..], &["dismiss", "undo"]] {
        for step in steps {
            match *step {
                "undo" => drop(client.check(undo(&review)).await.expect(200)),
                decision => drop(decide(&client, &review, decision).await),
            }
        }
        let ruling = json!({"a": [review["profiles"][0]], "b": [review["profiles"][1]], "verdict": "same"});
        let judged = client.post("/v1/judgements", &ruling).await.expect(201).json();
        assert_eq!(shown(&client, &review).await["state"], "settled", "after {steps:?}");
        let judgement = format!("/v1/judgements/{}", judged["judgement"]["judgement_id"].as_str().unwrap());
        client.check(Call::new(Method::DELETE, judgement)).await.expect(200);
        assert_eq!(shown(&client, &review).await["state"], "open", "after {steps:?}");
    }
}

#[tokio::test]
async fn a_contradiction_waits_until_one_of_its_judgements_is_withdrawn() {
    let server = TestServer::start().await;
    let client = server.client();
    let people = [0, 1].map(Person::number);
    let mut records = Vec::new();
    for (id, Person { given, family, .. }) in ["1", "2"].into_iter().zip(people) {
        let stored = client.store(&order(id, &json!({"given_name": given, "family_name": family}))).await;
        records.push(stored["record_id"].clone());
    }
    let rule = async |verdict: &str| -> Value {
        let ruling = json!({"a": [records[0]], "b": [records[1]], "verdict": verdict});
        client.post("/v1/judgements", &ruling).await.expect(201).json()["judgement"]["judgement_id"].clone()
    };
    let same = rule("same").await;
    let different = rule("different").await;
    let open = queue(&client, "kind=contradiction").await;
    assert_eq!(open.iter().map(|review| &review["judgement_id"]).collect::<Vec<_>>(), [&same]);
    let body = json!({"decision": "same"});
    let refused = client.post(&format!("{}/decision", path(&open[0])), &body).await.expect(422);
    assert_eq!(refused.json()["errors"][0]["pointer"], "/decision");
    let withdraw = Call::new(Method::DELETE, format!("/v1/judgements/{}", different.as_str().unwrap()));
    client.check(withdraw).await.expect(200);
    assert_eq!(shown(&client, &open[0]).await["state"], "settled");
    rule("different").await;
    assert_eq!(shown(&client, &open[0]).await["state"], "open");
    client.check(Call::new(Method::DELETE, format!("/v1/judgements/{}", same.as_str().unwrap()))).await.expect(200);
    assert_eq!(shown(&client, &open[0]).await["state"], "settled");
}

#[tokio::test]
async fn a_shared_identifier_waits_with_its_value() {
    let server = TestServer::start().await;
    let client = server.client();
    let caller = |number: u32| {
        let Person { given, family, emails: [email, _], .. } = Person::number(number);
        order(
            &number.to_string(),
            &json!({"given_name": given, "family_name": family, "emails": [email], "phones": [PHONE]}),
        )
    };
    client.store_all(&(0..10).map(caller).collect::<Vec<_>>()).await;
    let open = queue(&client, "kind=shared_identifier").await;
    assert_eq!(open.len(), 1, "{open:?}");
    let identifier = json!({"kind": "phone", "value": PHONE, "why": "names", "count": 10});
    assert_eq!((&open[0]["identifier"], open[0].get("profiles")), (&identifier, None));
    assert_eq!(decide(&client, &open[0], "dismiss").await["state"], "dismissed");
    client.store(&caller(10)).await;
    assert_eq!(queue(&client, "kind=shared_identifier").await, Vec::<Value>::new());
}

#[tokio::test]
async fn a_merge_into_a_large_profile_is_looked_at() {
    let server = TestServer::start().await;
    let client = server.client();
    let contact = |person: u32, company: u32| {
        let Person { given, family, emails: [email, _], .. } = Person::number(person);
        json!({"given_name": given, "family_name": family, "emails": [email], "company": format!("Branch {company}")})
    };
    let events = (0..26).map(|number| order(&number.to_string(), &contact(number % 2, number)));
    client.store_all(&events.collect::<Vec<_>>()).await;
    let id = |row: &str| serde_json::from_str::<Value>(row).unwrap()["profile_id"].clone();
    let assignments = client.assignments().await;
    let profiles: BTreeSet<String> = assignments.lines().map(|row| id(row).as_str().unwrap().to_owned()).collect();
    assert_eq!(profiles.len(), 2);
    let merged = client.post("/v1/profiles/merge", &json!({"profiles": profiles})).await.expect(200).json();
    let open = queue(&client, "kind=big_merge").await;
    assert_eq!(
        open.iter().map(|review| &review["profiles"]).collect::<Vec<_>>(),
        [&json!([merged["after"][0]["profile_id"]])]
    );
    for judgement in merged["judgements"].as_array().unwrap() {
        let path = format!("/v1/judgements/{}", judgement["judgement_id"].as_str().unwrap());
        client.check(Call::new(Method::DELETE, path)).await.expect(200);
    }
    assert_eq!(shown(&client, &open[0]).await["state"], "settled");
}

#[tokio::test]
async fn the_queue_goes_by_value_and_shows_what_is_asked_for() {
    let server = TestServer::start().await;
    let client = server.client();
    // Each pair on a telephone of its own, with more and more events.
    let mut events = Vec::new();
    for pair in 0..4 {
        let Person { phone, .. } = Person::number(100 + pair);
        for (person, event) in (0..2).flat_map(|person| (0..=pair).map(move |event| (person, event))) {
            let Person { given, family, .. } = Person::number(2 * pair + person);
            let contact = json!({"given_name": given, "family_name": family, "phones": [phone]});
            events.push(order(&format!("{pair}-{person}-{event}"), &contact));
        }
    }
    client.store_all(&events).await;
    let all = queue(&client, "").await;
    assert_eq!(all.len(), 4, "{all:?}");
    let values: Vec<f64> = all.iter().map(|review| review["value"].as_f64().unwrap()).collect();
    assert!(values.is_sorted_by(|a, b| a >= b), "{values:?}");
    let (mut paged, mut after) = (Vec::new(), String::new());
    loop {
        let page = client.get(&format!("/v1/reviews?limit=3{after}")).await;
        paged.extend(page["items"].as_array().unwrap().clone());
        let Some(next) = page["next"].as_str() else { break };
        after = format!("&after={next}");
    }
    assert_eq!(paged, all);

    let patch = |body: Value| Call::new(Method::PATCH, path(&all[1])).json(&body);
    let taken = client.check(patch(json!({"assignee": "anna"}))).await.expect(200).json();
    assert_eq!(taken["assignee"], "anna");
    assert_eq!(queue(&client, "assignee=anna").await, [taken]);
    client.check(patch(json!({"snoozed_until": "2999-01-01T00:00:00Z"}))).await.expect(200);
    assert_eq!(queue(&client, "").await.len(), 3);
    assert_eq!(queue(&client, "snoozed=true").await.len(), 4);
    let awake = client.check(patch(json!({"snoozed_until": null, "assignee": null}))).await.expect(200).json();
    assert_eq!((awake.get("snoozed_until"), awake.get("assignee")), (None, None));
    assert_eq!(queue(&client, "").await, all);

    let ids: Vec<&Value> = all.iter().map(|review| &review["review_id"]).collect();
    let body = json!({"reviews": ids[..3], "decision": "different", "reason": "Neighbours."});
    let decided = client.post("/v1/reviews/decisions", &body).await.expect(200).json();
    assert!(decided.as_array().unwrap().iter().all(|review| review["state"] == "decided"), "{decided}");
    assert_eq!(queue(&client, "").await, all[3..]);
    // All or none: the first one is closed.
    let body = json!({"reviews": [ids[3], ids[0]], "decision": "different"});
    client.post("/v1/reviews/decisions", &body).await.expect(409);
    assert_eq!(queue(&client, "").await, all[3..]);
}

#[tokio::test]
async fn what_cannot_be_decided_is_refused_and_changes_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = waiting(&client).await;
    let before = everything(&client).await;
    let decisions = "/v1/reviews/decisions";
    let id = &review["review_id"];
    for (body, pointer) in [
        (json!({"reviews": [], "decision": "same"}), "/reviews"),
        (json!({"reviews": [id, id], "decision": "same"}), "/reviews"),
        (json!({"reviews": vec![id; 501], "decision": "same"}), "/reviews"),
        (json!({"reviews": [id], "decision": "perhaps"}), "/decision"),
        (json!({"reviews": [id], "decision": "same", "reason": "x".repeat(2001)}), "/reason"),
    ] {
        let refused = client.post(decisions, &body).await.expect(422).json();
        assert_eq!(refused["errors"][0]["pointer"], pointer, "{refused}");
    }
    let unknown = "review_01h455vb4pex5vsknk084sn02q";
    client.post(decisions, &json!({"reviews": [id, unknown], "decision": "same"})).await.expect(404);
    client.check(Call::get(format!("/v1/reviews/{unknown}"))).await.expect(404);
    client.check(undo(&review)).await.expect(409);
    client.check(Call::new(Method::PATCH, path(&review)).json(&json!({"assignee": ""}))).await.expect(422);
    for query in ["limit=0", "after=x", "kind=odd", "state=odd", "colour=red"] {
        client.check(Call::get(format!("/v1/reviews?{query}"))).await.expect(422);
    }
    let reader = server.client_for(&[Scope::ProfilesRead]).await;
    reader.post(decisions, &json!({"reviews": [id], "decision": "same"})).await.expect(403);
    assert_eq!(everything(&client).await, before);
    assert_eq!(queue(&client, "").await, [review]);
}
