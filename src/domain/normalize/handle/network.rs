//! The networks that are known, and how each writes its accounts.

/// How a network writes its accounts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Rule {
    /// Names that ignore case; numeric ids beside them.
    Name,
    /// Telephone numbers, and names or ids beside them: `WhatsApp`, Viber, Signal.
    Number,
    /// A name on a server: `jane@social.example`.
    Federated,
    /// A domain, of which the network's own is left out.
    Domain,
    /// Names that ignore case, and ids that don't.
    NameOrId,
    /// Ids that differ by case alone. So is every network that isn't listed: a forum may well tell `Jane` from `jane`.
    Exact,
}

/// The networks' one names, the other names and the hosts they go by, and their rules.
pub(super) const NETWORKS: &[(&str, &[&str], Rule)] = &[
    ("x", &["twitter", "x.com", "twitter.com", "nitter.net"], Rule::Name),
    ("instagram", &["ig", "insta", "instagram.com", "instagr.am"], Rule::Name),
    ("facebook", &["fb", "facebook.com", "fb.com", "fb.me", "web.facebook.com"], Rule::Name),
    ("messenger", &["facebook_messenger", "fb_messenger", "messenger.com", "m.me"], Rule::Name),
    ("telegram", &["tg", "telegram.org", "t.me", "telegram.me", "telegram.dog"], Rule::Name),
    ("whatsapp", &["wa", "whatsapp_business", "wa.me", "whatsapp.com", "api.whatsapp.com"], Rule::Number),
    ("viber", &["viber.com"], Rule::Number),
    ("signal", &["signal.me"], Rule::Number),
    ("linkedin", &["li", "linked_in", "linkedin.com"], Rule::Name),
    ("tiktok", &["tik_tok", "tt", "tiktok.com"], Rule::Name),
    ("youtube", &["yt", "youtube.com"], Rule::NameOrId),
    ("line", &["line.me"], Rule::Exact),
    ("reddit", &["reddit.com"], Rule::Name),
    ("github", &["github.com"], Rule::Name),
    ("snapchat", &["snap", "snapchat.com"], Rule::Name),
    ("threads", &["threads.net", "threads.com"], Rule::Name),
    ("bluesky", &["bsky", "bsky.app"], Rule::Domain),
    ("mastodon", &["fediverse", "activitypub"], Rule::Federated),
    ("pinterest", &["pinterest.com"], Rule::Name),
    ("twitch", &["twitch.tv"], Rule::Name),
    ("discord", &["discord.com"], Rule::Name),
    ("vk", &["vkontakte", "vk.com"], Rule::Name),
    ("wechat", &["weixin"], Rule::Name),
    ("skype", &[], Rule::Name),
];

/// The network's one name, and its rule if it is listed.
pub(super) fn network_of(given: &str) -> (String, Option<Rule>) {
    let name = given.trim().to_lowercase();
    let plain = name.replace([' ', '-'], "_");
    let listed = NETWORKS.iter().find(|(one, others, _)| *one == plain || others.contains(&plain.as_str()));
    listed.map_or((name, None), |(one, _, rule)| ((*one).to_owned(), Some(*rule)))
}
