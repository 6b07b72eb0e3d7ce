//! From a configuration to one that may leave the branch: secrets become keyed hashes.
//!
//! A *face*: it uses its children. The rules are tables (`Rules`); a branch adds its own patterns
//! and can take none away. When in doubt a value is hashed: a hash too many costs a person a look at
//! the device, a secret too many costs the device. What is volatile (uptime, counters) is dropped, so
//! that it is no drift. Nothing here prints, and the result is a plain `Tree`: the type that may
//! travel. Long because the promise is tested here, against all the rules at once.

mod key;
mod line;
mod name;
mod pattern;
mod rules;
mod tables;
mod text;
mod walk;

use keepwatch_common::model::tree::{KeyId, Tree, TreeError};

use super::unredacted::Unredacted;
pub use key::RedactionKey;
pub use pattern::PATTERN_STEPS_MAX;
pub use rules::{RULE_BYTES_MAX, RULES_MAX, RuleError, Rules};
pub use tables::{VOLATILE_ISAPI, VOLATILE_LINES};

/// Takes the secrets out of configurations of one source.
#[derive(Debug)]
pub struct Redactor {
    key: RedactionKey,
    rules: Rules,
}

impl Redactor {
    /// With the branch's key and the rules of a source.
    pub fn new(key: RedactionKey, rules: Rules) -> Self {
        Self { key, rules }
    }

    /// Names the key that hashes are made with.
    pub fn key_id(&self) -> KeyId {
        self.key.id()
    }

    /// What of a configuration may leave the branch. Fails only when hashes in place of short texts
    /// carry a tree beyond its limits.
    pub fn redact(&self, configuration: &Unredacted) -> Result<Tree, TreeError> {
        walk::redact(configuration.expose(), &self.key, &self.rules)
    }
}

/// Takes the secrets out with the rules that hold everywhere.
pub fn redact(configuration: &Unredacted, key: &RedactionKey) -> Result<Tree, TreeError> {
    walk::redact(configuration.expose(), key, &Rules::default())
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use keepwatch_common::diff::{Shown, diff};
    use keepwatch_common::ids::Seeded;
    use keepwatch_common::model::tree::Node;
    use proptest::prelude::*;

    use super::*;

    fn key(seed: u64) -> RedactionKey {
        RedactionKey::draw(&Seeded::new(seed))
    }

    fn text(text: impl Into<String>) -> Node {
        Node::Text(text.into())
    }

    fn map<const N: usize>(members: [(&str, Node); N]) -> Node {
        let members = members.map(|(key, value)| (key.to_owned(), value));
        Node::Map(BTreeMap::from(members))
    }

    /// The ways in which a configuration may hold a secret; `{}` stands for it.
    const IN_TEXT: [&str; 15] = [
        "rtsp://admin:{}@10.0.0.5:554/1",
        "ffmpeg -i http://a:{}@h/x -f rtsp out",
        "tapo://{}@10.0.0.5",
        "password={}",
        "mode=a;api_key=\"{}\";n=1",
        "{\"user\":\"a\",\"token\":\"{}\"}",
        "http://h/login?user=a&pwd={}",
        "Authorization: Bearer {}",
        "Basic YWRt{}W46MTI=",
        "-----BEGIN RSA PRIVATE KEY-----\nMII{}\n-----END RSA PRIVATE KEY-----\n",
        "curl -u admin:{} http://h",
        "ffmpeg -u admin:X --password {} -f rtsp",
        "sshpass -p {} ssh h",
        "login --user admin --pass '{}' -v",
        "secret:\n  - a\n  - {}\nhost: x",
    ];

    const NAMES: [&str; 14] = [
        "password",
        "rtspPasswd",
        "DB_PASS",
        "api-key",
        "client_secret",
        "refreshToken",
        "psk",
        "Authorization",
        "snmpCommunity",
        "密码",
        "kou_ling",
        "koulíng",
        "mi_ma",
        "rtspMiYao",
    ];

    /// A secret set in each of these ways.
    fn carriers(name: &str, secret: &str) -> Vec<Node> {
        let mut carriers: Vec<Node> = IN_TEXT
            .iter()
            .map(|carrier| text(carrier.replace("{}", secret)))
            .collect();
        carriers.extend([
            map([(name, text(secret)), ("host", text("h"))]),
            map([(name, Node::List(vec![text("a"), text(secret)]))]),
            map([("name", text(name)), ("value", text(secret))]),
            map([("@Name", text(name)), ("@Value", text(secret))]),
            Node::List(vec![text(format!("--{name}")), text(secret), text("-v")]),
            map([("passwords", map([("value", text(secret))]))]),
            map([("encryption", map([("key", text(secret))]))]),
            map([("key", text(secret)), ("user", text("bob"))]),
            map([
                ("keys", Node::List(vec![text(secret)])),
                ("login", text("b")),
            ]),
        ]);
        carriers
    }

    /// Wraps a value in maps and lists with harmless neighbours.
    fn wrapped(carrier: Node, wraps: &[u8]) -> Node {
        wraps.iter().fold(carrier, |inner, wrap| match wrap % 4 {
            0 => map([("camera", inner), ("fps", Node::Bool(true))]),
            1 => Node::List(vec![text("front"), inner, Node::Null]),
            2 => map([("a.b", inner), ("url", text("http://h/x"))]),
            _ => Node::List(vec![inner]),
        })
    }

    fn tree(root: Node) -> Unredacted {
        Unredacted::new(Tree::new(root).unwrap())
    }

    proptest! {
        #[test]
        fn no_secret_leaves_and_every_change_of_one_shows(
            secret in "Zq[A-Za-z0-9!#%*_.+-]{8,20}",
            name in prop::sample::select(NAMES.to_vec()),
            wraps in prop::collection::vec(any::<u8>(), 0..8),
        ) {
            let (one, other) = (key(1), key(2));
            let changed = carriers(name, &format!("{secret}x"));
            for (carrier, changed) in carriers(name, &secret).into_iter().zip(changed) {
                let what = format!("{carrier:?}");
                let told = redact(&tree(wrapped(carrier.clone(), &wraps)), &one).unwrap();
                let json = told.to_canonical_json();
                prop_assert!(!json.contains(&secret), "{} became {}", what, json);
                // Again, under another key, and changed.
                let again = redact(&tree(wrapped(carrier.clone(), &wraps)), &one).unwrap();
                prop_assert_eq!(&again, &told);
                let elsewhere = redact(&tree(wrapped(carrier, &wraps)), &other).unwrap();
                let found = diff(&told, &elsewhere);
                prop_assert!(found.is_empty() && !found.is_certain(), "{}: {:?}", what, found);
                let after = redact(&tree(wrapped(changed, &wraps)), &one).unwrap();
                prop_assert!(!diff(&told, &after).is_empty(), "{}", what);
            }
        }

        #[test]
        fn a_secret_with_signs_of_its_own_leaves_under_no_name(
            secret in "Zq[ -~]{6,20}qZ", name in prop::sample::select(NAMES.to_vec()),
        ) {
            // As whoever writes a quoted value has to write it.
            let (doubled, escaped) = (secret.replace('\'', "''"), secret.escape_debug());
            let set = [
                map([(name, text(&*secret))]),
                text(format!("{name}: {secret}")),
                text(format!("{name} = '{doubled}'")),
                text(format!("x={name}=\"{escaped}\" y=1")),
                Node::List(vec![text("first"), text(format!("set {name} {secret}"))]),
            ];
            for node in set {
                let what = format!("{node:?}");
                let json = redact(&tree(node), &key(1)).unwrap().to_canonical_json();
                prop_assert!(!json.contains("Zq") && !json.contains("qZ"), "{} became {}", what, json);
            }
        }
    }

    #[test]
    fn what_is_empty_or_a_yes_or_a_no_is_kept() {
        let node = map([
            ("password", text("")),
            ("secret", Node::Null),
            ("auth", Node::Bool(true)),
        ]);
        let told = redact(&tree(node.clone()), &key(1)).unwrap();
        assert_eq!(told.root(), &node);
    }

    #[test]
    fn a_map_of_tokens_hides_the_tokens_that_are_its_keys() {
        let node = map([(
            "tokens",
            map([("s3cr3t-abc", text("admin")), ("user", text("b"))]),
        )]);
        let json = redact(&tree(node), &key(1)).unwrap().to_canonical_json();
        assert!(
            !json.contains("s3cr3t") && json.contains("\"user\""),
            "{json}"
        );
    }

    #[test]
    fn a_plain_key_beside_an_account_or_like_a_secret_is_hashed() {
        let node = map([
            ("a", map([("name", text("bob")), ("key", text("KEYVAL"))])),
            ("b", map([("key", text("KEYVAL77x"))])),
            ("keys", map([("first", text("KEYVAL88x"))])),
            (
                "c",
                map([
                    ("login", text("b")),
                    ("key", Node::Number(4_711_i64.into())),
                ]),
            ),
        ]);
        let json = redact(&tree(node), &key(1)).unwrap().to_canonical_json();
        assert!(!json.contains("KEYVAL") && !json.contains("4711"), "{json}");
    }

    #[test]
    fn a_plain_key_that_names_something_stays_readable() {
        let node = map([
            (
                "a",
                map([("key", text("Node-Role7")), ("value", text("x"))]),
            ),
            (
                "b",
                map([("key", text("ArrowUp")), ("action", text("zoom"))]),
            ),
            (
                "c",
                map([("key", text("/etc/ssl/Server1.key")), ("user", text("b"))]),
            ),
            ("keys", Node::List(vec![text("up"), text("down")])),
        ]);
        let told = redact(&tree(node.clone()), &key(1)).unwrap();
        assert_eq!(told.root(), &node);
    }

    #[test]
    fn a_measure_beside_a_secret_stays_readable() {
        let node = map([
            ("token_ttl", text("24h")),
            ("password_length", Node::Number(8_i64.into())),
        ]);
        let told = redact(&tree(node.clone()), &key(1)).unwrap();
        assert_eq!(told.root(), &node);
    }

    #[test]
    fn a_text_that_is_mostly_secrets_is_hashed_whole() {
        let node = text(format!("run {}", "token=a;".repeat(100)));
        let told = redact(&tree(node), &key(1)).unwrap();
        assert!(matches!(told.root(), Node::Secret(_)), "{told:?}");
    }

    #[test]
    fn references_of_a_source_stay_readable_and_match_elements() {
        let rules = Rules::default().with_references(&["@token"]);
        let node = map([("@token", text("Profile_1")), ("token", text("abc"))]);
        let told = Redactor::new(key(1), rules).redact(&tree(node)).unwrap();
        let json = told.to_canonical_json();
        assert!(
            json.contains("Profile_1") && !json.contains("abc"),
            "{json}"
        );
    }

    #[test]
    fn a_redactor_prints_nothing_of_its_key() {
        let shown = format!("{:?}", Redactor::new(key(1), Rules::default()));
        assert!(shown.contains(&key(1).id().to_string()), "{shown}");
        assert!(shown.len() < 200, "{shown}");
    }

    /// What is left of a configuration that is read by line.
    fn lines_shown(lines: &str) -> Vec<String> {
        let items = lines.lines().map(text);
        let rules = Rules::default().with_volatile_lines(&["! Last"]).unwrap();
        let redactor = Redactor::new(key(1), rules);
        let told = redactor.redact(&tree(Node::List(items.collect()))).unwrap();
        let Node::List(items) = told.into_root() else {
            panic!("not a list");
        };
        items
            .iter()
            .map(|item| Shown(item).to_string().replace('"', ""))
            .collect()
    }

    #[test]
    fn a_private_key_over_many_lines_is_hashed_line_by_line() {
        let lines = "a\n-----BEGIN PRIVATE KEY-----\nMIIE\nvQIB\n-----END PRIVATE KEY-----\nb";
        assert_eq!(
            lines_shown(lines),
            [
                "a",
                "-----BEGIN PRIVATE KEY-----",
                "••••",
                "••••",
                "-----END PRIVATE KEY-----",
                "b"
            ]
        );
    }

    #[test]
    fn a_command_that_goes_on_takes_its_secret_along() {
        assert_eq!(
            lines_shown("set password=abc\\\ndef\\\nghi\nnext"),
            ["set password=••••", "••••", "••••", "next"]
        );
    }

    #[test]
    fn a_block_below_the_name_of_a_secret_is_hashed() {
        assert_eq!(
            lines_shown("  password:\n    abc\n    def\n  host: x"),
            ["  password:", "••••", "••••", "  host: x"]
        );
    }

    #[test]
    fn a_name_that_stands_alone_has_its_value_on_the_next_line() {
        assert_eq!(
            lines_shown("--token\nabc\n--host\nh"),
            ["--token", "••••", "--host", "h"]
        );
    }

    #[test]
    fn lines_that_change_of_themselves_are_dropped() {
        assert_eq!(
            lines_shown("! Last configuration change at 12:00\nend"),
            ["end"]
        );
    }
}
