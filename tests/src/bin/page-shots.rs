//! Takes pictures of a running coordinator's pages: in both languages, light and dark, wide and narrow.
//!
//! For whoever judges pages by looking at them, and for the README. It signs in as a person does and
//! knows nothing of what the pages say; it only warns of a page that must be pushed sideways.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use keepwatch_common::error_chain::chain;
use keepwatch_tests::browser::{Browser, BrowserError, Look};

#[derive(Debug, Parser)]
#[command(about = "Takes pictures of a coordinator's pages", long_about = None)]
struct Arguments {
    /// Where the pages are: scheme, host and port
    #[arg(long, value_name = "URL")]
    address: String,
    /// Who signs in
    #[arg(long, value_name = "NAME")]
    person: String,
    /// A file whose first line is the password
    #[arg(long, value_name = "FILE")]
    password_file: PathBuf,
    /// The folder for the pictures; made if it is not there
    #[arg(long, value_name = "FOLDER")]
    to: PathBuf,
    /// The pages, as NAME=PATH, such as fleet=/
    #[arg(required = true, value_name = "NAME=PATH", value_parser = page)]
    pages: Vec<(String, String)>,
}

/// Why there are no pictures.
#[derive(Debug, thiserror::Error)]
enum ShotsError {
    /// A file or a folder.
    #[error("a file cannot be used")]
    File(#[from] std::io::Error),
    /// The browser.
    #[error("the browser did not do it")]
    Browser(#[from] BrowserError),
}

/// Why an argument is no page.
#[derive(Debug, thiserror::Error)]
#[error("write a page as NAME=PATH, with a path that begins with /")]
struct NoPage;

fn page(text: &str) -> Result<(String, String), NoPage> {
    let (name, path) = text.split_once('=').ok_or(NoPage)?;
    let plain = |c: char| c.is_ascii_alphanumeric() || c == '-';
    let fits = !name.is_empty() && name.chars().all(plain) && path.starts_with('/');
    fits.then(|| (name.to_owned(), path.to_owned()))
        .ok_or(NoPage)
}

#[expect(
    clippy::print_stderr,
    reason = "a program that people run from a terminal"
)]
fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let shot = match runtime {
        Ok(runtime) => runtime.block_on(shots(&arguments)),
        Err(error) => Err(error.into()),
    };
    match shot {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("page-shots: {}", chain(&error));
            ExitCode::FAILURE
        }
    }
}

async fn shots(arguments: &Arguments) -> Result<(), ShotsError> {
    fs_err::create_dir_all(&arguments.to)?;
    let secret = fs_err::read_to_string(&arguments.password_file)?;
    let password = secret.lines().next().unwrap_or_default();
    for (language, desk) in [("zh", Look::DESK), ("en", Look::ENGLISH)] {
        let browser = Browser::open(desk).await?;
        let sign_in = format!("{}/sign-in", arguments.address);
        browser.goto(&sign_in).await?;
        shoot(arguments, &browser, desk, "sign-in", language).await?;
        browser.fill("input[name=name]", &arguments.person).await?;
        browser.fill("input[name=password]", password).await?;
        browser.follow("main button.go").await?;
        for (name, path) in &arguments.pages {
            browser
                .goto(&format!("{}{path}", arguments.address))
                .await?;
            shoot(arguments, &browser, desk, name, language).await?;
        }
        browser.close().await?;
    }
    Ok(())
}

#[expect(
    clippy::print_stderr,
    reason = "a program that people run from a terminal"
)]
async fn shoot(
    arguments: &Arguments,
    browser: &Browser,
    desk: Look,
    name: &str,
    language: &str,
) -> Result<(), ShotsError> {
    let looks = [
        ("wide-light", desk),
        ("wide-dark", desk.by_night()),
        ("narrow-light", desk.on_a_phone()),
        ("narrow-dark", desk.on_a_phone().by_night()),
    ];
    for (how, look) in looks {
        browser.look(look).await?;
        let over = browser.sideways_px().await?;
        if over > 0 {
            eprintln!("page-shots: {name} {language} {how} is {over} pixels wider than the screen");
        }
        let file = format!("{name}-{language}-{how}.png");
        browser.picture(&arguments.to.join(file)).await?;
    }
    Ok(())
}
