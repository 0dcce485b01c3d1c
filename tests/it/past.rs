//! Looking back: what is answered of a position is what was answered at that position.

use crate::{
    client::{Call, Client},
    people::Person,
    sample::{order, with},
    server::TestServer,
};
use reqwest::Method;
use serde_json::{Value, json};
use std::collections::{BTreeMap, BTreeSet};

/// The position of the tenant's last commit, which any answer about today tells.
async fn position(client: &Client, profile: &str) -> i64 {
    client.get(&format!("/v1/profiles/{profile}?as_of=2999-01-01T00:00:00Z")).await["as_of"].as_i64().unwrap()
}

/// All ids that were ever given, with their profiles.
async fn snapshot(client: &Client, ids: &BTreeSet<String>, as_of: &str) -> BTreeMap<String, Value> {
    let mut found = BTreeMap::new();
    for id in ids {
        let answer = client.check(Call::get(format!("/v1/profiles/{id}?include=provenance,alternatives{as_of}"))).await;
        assert!(matches!(answer.status, 200 | 404), "{answer}");
        if answer.status == 200 {
            found.insert(id.clone(), with(answer.json(), "/as_of", Value::Null));
        }
    }
    found
}

/// Something that changes who is whom, as a number picks it.
struct World {
    client: Client,
    profiles: BTreeSet<String>,
    judgements: Vec<String>,
    sent: u32,
}

impl World {
    fn of(client: Client) -> Self {
        Self { client, profiles: BTreeSet::new(), judgements: Vec::new(), sent: 0 }
    }

    async fn step(&mut self, seed: u32) {
        match seed % 7 {
            0 => self.merge().await,
            1 => self.split().await,
            2 => self.withdraw().await,
            _ => self.event(seed).await,
        }
    }

    /// Of few people, so that they meet, by whichever of their identifiers.
    async fn event(&mut self, seed: u32) {
        self.sent += 1;
        let Person { given, family, emails: [email, _], phone, .. } = Person::number(seed / 7 % 9);
        let mut contact = json!({"given_name": given, "family_name": family});
        match seed / 64 % 3 {
            0 => contact["emails"] = json!([email]),
            1 => contact["phones"] = json!([phone]),
            _ => (contact["emails"], contact["phones"]) = (json!([email]), json!([phone])),
        }
        if (seed / 256).is_multiple_of(3) {
            contact["company"] = json!(format!("Branch {}", seed / 1024 % 3));
        }
        let stored = self.client.store(&order(&self.sent.to_string(), &contact)).await;
        let touched = stored["changed"].as_array().unwrap().iter();
        self.profiles.extend(touched.map(|id| id.as_str().unwrap().to_owned()));
    }

    async fn living(&self) -> Vec<Value> {
        let mut found = Vec::new();
        for id in &self.profiles {
            let profile = self.client.get(&format!("/v1/profiles/{id}")).await;
            if profile["profile_id"] == id.as_str() && profile["records"] != 0 {
                found.push(profile);
            }
        }
        found
    }

    async fn merge(&mut self) {
        let living = self.living().await;
        if let [first, .., last] = living.as_slice() {
            let body = json!({"profiles": [first["profile_id"], last["profile_id"]]});
            self.redraw("/v1/profiles/merge", &body).await;
        }
    }

    async fn split(&mut self) {
        let living = self.living().await;
        let Some(large) = living.iter().find(|profile| profile["records"].as_u64() > Some(1)) else { return };
        let path = format!("/v1/profiles/{}", large["profile_id"].as_str().unwrap());
        let records = self.client.get(&format!("{path}/records")).await;
        let body = json!({"records": [[records["items"][0]["record_id"]]]});
        self.redraw(&format!("{path}/split"), &body).await;
    }

    /// What a steward wants and what was ruled before may contradict each other.
    async fn redraw(&mut self, path: &str, body: &Value) {
        let answer = self.client.post(path, body).await;
        assert!(matches!(answer.status, 200 | 409), "{answer}");
        if answer.status == 200 {
            let answer = answer.json();
            let id = |of: &Value, name: &str| of[name].as_str().unwrap().to_owned();
            self.profiles.extend(answer["after"].as_array().unwrap().iter().map(|profile| id(profile, "profile_id")));
            let rulings = answer["judgements"].as_array().unwrap().iter();
            self.judgements.extend(rulings.map(|ruling| id(ruling, "judgement_id")));
        }
    }

    async fn withdraw(&mut self) {
        if let Some(judgement) = self.judgements.pop() {
            let call = Call::new(Method::DELETE, format!("/v1/judgements/{judgement}"));
            self.client.check(call).await.expect(200);
        }
    }
}

#[tokio::test]
async fn a_past_position_answers_as_it_was_known_then() {
    let server = TestServer::start().await;
    let mut world = World::of(server.client());
    let mut snapshots: BTreeMap<i64, BTreeMap<String, Value>> = BTreeMap::new();
    let mut seed = 1_u32;
    for _ in 0..200 {
        seed = seed.wrapping_mul(747_796_405).wrapping_add(2_891_336_453);
        world.step(seed >> 8).await;
        if let Some(first) = world.profiles.first() {
            let at = position(&world.client, first).await;
            snapshots.insert(at, snapshot(&world.client, &world.profiles, "").await);
        }
    }
    assert!(snapshots.len() > 100, "{} positions", snapshots.len());
    for (at, then) in &snapshots {
        let ids = then.keys().cloned().collect();
        assert_eq!(snapshot(&world.client, &ids, &format!("&as_of={at}")).await, *then, "position {at}");
    }
    // Ids that were not given yet are not known.
    let (first, then) = snapshots.first_key_value().unwrap();
    assert_eq!(snapshot(&world.client, &world.profiles, &format!("&as_of={first}")).await, *then);
}

#[tokio::test]
async fn records_events_and_differences_of_the_past() {
    let server = TestServer::start().await;
    let client = server.client();
    let contact = |company: &str| json!({"name": "Ann Archer", "emails": ["ann@example.com"], "company": company});
    let first = client.store(&order("1", &contact("Acme"))).await;
    let later = with(order("2", &contact("Bolt")), "/occurred_at", json!("2026-03-03T10:00:00Z"));
    let second = client.store(&later).await;
    let path = format!("/v1/profiles/{}", first["profile_id"].as_str().unwrap());
    let history = client.get(&format!("{path}/history")).await;
    let positions: Vec<i64> =
        history["items"].as_array().unwrap().iter().map(|entry| entry["position"].as_i64().unwrap()).collect();
    let [now, then] = positions.as_slice() else { panic!("{history}") };
    let ids = async |part: &str, name: &str| -> Vec<Value> {
        let page = client.get(&format!("{path}{part}")).await;
        page["items"].as_array().unwrap().iter().map(|item| item[name].clone()).collect()
    };
    assert_eq!(ids(&format!("/records?as_of={then}"), "record_id").await, [first["record_id"].clone()]);
    assert_eq!(ids(&format!("/events?as_of={then}"), "event_id").await, [first["event_id"].clone()]);
    let both = [second["event_id"].clone(), first["event_id"].clone()];
    assert_eq!(ids(&format!("/events?as_of={now}"), "event_id").await, both);
    let page = client.get(&format!("{path}/events?as_of={now}&limit=1")).await;
    let rest = format!("/events?as_of={now}&limit=1&after={}", page["next"].as_str().unwrap());
    assert_eq!(ids(&rest, "event_id").await, [first["event_id"].clone()]);

    let diff = client.get(&format!("{path}/diff?from={then}&to={now}")).await;
    assert_eq!((&diff["from"], &diff["to"]), (&json!(then), &json!(now)));
    assert_eq!((&diff["records_added"], &diff["records_removed"]), (&json!([second["record_id"]]), &json!([])));
    let changed = json!([{"pointer": "/company", "before": "Acme", "after": "Bolt"}]);
    assert_eq!(diff["differences"], changed);
    assert_eq!(client.get(&format!("{path}/diff?from={then}")).await, diff);
    let all = client.get(&format!("{path}/diff?from=0")).await;
    assert_eq!(all["records_added"].as_array().unwrap().len(), 2);

    // A time long gone, and one that has not come.
    client.check(Call::get(format!("{path}?as_of=2000-01-01T00:00:00Z"))).await.expect(404);
    let today = client.get(&format!("{path}?as_of=2999-01-01T00:00:00Z")).await;
    assert_eq!(today["as_of"], json!(now));
    assert_eq!(with(today, "/as_of", Value::Null), client.get(&path).await);
    for wrong in
        ["?as_of=yesterday", "/diff", "/diff?from=x", "/diff?from=1&to=-1", "/events?as_of=", "/records?as_of=1.5"]
    {
        client.check(Call::get(format!("{path}{wrong}"))).await.expect(422);
    }
}

#[tokio::test]
async fn an_id_tells_where_it_came_from_and_where_it_went() {
    let server = TestServer::start().await;
    let client = server.client();
    let mut ids = Vec::new();
    for number in 0..2 {
        let Person { given, family, emails: [email, _], .. } = Person::number(number);
        let contact = json!({"given_name": given, "family_name": family, "emails": [email]});
        ids.push(client.store(&order(&number.to_string(), &contact)).await["profile_id"].clone());
    }
    client.post("/v1/profiles/merge", &json!({"profiles": ids})).await.expect(200);
    let lineage = async |id: &Value| client.get(&format!("/v1/profiles/{}/lineage", id.as_str().unwrap())).await;
    for (id, kind, other) in [(&ids[0], "merged", &ids[1]), (&ids[1], "retired", &ids[0])] {
        let found = lineage(id).await;
        assert_eq!((&found["profile_id"], &found["living"], &found["redirects"]), (id, &ids[0], &json!([ids[1]])));
        let step = &found["steps"][0];
        assert_eq!((&step["kind"], &step["profiles"]), (&json!(kind), &json!([other])));
    }
    let history = client.get(&format!("/v1/profiles/{}/history", ids[0].as_str().unwrap())).await;
    assert_eq!(history["items"][0]["actor"], "admin");
    assert!(history["items"][0]["judgement_id"].is_string(), "{history}");
    let unknown = "profile_01h455vb4pex5vsknk084sn02q";
    client.check(Call::get(format!("/v1/profiles/{unknown}/lineage"))).await.expect(404);
}
