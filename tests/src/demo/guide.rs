//! What a person is told once everything stands: where the pages are, how to sign in, what to see.

use std::path::Path;

use keepwatch_common::secret::Secret;
use keepwatch_common::time::HOUR_MS;
use keepwatch_coordinator::web::address;

use super::headquarters::ADMINISTRATOR;
use super::scene::{CHANGED, GAPPED, RECORDER, SHORT, Scene};
use super::site::zone;

/// The text, with the folder that goes at the end; the password is told here and nowhere else.
pub(super) fn guide(scene: &Scene, at: &str, password: &Secret, goes: Option<&Path>) -> String {
    let [gapped, changed, short] = [GAPPED, CHANGED, SHORT].map(|place| &scene.branches[place]);
    let day = zone(gapped).day_of(scene.gap.start()).to_string();
    let camera = &gapped.cameras[0].camera;
    let hours = scene.gap.ms() / HOUR_MS;
    let file = changed.software.watched();
    let goes = goes.map_or_else(String::new, |path| {
        format!(" and removes {}", path.display())
    });
    format!(
        "
Keepwatch runs on this machine: a coordinator and three agents.

  Pages     {at}{fleet}
  Sign in   {ADMINISTRATOR}
  Password  {password}

Three things to look at:

  1. {gapped}: camera {camera} did not record for {hours} hours
     {at}{gap}
  2. {changed}: somebody changed {file} without permission
     {at}{drift}
  3. {short}: footage does not reach back as far as it must
     {at}{branch}

  Every alert: {at}{alerts}

Each camera that works records another five minutes every five minutes. What the webhook receives
is shown below. Ctrl-C ends the demo{goes}.
",
        fleet = address::FLEET,
        password = password.expose(),
        gapped = gapped.name,
        changed = changed.name,
        short = short.name,
        gap = address::camera(gapped.code, RECORDER, camera, Some(&day)),
        drift = address::drift(changed.code, file),
        branch = address::branch(short.code),
        alerts = address::ALERTS,
    )
}

#[cfg(test)]
mod tests {
    use keepwatch_common::time::Instant;

    use super::*;

    #[test]
    fn links_lead_to_what_was_arranged() {
        let now = Instant::parse("2026-11-23T20:00:00Z").unwrap();
        let scene = Scene::of(31, 4, now);
        let text = guide(
            &scene,
            "http://127.0.0.1:9",
            &Secret::new("correct horse".to_owned()),
            Some(Path::new("/somewhere")),
        );
        for expected in [
            // Four in the morning there.
            "http://127.0.0.1:9/branches/0101/cameras/nvr/front_door?day=2026-11-18\n",
            "http://127.0.0.1:9/branches/0208/drift/frigate.yml\n",
            "http://127.0.0.1:9/branches/0315\n",
            "http://127.0.0.1:9/alerts\n",
            "correct horse\n",
            "ends the demo and removes /somewhere.",
        ] {
            assert!(text.contains(expected), "{text}");
        }
    }
}
