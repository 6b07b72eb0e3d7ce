//! How a browser looks at pages: language, size of the screen, light or dark.

use fantoccini::wd::WebDriverCompatibleCommand;
use http::Method;
use serde_json::{Value, json};
use url::{ParseError, Url};

/// Language, screen and colours.
#[derive(Debug, Clone, Copy)]
pub struct Look {
    /// What the person reads, as `Accept-Language` says it.
    pub languages: &'static str,
    /// Pixels across.
    pub width: u32,
    /// Pixels down.
    pub height: u32,
    /// Whether the system is dark.
    pub dark: bool,
}

impl Look {
    /// A desk in China, by day.
    pub const DESK: Self = Self {
        languages: "zh-CN,zh",
        width: 1440,
        height: 900,
        dark: false,
    };

    /// The same screen, read in English.
    pub const ENGLISH: Self = Self {
        languages: "en-GB,en",
        ..Self::DESK
    };

    /// On a phone.
    #[must_use]
    pub fn on_a_phone(self) -> Self {
        Self {
            width: 390,
            height: 844,
            ..self
        }
    }

    /// By night.
    #[must_use]
    pub fn by_night(self) -> Self {
        Self { dark: true, ..self }
    }

    /// How the browser is started.
    pub(super) fn options(self) -> Value {
        let languages = format!("--accept-lang={}", self.languages);
        let size = format!("--window-size={},{}", self.width, self.height);
        let args = [
            "--headless",
            // The tests may run as root, in containers with a small shared memory.
            "--no-sandbox",
            "--disable-dev-shm-usage",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
            languages.as_str(),
            size.as_str(),
        ];
        json!({"args": args})
    }

    pub(super) fn screen(self) -> Devtools {
        let screen = json!({
            "width": self.width,
            "height": self.height,
            "deviceScaleFactor": 1,
            "mobile": false,
        });
        Devtools::of("Emulation.setDeviceMetricsOverride", screen)
    }

    pub(super) fn colours(self) -> Devtools {
        let scheme = if self.dark { "dark" } else { "light" };
        let features = json!([{"name": "prefers-color-scheme", "value": scheme}]);
        Devtools::of("Emulation.setEmulatedMedia", json!({"features": features}))
    }
}

/// An order in the browser's own protocol, which the driver hands on.
#[derive(Debug)]
pub(super) struct Devtools {
    order: &'static str,
    parameters: Value,
}

impl Devtools {
    pub(super) fn of(order: &'static str, parameters: Value) -> Self {
        Self { order, parameters }
    }

    pub(super) fn name(&self) -> &'static str {
        self.order
    }
}

impl WebDriverCompatibleCommand for Devtools {
    fn endpoint(&self, base: &Url, session: Option<&str>) -> Result<Url, ParseError> {
        let session = session.unwrap_or_default();
        base.join(&format!("session/{session}/goog/cdp/execute"))
    }

    fn method_and_body(&self, _: &Url) -> (Method, Option<String>) {
        let body = json!({"cmd": self.order, "params": self.parameters});
        (Method::POST, Some(body.to_string()))
    }
}
