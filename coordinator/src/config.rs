//! The coordinator's configuration: one TOML file, read whole and checked before anything starts.
//!
//! A *face*: it uses its children. It must not open what the file names; whether a file or a
//! database is there is found out by who uses it. No password stands in the file: what is secret is
//! in files that it names.

mod address;
mod channel;
mod error;
mod raw;
mod read;
mod settings;

pub use address::{Host, WebAddress};
pub use channel::{Channel, Webhook, WebhookUrl};
pub use error::{ConfigError, FieldError};
pub use settings::{
    Config, Database, Keep, Listen, Log, LogFormat, LogLevel, PolicySource, WebTls,
};

/// The file with every field and its default, as shipped.
pub const EXAMPLE: &str = include_str!("config/example.toml");

#[cfg(test)]
mod tests {
    use std::path::{Path, PathBuf};

    use keepwatch_common::error_chain::chain;
    use keepwatch_common::time::DAY_MS;

    use super::*;

    const SHORT: &str = r#"
state = "/var/lib/keepwatch"
names = ["hq.example"]
"#;

    const CHANNEL: &str = r#"
[[channel]]
name = "ops"
kind = "webhook"
url = "https://hooks.example/x"
secret_file = "/etc/keepwatch/ops"
"#;

    fn parse(text: &str) -> Result<Config, ConfigError> {
        Config::parse(Path::new("keepwatch.toml"), text)
    }

    fn refused(text: &str) -> String {
        chain(&parse(text).unwrap_err()).to_string()
    }

    #[test]
    fn a_short_file_is_enough() {
        let config = parse(SHORT).unwrap();
        let database = PathBuf::from("/var/lib/keepwatch/keepwatch.db");
        assert_eq!(config.database, Database::Sqlite(database));
        assert_eq!(config.listen.agents, "[::]:7443".parse().unwrap());
        let socket = PathBuf::from("/var/lib/keepwatch/keepwatch.sock");
        assert_eq!(config.listen.socket, socket);
        assert_eq!(config.keep.evidence_ms, 400 * DAY_MS);
        assert_eq!(config.web_tls, WebTls::Own);
        assert!(config.channels.is_empty());
    }

    #[test]
    fn the_example_is_a_configuration() {
        let config = parse(EXAMPLE).unwrap();
        assert_eq!(config.channels.len(), 1);
    }

    /// What the example shows as a default is the default.
    #[test]
    fn the_example_shows_the_defaults() {
        let defaults: String = EXAMPLE
            .lines()
            .filter(|line| !line.contains("postgres") && !line.contains("_file = "))
            .filter(|line| !line.contains("tls = \"none\"") && !line.contains("tls = {"))
            .filter(|line| !line.contains("address = "))
            .filter_map(|line| line.strip_prefix("# "))
            .filter(|line| line.starts_with('[') || line.contains(" = "))
            .fold(SHORT.to_owned(), |text, line| format!("{text}{line}\n"));
        // The last one belongs to the channel.
        let defaults = defaults.replace("plain_http = false", "");
        let (shown, silent) = (parse(&defaults).unwrap(), parse(SHORT).unwrap());
        assert_eq!(format!("{shown:?}"), format!("{silent:?}"));
    }

    #[test]
    fn a_field_that_does_not_exist_is_refused_with_its_line() {
        let said = refused(&SHORT.replace("state", "states"));
        assert!(said.contains("keepwatch.toml"), "{said}");
        assert!(said.contains("states") && said.contains("line 2"), "{said}");
    }

    #[test]
    fn a_value_that_cannot_be_is_refused_with_its_field_and_the_remedy() {
        for (more, expected) in [
            ("[listen]\nagents = \"here\"", "listen.agents: “here” is no"),
            (
                "[listen]\nsocket = \"x\"",
                "listen.socket: x must be an absolute path",
            ),
            (
                "[keep]\nevidence_days = 1",
                "keep.evidence_days: 1 is outside 30 to",
            ),
            (
                "[log]\nlevel = \"loud\"",
                "log.level: “loud” is not possible; use one of",
            ),
            ("[policy]\npack = \"x\"", "policy.pack: “x” is not possible"),
            ("[web]\ntls = \"x\"", "web.tls: “x” is not possible"),
            (
                "[web]\naddress = \"hq.example\"",
                "web.address: “hq.example” is no address of pages; write https://",
            ),
        ] {
            let said = refused(&format!("{SHORT}{more}"));
            assert!(said.contains(expected), "{said}");
        }
    }

    #[test]
    fn a_coordinator_without_a_name_cannot_be_joined() {
        let said = refused("state = \"/s\"\nnames = []");
        assert!(
            said.contains("names: ") && said.contains("at least one"),
            "{said}"
        );
        let said = refused("state = \"/s\"\nnames = [\"a b\"]");
        assert!(said.contains("names[0]: “a b”"), "{said}");
    }

    #[test]
    fn a_password_in_the_file_is_refused_and_not_repeated() {
        let database = "database = \"postgres://kw:hunter2@db/kw\"";
        let said = refused(&format!("{SHORT}{database}"));
        assert!(said.contains("database_url_file"), "{said}");
        assert!(!said.contains("hunter2"), "{said}");
    }

    #[test]
    fn one_database_is_enough() {
        let two = "database = \"sqlite\"\ndatabase_url_file = \"/etc/kw\"";
        let said = refused(&format!("{SHORT}{two}"));
        assert!(
            said.contains("database_url_file: ") && said.contains("one of"),
            "{said}"
        );
        let one = parse(&format!("{SHORT}database_url_file = \"/etc/kw\"")).unwrap();
        assert_eq!(one.database, Database::UrlFile(PathBuf::from("/etc/kw")));
    }

    #[test]
    fn channels_have_names_of_their_own() {
        let said = refused(&format!("{SHORT}{CHANNEL}{CHANNEL}"));
        assert!(
            said.contains("channel[1].name: ") && said.contains("twice"),
            "{said}"
        );
    }

    #[test]
    fn plain_http_leaves_the_machine_only_when_allowed() {
        let with = |url: &str, more: &str| {
            let channel = CHANNEL.replace("https://hooks.example/x", url);
            parse(&format!("{SHORT}{channel}{more}"))
        };
        let told = |parsed: Result<Config, ConfigError>| chain(&parsed.unwrap_err()).to_string();
        assert!(with("http://127.0.0.1:9/x", "").is_ok());
        assert!(with("http://localhost/x", "").is_ok());
        assert!(with("http://hooks.example/x", "plain_http = true").is_ok());
        let said = told(with("http://hooks.example/x", ""));
        assert!(
            said.contains("channel[0].url: ") && said.contains("plain_http"),
            "{said}"
        );
        let said = told(with("ftp://hooks.example/x", ""));
        assert!(said.contains("https://"), "{said}");
        let said = told(with("https://user:pw@hooks.example/x", ""));
        assert!(!said.contains("pw@"), "{said}");
    }

    #[test]
    fn what_an_address_may_hide_is_not_shown() {
        let channel = CHANNEL.replace("/x", "/hook?token=hunter2");
        let config = parse(&format!("{SHORT}{channel}")).unwrap();
        assert!(!format!("{config:?}").contains("hunter2"));
    }
}
