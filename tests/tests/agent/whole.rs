//! The whole agent: what it observes on this machine arrives at a coordinator, and it stops in order.

use keepwatch_agent::app::RunError;
use keepwatch_agent::status::Status;
use keepwatch_common::model::observation::Body;
use keepwatch_common::model::volume::Presence;
use keepwatch_common::model::watched::Reading;

use crate::coordinator::Coordinator;
use crate::heard::Heard;
use crate::running::{Running, config};
use crate::world::{Branch, Headquarters};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn the_agent_tells_what_it_finds_and_how_it_stands() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let site = tempfile::tempdir().unwrap();
    let (footage, file) = (site.path().join("footage"), site.path().join("nvr.yml"));
    let hour = footage.join("till/2026-11-23");
    fs_err::create_dir_all(&hour).unwrap();
    for minute in 0..5 {
        // Nothing looks into them here.
        fs_err::write(hour.join(format!("07-{minute:02}-00.mp4")), b"x").unwrap();
    }
    fs_err::write(&file, "password: hunter2\nfps: 5\n").unwrap();
    let text = config(
        branch.state.path(),
        &format!(
            r#"
            [[recorder]]
            name = "nvr"
            root = "{}"
            layout = "template:{{camera}}/%Y-%m-%d/%H-%M-%S.mp4"
            verify = "none"
            [[volume]]
            name = "root"
            path = "/"
            [[volume]]
            name = "not there"
            path = "{}"
            [[watch]]
            name = "settings"
            path = "{}"
            "#,
            footage.display(),
            site.path().join("none").display(),
            file.display(),
        ),
    );
    let agent = Running::start(&text);
    coordinator
        .hears(|heard| {
            let bodies: Vec<_> = heard.bodies().collect();
            let has = |wanted: fn(&Body) -> bool| bodies.iter().any(|body| wanted(body));
            has(|body| matches!(body, Body::Started(_)))
                && has(|body| matches!(body, Body::Footage(f) if f.sealed + f.open == 5))
                && has(|body| matches!(body, Body::Coverage(_)))
                && has(|body| matches!(body, Body::Volume(v) if v.presence != Presence::Missing))
                && has(|body| matches!(body, Body::Volume(v) if v.presence == Presence::Missing))
                && has(|body| matches!(body, Body::Watched(w) if tells(&w.reading)))
        })
        .await;
    agent.stop().await.unwrap();
    let status = Status::read(branch.state.path()).unwrap();
    assert!(status.stopped);
    assert_eq!(status.recorders[0].cameras, 1);
    assert_eq!(status.watched[0].reading, "tree");
    assert_eq!(status.volumes[1].presence, "missing");
}

fn tells(reading: &Reading) -> bool {
    matches!(reading, Reading::Tree { canonical, .. }
        if canonical.contains("\"fps\":5") && !canonical.contains("hunter2"))
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_agent_that_has_not_joined_says_what_to_do() {
    let branch = Branch::new();
    let text = config(
        branch.state.path(),
        "[[watch]]\nname = \"a\"\npath = \"/a\"",
    );
    let refused = Running::start(&text).ended().await.unwrap_err();
    assert!(matches!(refused, RunError::NotJoined));
    assert!(refused.to_string().contains("keepwatch-agent join"));
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn two_agents_on_one_state_folder_are_refused() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let text = config(
        branch.state.path(),
        "[[watch]]\nname = \"a\"\npath = \"/a\"",
    );
    let first = Running::start(&text);
    coordinator.hears(|heard| heard.bodies().count() > 0).await;
    let refused = Running::start(&text).ended().await.unwrap_err();
    assert!(matches!(refused, RunError::Spool(_)), "{refused:?}");
    first.stop().await.unwrap();
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_restarted_agent_tells_no_state_that_it_told_before() {
    let hq = Headquarters::new();
    let coordinator = Coordinator::start(&hq);
    let branch = Branch::enrolled(&hq, coordinator.address());
    let volumes = |names: &[&str]| {
        let volume = |name| format!("[[volume]]\nname = \"{name}\"\npath = \"/not/{name}\"\n");
        names.iter().map(volume).collect::<String>()
    };
    let told = |heard: &Heard| {
        let named = |body: &Body| match body {
            Body::Volume(volume) => Some(volume.volume.to_string()),
            _ => None,
        };
        heard.bodies().filter_map(named).collect::<Vec<_>>()
    };
    for names in [&["one"][..], &["one", "two"]] {
        let agent = Running::start(&config(branch.state.path(), &volumes(names)));
        // Both are looked at together, so the second is heard of after the first was seen again.
        let newest = names.last().copied();
        coordinator
            .hears(|heard| told(heard).last().map(String::as_str) == newest)
            .await;
        agent.stop().await.unwrap();
    }
    assert_eq!(told(&coordinator.heard()), ["one", "two"]);
}
