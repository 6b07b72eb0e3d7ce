//! A real browser without a window: Chromium, steered through its driver as a person would use it.
//!
//! It knows nothing of our pages. What it cannot do says what was looked for and where the browser
//! stood, so that a story that fails can be followed.

/// The driver's process.
mod driver;
/// How a browser looks at pages.
mod look;

use std::path::Path;
use std::time::Duration;

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use fantoccini::error::{CmdError, NewSessionError};
use fantoccini::{Client, ClientBuilder, Locator};
use hyper_util::client::legacy::connect::HttpConnector;
use serde_json::{Value, json};

use driver::Driver;
use look::Devtools;

pub use driver::DriverError;
pub use look::Look;

/// A page of ours is there in a blink; what takes longer does not come.
const COMES_WITHIN: Duration = Duration::from_secs(10);

/// Between two looks whether a page has been left.
const LOOKS_AGAIN: Duration = Duration::from_millis(10);

/// A browser in which nobody has been anywhere yet.
#[derive(Debug)]
pub struct Browser {
    client: Client,
    // After the client: a driver that ends takes its browser along.
    driver: Driver,
}

/// What a browser could not do.
#[derive(Debug, thiserror::Error)]
pub enum BrowserError {
    /// It does not start.
    #[error("the browser's driver does not start")]
    Driver(#[from] DriverError),
    /// The driver has no browser.
    #[error("the driver starts no browser; install the package chromium")]
    Session(#[from] NewSessionError),
    /// An order failed.
    #[error("the browser could not {order}; it was at {at}")]
    Order {
        /// What it should do.
        order: String,
        /// Where it was.
        at: String,
        /// What it said.
        source: CmdError,
    },
    /// A link or a form did nothing.
    #[error("a click on {css} led to no other page")]
    LeadsNowhere {
        /// What was clicked.
        css: String,
    },
    /// A picture came that is none.
    #[error("the browser gave no picture")]
    NoPicture,
    /// A picture cannot be kept.
    #[error("the picture cannot be kept")]
    Keep(#[from] std::io::Error),
}

impl Browser {
    /// Starts one with an empty profile.
    pub async fn open(look: Look) -> Result<Self, BrowserError> {
        let driver = Driver::start().await?;
        let mut http = HttpConnector::new();
        http.set_connect_timeout(Some(COMES_WITHIN));
        let mut wishes = serde_json::Map::new();
        wishes.insert("goog:chromeOptions".to_owned(), look.options());
        let client = ClientBuilder::new(http)
            .capabilities(wishes)
            .connect(&driver.address())
            .await?;
        let browser = Self { client, driver };
        browser.look(look).await?;
        Ok(browser)
    }

    /// Looks at pages in another way from now on; the language stays.
    pub async fn look(&self, look: Look) -> Result<(), BrowserError> {
        self.devtools(look.screen()).await?;
        self.devtools(look.colours()).await?;
        Ok(())
    }

    /// Goes to an address.
    pub async fn goto(&self, address: &str) -> Result<(), BrowserError> {
        let went = self.client.goto(address).await;
        self.told(went, || format!("go to {address}")).await
    }

    /// The path and query of the page.
    pub async fn path(&self) -> Result<String, BrowserError> {
        let url = self.client.current_url().await;
        let url = self.told(url, || "say where it is".to_owned()).await?;
        Ok(match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        })
    }

    /// The text of the first element that `css` selects, as a person reads it; waits for it.
    pub async fn text(&self, css: &str) -> Result<String, BrowserError> {
        let wait = self.client.wait().at_most(COMES_WITHIN);
        let element = wait.for_element(Locator::Css(css)).await;
        let element = self.told(element, || format!("find {css}")).await?;
        let text = element.text().await;
        self.told(text, || format!("read {css}")).await
    }

    /// How many elements `css` selects, now.
    pub async fn count(&self, css: &str) -> Result<usize, BrowserError> {
        let all = self.client.find_all(Locator::Css(css)).await;
        Ok(self.told(all, || format!("count {css}")).await?.len())
    }

    /// An attribute of the first element that `css` selects.
    pub async fn attribute(&self, css: &str, name: &str) -> Result<Option<String>, BrowserError> {
        let element = self.client.find(Locator::Css(css)).await;
        let element = self.told(element, || format!("find {css}")).await?;
        let value = element.attr(name).await;
        self.told(value, || format!("read {name} of {css}")).await
    }

    /// Writes into a field instead of what stands there.
    pub async fn fill(&self, css: &str, text: &str) -> Result<(), BrowserError> {
        let wait = self.client.wait().at_most(COMES_WITHIN);
        let field = wait.for_element(Locator::Css(css)).await;
        let field = self.told(field, || format!("find {css}")).await?;
        let emptied = field.clear().await;
        self.told(emptied, || format!("empty {css}")).await?;
        // What was written may be a password, so it is not told.
        let written = field.send_keys(text).await;
        self.told(written, || format!("write into {css}")).await
    }

    /// Clicks on what leads to another page, by a link or a form; returns when that is there.
    pub async fn follow(&self, css: &str) -> Result<(), BrowserError> {
        self.text("html").await?;
        let before = self.document().await?;
        self.click(css).await?;
        let left = tokio::time::timeout(COMES_WITHIN, self.leaves(before.as_deref())).await;
        left.unwrap_or_else(|_| {
            let css = css.to_owned();
            Err(BrowserError::LeadsNowhere { css })
        })
    }

    async fn leaves(&self, before: Option<&str>) -> Result<(), BrowserError> {
        loop {
            let document = self.document().await?;
            if document.is_some() && document.as_deref() != before {
                return Ok(());
            }
            // The driver tells nobody when a page is left.
            tokio::time::sleep(LOOKS_AGAIN).await;
        }
    }

    /// What tells one page's document from the next one's; none between two pages, where the driver
    /// has no element at all.
    async fn document(&self) -> Result<Option<String>, BrowserError> {
        let html = self.client.find(Locator::Css("html")).await;
        if html.as_ref().is_err_and(CmdError::is_no_such_element) {
            return Ok(None);
        }
        let html = self.told(html, || "find a page".to_owned()).await?;
        Ok(Some(html.element_id().to_string()))
    }

    /// Clicks on what stays on the page.
    pub async fn click(&self, css: &str) -> Result<(), BrowserError> {
        let wait = self.client.wait().at_most(COMES_WITHIN);
        let element = wait.for_element(Locator::Css(css)).await;
        let element = self.told(element, || format!("find {css}")).await?;
        let clicked = element.click().await;
        self.told(clicked, || format!("click {css}")).await
    }

    /// How far the page is wider than the screen, in pixels: a person would have to push it sideways.
    pub async fn sideways_px(&self) -> Result<i64, BrowserError> {
        let metrics = self
            .devtools(Devtools::of("Page.getLayoutMetrics", json!({})))
            .await?;
        let width = |area: &str| metrics[area]["width"].as_f64().unwrap_or_default();
        let shown = metrics["cssLayoutViewport"]["clientWidth"].as_f64();
        let over = width("cssContentSize") - shown.unwrap_or_default();
        #[expect(
            clippy::cast_possible_truncation,
            reason = "a page has fewer pixels than there are whole numbers"
        )]
        Ok(over.ceil() as i64)
    }

    /// Keeps a picture of the whole page, also of what does not fit the screen.
    pub async fn picture(&self, file: &Path) -> Result<(), BrowserError> {
        let order = json!({"format": "png", "captureBeyondViewport": true});
        let picture = self
            .devtools(Devtools::of("Page.captureScreenshot", order))
            .await?;
        let coded = picture["data"].as_str().ok_or(BrowserError::NoPicture)?;
        let png = BASE64_STANDARD.decode(coded);
        fs_err::write(file, png.map_err(|_| BrowserError::NoPicture)?)?;
        Ok(())
    }

    /// Ends it. A browser that is dropped ends too, with its driver.
    pub async fn close(self) -> Result<(), BrowserError> {
        let at = self.driver.address();
        let closed = self.client.close().await;
        closed.map_err(|source| BrowserError::Order {
            order: "close".to_owned(),
            at,
            source,
        })
    }

    async fn devtools(&self, order: Devtools) -> Result<Value, BrowserError> {
        let name = order.name();
        let answer = self.client.issue_cmd(order).await;
        self.told(answer, || format!("obey {name}")).await
    }

    /// Puts what was wanted and the browser's place around what the driver says.
    async fn told<T>(
        &self,
        answer: Result<T, CmdError>,
        order: impl FnOnce() -> String,
    ) -> Result<T, BrowserError> {
        match answer {
            Ok(answer) => Ok(answer),
            Err(source) => {
                let url = self.client.current_url().await;
                Err(BrowserError::Order {
                    order: order(),
                    at: url.map_or_else(|_| "no page".to_owned(), |url| url.to_string()),
                    source,
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[tokio::test]
    async fn a_page_is_read_written_into_and_looked_at_as_by_a_person() {
        let browser = Browser::open(Look::DESK.on_a_phone().by_night()).await;
        let browser = browser.unwrap();
        let page = "data:text/html,<style>div{width:600px}@media(prefers-color-scheme:dark){\
            b{display:none}}</style><p><b>day</b><i>night</i></p><input name=n value=old><div>w</div>";
        browser.goto(page).await.unwrap();
        assert_eq!(browser.text("p").await.unwrap(), "night");
        browser.fill("input", "new").await.unwrap();
        assert_eq!(browser.count("input").await.unwrap(), 1);
        let over = browser.sideways_px().await.unwrap();
        assert!((200..300).contains(&over), "{over} px");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("page.png");
        browser.picture(&file).await.unwrap();
        assert!(fs_err::read(&file).unwrap().starts_with(b"\x89PNG"));
        let lost = browser.fill("textarea", "x").await;
        browser.close().await.unwrap();
        assert!(lost.unwrap_err().to_string().contains("find textarea"));
    }
}
