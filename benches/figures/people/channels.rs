//! Twelve channels, and what each knows of a person.

use super::{super::dice::Dice, person::Person, spelling, words::COMPANIES};
use serde_json::{Map, Value, json};

/// A channel and the system behind it.
#[derive(Clone, Copy, Debug)]
pub struct Channel {
    /// How many of ten thousand events come this way.
    weight: u64,
    /// The system that sends its events.
    pub source: &'static str,
    /// Its name.
    pub name: &'static str,
    /// What happens there.
    pub kind: &'static str,
    fill: fn(&Person, &mut Contact, &mut Dice),
}

/// A contact as it is written down.
#[derive(Default)]
pub struct Contact(Map<String, Value>);

const CHANNELS: [Channel; 12] = [
    channel(2_190, "zendesk", "email", "message", email),
    channel(1_640, "telephony", "phone", "call", call),
    channel(1_120, "chatwoot", "chat", "message", chat),
    channel(905, "whatsapp", "whatsapp", "message", whatsapp),
    channel(900, "website", "web_form", "form", form),
    channel(815, "shopify", "order", "purchase", order),
    channel(570, "pos", "in_store", "purchase", store),
    channel(540, "twilio", "sms", "message", text_message),
    channel(520, "social_inbox", "social", "message", social),
    channel(315, "survey", "survey", "feedback", survey),
    channel(300, "app", "app", "session", app),
    channel(185, "webinars", "webinar", "message", webinar),
];

const fn channel(
    weight: u64,
    source: &'static str,
    name: &'static str,
    kind: &'static str,
    fill: fn(&Person, &mut Contact, &mut Dice),
) -> Channel {
    Channel { weight, source, name, kind, fill }
}

impl Channel {
    /// One of them, by how many events come that way.
    pub fn any(dice: &mut Dice) -> Self {
        CHANNELS[dice.weighted(CHANNELS.iter().map(|channel| channel.weight))]
    }

    /// The shop, where people leave the most.
    pub fn shop() -> Self {
        CHANNELS[5]
    }

    /// The person as this channel sees them.
    pub fn contact(&self, person: &Person, dice: &mut Dice) -> Value {
        let mut contact = Contact::default();
        (self.fill)(person, &mut contact, dice);
        Value::Object(contact.0)
    }
}

fn email(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.email(person, dice);
    if dice.per_mille(860) {
        contact.name(person, dice);
    }
}

fn call(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.phone(person, dice);
    if dice.per_mille(550) {
        contact.name(person, dice);
    }
}

fn chat(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.email(person, dice);
    contact.name(person, dice);
    if dice.per_mille(240) {
        contact.id("zendesk", &person.id("zen"));
    }
}

fn whatsapp(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.0.insert("phones".into(), json!([person.phones[0].e164()]));
    contact.name(person, dice);
}

fn form(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.names(person, dice);
    contact.email(person, dice);
    contact.phone(person, dice);
    if dice.per_mille(290) {
        contact.address(person);
    }
}

fn order(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.names(person, dice);
    contact.email(person, dice);
    contact.address(person);
    if dice.per_mille(590) {
        contact.phone(person, dice);
    }
    if dice.per_mille(570) {
        contact.id("shopify", &person.id("sho"));
    }
}

fn store(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.name(person, dice);
    if dice.per_mille(530) {
        contact.id("loyalty", &person.id("loy"));
    } else {
        contact.phone(person, dice);
    }
    if dice.per_mille(275) {
        contact.birth_date(person);
    }
}

fn text_message(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.phone(person, dice);
}

fn social(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    let network = dice.pick(&["telegram", "facebook", "instagram", "x"]);
    let at = dice.pick(&["@", ""]);
    contact.0.insert("handles".into(), json!([{"network": network, "value": format!("{at}{}", person.account)}]));
    if dice.per_mille(800) {
        contact.name(person, dice);
    }
    match dice.below(10) {
        0..2 => contact.email(person, dice),
        2 => contact.phone(person, dice),
        _ => {}
    }
}

fn survey(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.email(person, dice);
    if dice.per_mille(290) {
        contact.birth_date(person);
    }
}

fn app(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.id("device", &format!("{}-{}", person.id("dev"), dice.below(2)));
    if dice.per_mille(500) {
        contact.email(person, dice);
    }
}

fn webinar(person: &Person, contact: &mut Contact, dice: &mut Dice) {
    contact.email(person, dice);
    contact.name(person, dice);
    contact.0.insert("company".into(), dice.pick(COMPANIES).into());
}

impl Contact {
    fn name(&mut self, person: &Person, dice: &mut Dice) {
        self.0.insert("name".into(), spelling::name(&person.given, &person.family, dice).into());
    }

    fn names(&mut self, person: &Person, dice: &mut Dice) {
        self.0.insert("given_name".into(), spelling::word(&person.given, dice).into());
        self.0.insert("family_name".into(), spelling::word(&person.family, dice).into());
    }

    fn email(&mut self, person: &Person, dice: &mut Dice) {
        let mailboxes: Vec<&str> = person.emails.iter().map(String::as_str).collect();
        self.0.insert("emails".into(), json!([{"value": spelling::mailbox(dice.pick(&mailboxes), dice)}]));
    }

    fn phone(&mut self, person: &Person, dice: &mut Dice) {
        let phones: Vec<_> = person.phones.iter().collect();
        self.0.insert("phones".into(), json!([dice.pick(&phones).written(dice)]));
    }

    fn id(&mut self, namespace: &str, value: &str) {
        self.0.insert("external_ids".into(), json!([{"namespace": namespace, "value": value}]));
    }

    fn birth_date(&mut self, person: &Person) {
        self.0.insert("birth_date".into(), person.birth_date.as_str().into());
    }

    fn address(&mut self, person: &Person) {
        self.0.insert("addresses".into(), json!([person.address]));
    }
}
