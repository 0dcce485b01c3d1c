//! The console in a real browser: Debian's Chromium, driven through its `WebDriver`, on a server of our own.
//!
//! `AXE_CORE` names the file `axe.min.js` of axe-core (npm), which then looks at every page. `ONEFOLD_BROWSER=required` makes a
//! machine without a browser fail these tests, which else are left out, loudly. `SCREENSHOTS` names a folder to keep pictures in.

use crate::{
    client::Call,
    people::Person,
    sample::{demo, order},
    server::{ADMIN_KEY, TestServer},
};
use fantoccini::{Client as Browser, ClientBuilder, Locator, key::Key, wd::WebDriverCompatibleCommand};
use hyper_util::client::legacy::connect::HttpConnector;
use onefold::{actions::access::Scope, domain::id::ReviewId};
use reqwest::Method;
use serde_json::{Value, json};
use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    path::PathBuf,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

/// A Chromium with its driver, both gone when this is.
struct Chromium {
    driver: Child,
    browser: Browser,
    server: TestServer,
}

/// A command of the driver's own.
#[derive(Debug)]
struct DriverCommand(&'static str, Value);

impl WebDriverCompatibleCommand for DriverCommand {
    fn endpoint(&self, base: &url::Url, session: Option<&str>) -> Result<url::Url, url::ParseError> {
        base.join(&format!("session/{}/{}", session.unwrap_or_default(), self.0))
    }

    fn method_and_body(&self, _: &url::Url) -> (http::Method, Option<String>) {
        (http::Method::POST, Some(self.1.to_string()))
    }
}

impl Chromium {
    /// Starts one; none on a machine without.
    async fn start() -> Option<Self> {
        let driver = Command::new("chromedriver").arg("--port=0").stdout(Stdio::piped()).stderr(Stdio::null()).spawn();
        let Ok(mut driver) = driver else {
            assert_ne!(std::env::var("ONEFOLD_BROWSER").as_deref(), Ok("required"), "there is no chromedriver");
            eprintln!("LEFT OUT: there is no chromedriver to test the console with (Debian: chromium-driver)");
            return None;
        };
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = lines.find_map(|line| {
            let line = line.unwrap();
            line.contains("started successfully on port")
                .then(|| line.chars().filter(char::is_ascii_digit).collect::<String>())
        });
        let arguments = ["--headless=new", "--no-sandbox", "--disable-dev-shm-usage", "--window-size=1280,900"];
        let capabilities = json!({"goog:chromeOptions": {"args": arguments}, "goog:loggingPrefs": {"browser": "ALL"}});
        let mut builder = ClientBuilder::new(HttpConnector::new());
        builder.capabilities(capabilities.as_object().unwrap().clone());
        let browser = builder.connect(&format!("http://127.0.0.1:{}", port.unwrap())).await.unwrap();
        Some(Self { driver, browser, server: TestServer::start().await })
    }

    async fn open(&self, path: &str) {
        self.browser.goto(&format!("http://{}{path}", self.server.address)).await.unwrap();
    }

    async fn sign_in(&self) {
        self.open("/console").await;
        self.fill("#key", ADMIN_KEY).await;
        self.press("Sign in").await;
        assert_eq!(self.text("h1").await, "Overview");
    }

    async fn fill(&self, selector: &str, text: &str) {
        self.browser.find(Locator::Css(selector)).await.unwrap().send_keys(text).await.unwrap();
    }

    async fn click(&self, selector: &str) {
        self.browser
            .find(Locator::Css(selector))
            .await
            .unwrap_or_else(|_| panic!("no {selector}"))
            .click()
            .await
            .unwrap();
    }

    /// Clicks what says so, which leads to another page.
    async fn press(&self, text: &str) {
        let path = format!("//*[self::a or self::button][normalize-space()='{text}']");
        let found = self.browser.find(Locator::XPath(&path)).await.unwrap_or_else(|_| panic!("no {text}"));
        self.leave(async { found.click().await.unwrap() }).await;
    }

    async fn text(&self, selector: &str) -> String {
        self.browser.find(Locator::Css(selector)).await.unwrap().text().await.unwrap()
    }

    async fn count(&self, selector: &str) -> usize {
        self.browser.find_all(Locator::Css(selector)).await.unwrap().len()
    }

    /// Sends a key to the page.
    async fn key(&self, key: &str) {
        self.browser.find(Locator::Css("body")).await.unwrap().send_keys(key).await.unwrap();
    }

    /// Does something that leads to another page, and waits until that is there.
    async fn leave(&self, act: impl Future<Output = ()>) {
        self.browser.execute("window.isOld = true", vec![]).await.unwrap();
        act.await;
        let (started, arrived) = (Instant::now(), "return !window.isOld && document.readyState === 'complete'");
        // Between two pages there is nothing to ask.
        while self.browser.execute(arrived, vec![]).await.map_or(true, |arrived| arrived != true) {
            assert!(started.elapsed() < Duration::from_secs(20), "no other page comes");
        }
    }

    /// What the browser complained of.
    async fn complaints(&self) -> Vec<Value> {
        let log = self.browser.issue_cmd(DriverCommand("se/log", json!({"type": "browser"}))).await.unwrap();
        log.as_array().unwrap().iter().filter(|entry| entry["level"] == "SEVERE").cloned().collect()
    }

    /// Nothing that axe finds serious, and nothing in the browser's log; a picture where they are kept.
    async fn is_well(&self, name: &str) {
        let complaints = self.complaints().await;
        assert!(complaints.is_empty(), "{name}: {complaints:?}");
        if let Ok(folder) = std::env::var("SCREENSHOTS") {
            let picture = self.browser.screenshot().await.unwrap();
            std::fs::write(PathBuf::from(folder).join(format!("console-{name}.png")), picture).unwrap();
        }
        let Ok(axe) = std::env::var("AXE_CORE") else {
            assert_ne!(std::env::var("ONEFOLD_BROWSER").as_deref(), Ok("required"), "AXE_CORE names no file");
            return eprintln!("LEFT OUT: axe-core does not look at the page `{name}`, as AXE_CORE names no file");
        };
        self.browser.execute(&std::fs::read_to_string(axe).unwrap(), vec![]).await.unwrap();
        let run = "const done = arguments[0]; axe.run().then((found) => done(found.violations));";
        let found = self.browser.execute_async(run, vec![]).await.unwrap();
        let bad = |found: &&Value| matches!(found["impact"].as_str(), Some("serious" | "critical"));
        let told = |found: &Value| format!("{}: {}", found["id"], found["nodes"][0]["html"]);
        let bad: Vec<String> = found.as_array().unwrap().iter().filter(bad).map(told).collect();
        assert!(bad.is_empty(), "{name}: {bad:#?}");
    }

    async fn end(self) {
        self.browser.clone().close().await.unwrap();
    }
}

impl Drop for Chromium {
    fn drop(&mut self) {
        // It may have ended with its browser.
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}

/// Pairs of people, each on a telephone of its own: each is a review.
fn pairs(many: u32) -> Vec<Value> {
    let person = |pair: u32, side: u32| {
        let (Person { given, family, .. }, Person { phone, .. }) =
            (Person::number(2 * pair + side), Person::number(500 + pair));
        let contact = json!({"given_name": given, "family_name": family, "phones": [phone]});
        order(&format!("{pair}-{side}"), &contact)
    };
    (0..many).flat_map(|pair| [person(pair, 0), person(pair, 1)]).collect()
}

#[tokio::test]
async fn whoever_signs_in_sees_the_pages_and_nobody_else_does() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    client.store_all(&demo()).await;
    client.store_all(&pairs(3)).await;
    chromium.open("/console/reviews").await;
    assert!(chromium.browser.current_url().await.unwrap().path().ends_with("/sign-in"));
    chromium.is_well("sign-in").await;
    chromium.fill("#key", "not a key").await;
    chromium.press("Sign in").await;
    assert!(chromium.text("[role=alert]").await.contains("not known"));
    // A refused sign-in is a 401, which the browser notes.
    assert_eq!(chromium.complaints().await.len(), 1);
    chromium.sign_in().await;
    chromium.is_well("overview").await;
    for (page, name) in
        [("Reviews", "reviews"), ("Identifiers", "identifiers"), ("Settings", "settings"), ("Search", "search")]
    {
        chromium.press(page).await;
        assert_eq!(chromium.text("nav [aria-current]").await, page);
        chromium.is_well(name).await;
    }
    let query = "Lindqvist".to_owned() + &Key::Enter.to_string();
    chromium.leave(chromium.fill("#q", &query)).await;
    chromium.leave(chromium.click("tr[data-row] a")).await;
    assert_eq!(chromium.text("h1").await, "Maren Lindqvist");
    chromium.is_well("profile").await;
    chromium.press("Reviews").await;
    chromium.leave(chromium.click("tr[data-row] a")).await;
    chromium.browser.set_window_size(1280, 1250).await.unwrap();
    chromium.is_well("review").await;
    // Seen in the dark.
    let dark = json!({"cmd": "Emulation.setEmulatedMedia", "params": {"features": [{"name": "prefers-color-scheme", "value": "dark"}]}});
    chromium.browser.issue_cmd(DriverCommand("goog/cdp/execute", dark)).await.unwrap();
    let ground = "return getComputedStyle(document.body).backgroundColor";
    assert_eq!(chromium.browser.execute(ground, vec![]).await.unwrap(), "rgb(22, 24, 28)");
    for page in ["Overview", "Reviews"] {
        chromium.press(page).await;
        chromium.is_well(&format!("dark-{}", page.to_lowercase())).await;
    }
    chromium.press("Sign out").await;
    chromium.open("/console").await;
    assert!(chromium.browser.current_url().await.unwrap().path().ends_with("/sign-in"));
    chromium.end().await;
}

#[tokio::test]
async fn reviews_are_decided_by_keyboard_and_taken_back() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    client.store_all(&pairs(4)).await;
    let states = async || -> Vec<usize> {
        let mut found = Vec::new();
        for state in ["open", "decided", "dismissed"] {
            let page = client.get(&format!("/v1/reviews?state={state}")).await;
            found.push(page["items"].as_array().unwrap().len());
        }
        found
    };
    assert_eq!(states().await, [4, 0, 0]);
    chromium.sign_in().await;
    chromium.press("Reviews").await;
    assert_eq!(chromium.count("tr[data-row]").await, 4);
    for key in ["j", "j", "k"] {
        chromium.key(key).await;
    }
    chromium.leave(chromium.key("s")).await;
    assert_eq!(chromium.count("tr[data-row]").await, 3);
    // The next one is chosen already.
    chromium.leave(chromium.key("d")).await;
    assert_eq!(chromium.count("tr[data-row]").await, 2);
    chromium.leave(chromium.key("x")).await;
    assert_eq!(chromium.count("tr[data-row]").await, 1);
    assert_eq!(states().await, [1, 2, 1]);
    chromium.key("j").await;
    chromium.leave(chromium.key("o")).await;
    assert!(chromium.text("h1").await.starts_with("Review"));
    assert!(chromium.count("svg.waterfall rect").await > 2);
    assert!(chromium.count("td.differs").await > 0);
    chromium.is_well("to-decide").await;
    chromium.fill("#reason", "They live together.").await;
    chromium.press("Different people").await;
    assert_eq!(chromium.text("main .tag").await, "decided");
    assert!(chromium.text("main").await.contains("They live together."));
    chromium.press("Undo").await;
    assert_eq!(chromium.text("main .tag").await, "open");
    assert_eq!(states().await, [1, 2, 1]);
    chromium.end().await;
}

#[tokio::test]
async fn several_reviews_are_decided_together_and_taken_back_together() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    client.store_all(&pairs(5)).await;
    let many = async |state: &str| -> usize {
        client.get(&format!("/v1/reviews?state={state}")).await["items"].as_array().unwrap().len()
    };
    chromium.sign_in().await;
    chromium.press("Reviews").await;
    for key in ["j", "t", "j", "t", "j", "t", "k", "t"] {
        chromium.key(key).await;
    }
    assert_eq!(chromium.count("input[name=review]:checked").await, 2);
    chromium.is_well("chosen").await;
    chromium.fill("#reason", "They told us.").await;
    chromium.press("All are different people").await;
    assert_eq!(chromium.text("h1").await, "Done");
    assert!(chromium.text("[role=status]").await.starts_with("2 reviews decided: different"));
    chromium.is_well("decided-together").await;
    assert_eq!([many("open").await, many("decided").await], [3, 2]);
    let decided = client.get("/v1/reviews?state=decided").await;
    assert_eq!(decided["items"][0]["decided"]["reason"], "They told us.");
    chromium.press("Undo").await;
    assert_eq!(chromium.text("h1").await, "Reviews");
    assert_eq!([many("open").await, many("decided").await], [5, 0]);

    chromium.click("input[data-all=review]").await;
    assert_eq!(chromium.count("input[name=review]:checked").await, 5);
    chromium.press("Dismiss all").await;
    assert_eq!([many("open").await, many("dismissed").await], [0, 5]);
    chromium.press("Undo").await;
    assert_eq!(many("open").await, 5);
    chromium.click("input[data-all=review]").await;
    chromium.press("All are the same person").await;
    chromium.press("To the queue").await;
    assert!(chromium.text("main").await.contains("Nothing waits here."));
    assert!(chromium.complaints().await.is_empty());
    chromium.end().await;
}

#[tokio::test]
async fn the_settings_tell_the_model_in_force_and_the_changes_before() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    client.store_all(&pairs(2)).await;
    chromium.sign_in().await;
    chromium.press("Settings").await;
    let shown = async || chromium.text("section[aria-labelledby=model]").await;
    let before = shown().await;
    assert!(
        before.starts_with("Model\nVersion default-1. A match from 2.0 bits on, a review from -4.0 bits on."),
        "{before}"
    );
    assert!(!before.contains("By") && chromium.count("progress").await == 0);
    assert!(before.contains("given name") && before.contains("exact +27.0"), "{before}");

    crate::model::changed(&client, &crate::model::model("match = 2.0", "match = 3.5")).await;
    chromium.press("Settings").await;
    let after = shown().await;
    assert!(after.starts_with("Model\nVersion house-2. A match from 3.5 bits on"), "{after}");
    chromium.is_well("settings-changed").await;
    let newest = chromium.text("section[aria-labelledby=model] tbody tr").await;
    assert!(newest.starts_with("1 house-2 applied admin "), "{newest}");

    crate::model::rolled_back(&client).await;
    chromium.press("Settings").await;
    assert!(shown().await.starts_with("Model\nVersion default-1."));
    let newest = chromium.text("section[aria-labelledby=model] tbody tr").await;
    assert!(newest.starts_with("2 default-1, takes 1 back applied admin "), "{newest}");
    chromium.end().await;
}

#[tokio::test]
async fn profiles_are_found_merged_split_and_put_back() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    let contact = |number: u32, company: &str| {
        let Person { given, family, emails: [email, _], .. } = Person::number(number);
        json!({"given_name": given, "family_name": family, "emails": [email], "company": company})
    };
    let one = client.store(&order("1", &contact(1, "Acme"))).await;
    client.store(&order("2", &contact(1, "Bolt"))).await;
    let other = client.store(&order("3", &contact(2, "Acme"))).await;
    let id = |stored: &Value| stored["profile_id"].as_str().unwrap().to_owned();
    let records = async |id: &str| client.get(&format!("/v1/profiles/{id}")).await["records"].clone();
    chromium.sign_in().await;
    chromium.press("Search").await;
    let query = Person::number(1).family + &Key::Enter.to_string();
    chromium.leave(chromium.fill("#q", &query)).await;
    assert_eq!(chromium.count("tr[data-row]").await, 1);
    chromium.leave(chromium.click("tr[data-row] a")).await;
    assert!(chromium.text("h1").await.contains(&Person::number(1).family));
    assert!(chromium.count("svg.graph circle").await == 2 && chromium.count(".tip[title]").await > 2);
    chromium.is_well("found").await;

    chromium.fill("#other", &id(&other)).await;
    chromium.press("Preview").await;
    assert_eq!(chromium.text("h1").await, "Preview");
    chromium.is_well("merge").await;
    assert_eq!(records(&id(&one)).await, 2);
    chromium.press("Do it").await;
    assert_eq!(chromium.text("h1").await, "Done");
    assert_eq!(records(&id(&one)).await, 3);
    chromium.press("Undo").await;
    assert_eq!(records(&id(&one)).await, 2);
    assert_eq!(client.get(&format!("/v1/profiles/{}", id(&other))).await["profile_id"], id(&other));

    chromium.click("input[name=record]").await;
    chromium.press("Preview splitting the chosen ones off").await;
    assert_eq!(records(&id(&one)).await, 2);
    chromium.press("Do it").await;
    assert_eq!(records(&id(&one)).await, 1);
    chromium.press("Undo").await;
    assert_eq!(records(&id(&one)).await, 2);
    assert!(chromium.complaints().await.is_empty());
    chromium.end().await;
}

#[tokio::test]
async fn values_are_chosen_by_keyboard_with_a_merge_and_taken_back() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    let contact = |number: u32, company: &str| {
        let Person { given, family, emails: [email, _], .. } = Person::number(number);
        json!({"given_name": given, "family_name": family, "emails": [email], "company": company})
    };
    let one = client.store(&order("1", &contact(1, "Acme"))).await["profile_id"].as_str().unwrap().to_owned();
    client.store(&order("2", &contact(1, "Bolt"))).await;
    let other = client.store(&order("3", &contact(2, "Cord"))).await["profile_id"].as_str().unwrap().to_owned();
    let golden = async || client.get(&format!("/v1/profiles/{one}")).await["golden"].clone();
    let before = golden().await;
    chromium.sign_in().await;

    // One that lost, then another one, typed.
    chromium.open(&format!("/console/profiles/{one}")).await;
    chromium.press("Preview a known value").await;
    assert_eq!((chromium.text("h1").await.as_str(), golden().await), ("Preview", before.clone()));
    chromium.is_well("value").await;
    let why = "They moved.".to_owned() + &Key::Enter.to_string();
    chromium.leave(chromium.fill("#reason", &why)).await;
    let offered = golden().await["company"].clone();
    assert_ne!(offered, before["company"]);
    chromium.press("To the profile").await;
    assert!(chromium.text("section[aria-labelledby=values]").await.contains("They moved."));
    chromium.fill("#attribute", "job title").await;
    chromium.leave(chromium.fill("input[name=typed]", &("Smith".to_owned() + &Key::Enter.to_string()))).await;
    chromium.press("Do it").await;
    assert_eq!(golden().await["job_title"], "Smith");
    chromium.press("Undo").await;
    assert_eq!(golden().await.get("job_title"), None);
    chromium.is_well("values").await;
    chromium.press("Take back").await;
    assert_eq!(golden().await, before);

    // Of two profiles' values the other one's.
    chromium.fill("#other", &other).await;
    chromium.press("Preview").await;
    let theirs = client.get(&format!("/v1/profiles/{other}")).await["golden"].clone();
    chromium.click(&format!("input[name='value/name'][value='\"{}\"']", theirs["name"].as_str().unwrap())).await;
    chromium.press("Preview with these values").await;
    assert!(chromium.text("section:last-of-type").await.contains(theirs["name"].as_str().unwrap()));
    chromium.is_well("merge-with-values").await;
    chromium.press("Do it").await;
    assert_eq!(golden().await["name"], theirs["name"]);
    chromium.press("Undo").await;
    assert_eq!(golden().await, before);
    assert!(chromium.complaints().await.is_empty());
    chromium.end().await;
}

#[tokio::test]
async fn text_from_customers_is_shown_as_text() {
    let Some(chromium) = Chromium::start().await else { return };
    let client = chromium.server.client();
    let evil = "<img src=x onerror=alert(1)><script>alert(2)</script>\u{202e}gnirts";
    let long = "y".repeat(190);
    let attributes = json!({"<i>\u{2067}": "\u{61c}\u{200b}</td>", "z": "z".repeat(1_000)});
    let contact = json!({"name": evil, "company": "=HYPERLINK(\"x\")", "job_title": long, "emails": ["a@example.com"],
        "attributes": attributes});
    let stored = client.store(&order("<b>1</b>", &contact)).await;
    chromium.sign_in().await;
    chromium.open(&format!("/console/profiles/{}", stored["profile_id"].as_str().unwrap())).await;
    assert_eq!(chromium.count("main img").await + chromium.count("main script").await, 0);
    let title = chromium.text("h1").await;
    assert!(title.contains("<img src=x") && !title.contains('\u{202e}'), "{title}");
    // Nothing of it turns what stands around, hides, or makes the page wider than the window.
    let text = chromium.text("main").await;
    assert!(text.contains("</td>") && !text.contains(['\u{202e}', '\u{2067}', '\u{61c}', '\u{200b}']), "{text}");
    let wide = "return document.documentElement.scrollWidth > document.documentElement.clientWidth";
    assert_eq!(chromium.browser.execute(wide, vec![]).await.unwrap(), false);
    // Names are shorter than that.
    let endless = order("2", &json!({"name": "x".repeat(10_000), "emails": ["b@example.com"]}));
    client.post("/v1/events", &endless).await.expect(422);
    assert!(chromium.complaints().await.is_empty());
    chromium.end().await;
}

/// Every page is small and quick among very many profiles and reviews.
#[tokio::test]
#[ignore = "minutes"]
async fn pages_stay_small_and_quick() {
    let server = TestServer::start().await;
    let client = server.client();
    let events: Vec<Value> = pairs(10_000)
        .into_iter()
        .chain((0..80_000).map(|number| {
            let Person { given, family, emails: [email, _], .. } = Person::number(100_000 + number);
            order(&format!("single-{number}"), &json!({"given_name": given, "family_name": family, "emails": [email]}))
        }))
        .collect();
    for batch in events.chunks(1_000) {
        client.store_all(batch).await;
    }
    let cookie = cookie(server.address).await;
    let review = client.get("/v1/reviews?limit=1").await["items"][0].clone();
    let profile = review["profiles"][0].as_str().unwrap();
    let paths = [
        "/console".to_owned(),
        "/console/reviews".to_owned(),
        format!("/console/reviews/{}", review["review_id"].as_str().unwrap()),
        format!("/console/profiles/{profile}"),
        format!("/console/search?q={}", Person::number(100_001).family),
        "/console/identifiers".to_owned(),
        "/console/settings".to_owned(),
    ];
    let http = reqwest::Client::new();
    for path in paths {
        let mut times = Vec::new();
        for _ in 0..20 {
            let started = Instant::now();
            let page =
                http.get(format!("http://{}{path}", server.address)).header("cookie", &cookie).send().await.unwrap();
            assert_eq!(page.status(), 200, "{path}");
            let size = page.text().await.unwrap().len();
            times.push(started.elapsed());
            assert!(size < 100_000, "{path}: {size} bytes");
        }
        times.sort();
        eprintln!("{path}: {:?} at the 95th percentile", times[18]);
        assert!(times[18] < Duration::from_millis(150), "{path}: {:?}", times[18]);
    }
    let open = client.get("/v1/reviews?limit=100").await;
    let mut times = Vec::new();
    for review in open["items"].as_array().unwrap() {
        let path = format!("/v1/reviews/{}/decision", review["review_id"].as_str().unwrap());
        let started = Instant::now();
        client.post(&path, &json!({"decision": "different"})).await.expect(200);
        times.push(started.elapsed());
    }
    times.sort();
    eprintln!("a decision: {:?} at the 95th percentile", times[94]);
    assert!(times[94] < Duration::from_millis(100), "{:?}", times[94]);
}

/// The cookie of the operator, signed in.
pub async fn cookie(address: SocketAddr) -> String {
    signed_in(address, ADMIN_KEY).await
}

/// The cookie of whoever signs in with a key.
async fn signed_in(address: SocketAddr, key: &str) -> String {
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = format!("key={key}");
    let media = "application/x-www-form-urlencoded";
    let answer = http.post(format!("http://{address}/console/sign-in")).header("content-type", media).body(form);
    let answer = answer.send().await.unwrap();
    answer.headers()["set-cookie"].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[tokio::test]
async fn a_session_ends_with_its_key() {
    let server = TestServer::start().await;
    let (key, id) = server.key(&[Scope::ProfilesRead]).await;
    let cookie = signed_in(server.address, &key).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let status = async || -> u16 {
        let call = http.get(format!("http://{}/console", server.address)).header("cookie", &cookie);
        call.send().await.unwrap().status().as_u16()
    };
    assert_eq!(status().await, 200);
    // The session's key is known by its id now, which opens nothing on its own.
    let guess = server.client_with(Some(&format!("1 {id}")));
    guess.check(Call::get("/v1/reviews")).await.expect(401);
    server.revoke(id).await;
    let revoked = Instant::now();
    while status().await == 200 {
        assert!(revoked.elapsed() < Duration::from_secs(1), "a session outlives its key");
    }
    assert_eq!(status().await, 303);
}

#[tokio::test]
async fn reviews_are_decided_together_or_not_at_all() {
    let server = TestServer::start().await;
    let client = server.client();
    client.store_all(&pairs(3)).await;
    let cookie = cookie(server.address).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let page = http.get(format!("http://{}/console/reviews", server.address)).header("cookie", &cookie);
    let page = page.send().await.unwrap().text().await.unwrap();
    let csrf = page.split("name=\"csrf\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let send = async |path: &str, csrf: &str, rest: &str| -> u16 {
        let call = http.post(format!("http://{}/console/reviews/{path}", server.address)).header("cookie", &cookie);
        let call = call.header("content-type", "application/x-www-form-urlencoded");
        call.body(format!("csrf={csrf}&{rest}")).send().await.unwrap().status().as_u16()
    };
    let open = client.get("/v1/reviews").await;
    let ids: Vec<&str> = open["items"].as_array().unwrap().iter().map(|it| it["review_id"].as_str().unwrap()).collect();
    let all = ids.iter().map(|id| format!("review={id}")).collect::<Vec<_>>().join("&");
    let many = (0..501u128).map(|number| ReviewId::from_uuid(uuid::Uuid::from_u128(number)));
    let many = many.map(|id| format!("review={id}")).collect::<Vec<_>>().join("&");
    let cases = [
        ("decide", csrf, "decision=same".to_owned(), 303),
        ("decide", "0", format!("{all}&decision=same"), 403),
        ("decide", csrf, all.clone(), 400),
        ("decide", csrf, format!("{all}&decision=perhaps"), 400),
        ("decide", csrf, format!("{all}&decision=same&reason=%00"), 400),
        ("decide", csrf, format!("{all}&decision=same&reason={}", "x".repeat(2_001)), 422),
        ("decide", csrf, format!("{all}&review=review_x&decision=same"), 404),
        ("decide", csrf, format!("{many}&decision=dismiss"), 422),
        ("undo", "0", all.clone(), 403),
        ("undo", csrf, all.clone(), 409),
    ];
    for (path, csrf, body, status) in cases {
        assert_eq!(send(path, csrf, &body).await, status, "{path} {}", &body[..body.len().min(200)]);
    }
    assert_eq!(client.get("/v1/reviews").await, open);
    assert_eq!(send(&format!("{}/decide", ids[0]), csrf, "decision=different").await, 303);
    // One of them is decided: none of the others is.
    assert_eq!(send("decide", csrf, &format!("{all}&decision=dismiss")).await, 409);
    assert_eq!(client.get("/v1/reviews").await["items"].as_array().unwrap().len(), 2);
    let rest = format!("review={}&review={}", ids[1], ids[2]);
    assert_eq!(send("decide", csrf, &format!("{rest}&decision=dismiss")).await, 200);
    assert_eq!(send("undo", csrf, &all).await, 303);
    let again = client.get("/v1/reviews").await;
    assert_eq!(again["items"].as_array().unwrap().len(), 3, "{again}");
}

#[tokio::test]
async fn what_does_not_read_is_told_in_a_page() {
    let server = TestServer::start().await;
    let cookie = cookie(server.address).await;
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let form = ("content-type", "application/x-www-form-urlencoded");
    let long = format!("key={}", "x".repeat(300_000));
    let cases = [
        (Method::GET, "/reviews?kind=secret", "", 400),
        (Method::GET, "/reviews?state=", "", 400),
        (Method::GET, "/reviews?at=-1&at=secret", "", 400),
        (Method::GET, "/search?q=1&q=secret", "", 400),
        (Method::GET, "/identifiers?after=1&after=secret", "", 400),
        (Method::GET, "/identifiers?after=secret", "", 200),
        (Method::GET, "/reviews/secret", "", 404),
        (Method::GET, "/profiles/secret", "", 404),
        (Method::GET, "/profiles/%FFsecret", "", 404),
        (Method::GET, "/secret", "", 404),
        (Method::PUT, "/reviews", "", 404),
        (Method::POST, "/reviews/1/decide", "decision=secret", 400),
        (Method::POST, "/reviews/1/undo", "secret", 400),
        (Method::POST, "/judgements/withdraw", "csrf=secret", 403),
        (Method::POST, "/sign-in", "secret=1", 400),
        (Method::POST, "/sign-in", &long, 413),
    ];
    for (method, path, body, status) in cases {
        let url = format!("http://{}/console{path}", server.address);
        let call = http.request(method, url).header("cookie", &cookie).header(form.0, form.1).body(body.to_owned());
        let answer = call.send().await.unwrap();
        let (told, media) = (answer.status().as_u16(), answer.headers()["content-type"].clone());
        assert_eq!((told, media.to_str().unwrap()), (status, "text/html; charset=utf-8"), "{path}");
        assert!(answer.headers().contains_key("content-security-policy"), "{path}");
        let page = answer.text().await.unwrap();
        assert!(page.contains("<h1>") && (status == 200 || !page.contains("secret")), "{path}: {page}");
    }
    // Whoever is not signed in is asked to, whatever they ask for.
    let url = format!("http://{}/console/reviews?kind=secret", server.address);
    assert_eq!(http.get(url).send().await.unwrap().status(), 303);
    // Nor is what is no form at all answered in the API's words.
    let url = format!("http://{}/console/sign-in", server.address);
    let answer = http.post(url).body("key=x").send().await.unwrap();
    assert_eq!(answer.headers()["content-type"], "text/html; charset=utf-8");
}

#[tokio::test]
async fn forms_from_elsewhere_and_readers_change_nothing() {
    let server = TestServer::start().await;
    let client = server.client();
    let review = crate::reviews::waiting(&client).await;
    let path = format!("http://{}/console/reviews/{}/decide", server.address, review["review_id"].as_str().unwrap());
    let http = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let send = async |cookie: Option<&str>, body: &str| -> u16 {
        let mut call =
            http.post(&path).header("content-type", "application/x-www-form-urlencoded").body(body.to_owned());
        if let Some(cookie) = cookie {
            call = call.header("cookie", cookie);
        }
        call.send().await.unwrap().status().as_u16()
    };
    let cookie = cookie(server.address).await;
    assert!(server.page("/console/sign-in").await.contains("API key"));
    // Not signed in: to the form. Signed in, but with no seal or a wrong one: refused.
    assert_eq!(send(None, "csrf=x&decision=same").await, 303);
    for body in ["csrf=&decision=same", "csrf=abc&decision=same", &format!("csrf={}&decision=same", "0".repeat(64))] {
        assert_eq!(send(Some(&cookie), body).await, 403, "{body}");
    }
    assert_eq!(send(Some(&format!("{cookie}0")), "csrf=x&decision=same").await, 303);
    assert_eq!(client.get("/v1/reviews").await["items"], json!([review]));
    let profile = review["profiles"][0].as_str().unwrap();
    let path = format!("http://{}/console/profiles/{profile}/values", server.address);
    for body in ["csrf=x&attribute=%2Fname&typed=Eve", "attribute=%2Fname&typed=Eve"] {
        let call =
            http.post(&path).header("content-type", "application/x-www-form-urlencoded").header("cookie", &cookie);
        assert_eq!(call.body(body).send().await.unwrap().status().as_u16(), 403, "{body}");
    }
    assert_eq!(client.get(&format!("/v1/profiles/{profile}/values")).await, json!([]));
}
