//! Stories of holds over real files: what is listed, what is noticed, what outlives a kill.
//!
//! Long because all of them happen in one room, which is most of what there is to read.

#![cfg(test)]

use std::ops::ControlFlow;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use keepwatch_common::clock::{Clock, ManualClock};
use keepwatch_common::ids::Seeded;
use keepwatch_common::interval::Interval;
use keepwatch_common::model::camera::CameraKey;
use keepwatch_common::model::desired::{DesiredSet, Intention};
use keepwatch_common::model::hold::{HoldKey, HoldStanding, HoldState, WantedHold};
use keepwatch_common::model::name::Name;
use keepwatch_common::model::observation::Body;
use keepwatch_common::time::{DAY_MS, HOUR_MS, Instant, Zone};
use uuid::Uuid;

use super::holder::{Bounds, Holder, Source};
use super::reading::Rest;
use super::vault::Vault;
use crate::footage::layout::template::Template;
use crate::footage::recorder::Guard;

const KEY: HoldKey = HoldKey(Uuid::from_u128(7));
const BEGIN_S: i64 = 1_795_000_000;

/// A storage that a test can take away.
#[derive(Debug, Clone)]
struct Storage(Arc<AtomicBool>);

impl Guard for Storage {
    fn is_intact(&mut self) -> bool {
        self.0.load(Ordering::SeqCst)
    }
}

/// Stops after so many bytes, as a kill does.
#[derive(Debug)]
struct Until(u64);

impl Rest for Until {
    fn spent(&mut self, bytes: u64) -> ControlFlow<()> {
        match self.0.checked_sub(bytes) {
            Some(left) => self.0 = left,
            None => return ControlFlow::Break(()),
        }
        ControlFlow::Continue(())
    }
}

struct Room {
    scratch: tempfile::TempDir,
    clock: ManualClock,
    storage: Storage,
    vault_bytes: Option<u64>,
}

impl Room {
    fn new(vault_bytes: Option<u64>) -> Self {
        let room = Self {
            scratch: tempfile::tempdir().unwrap(),
            // Whatever a test writes was written long ago.
            clock: ManualClock::at(Instant::from_s(4_000_000_000)),
            storage: Storage(Arc::new(AtomicBool::new(true))),
            vault_bytes,
        };
        for minute in 0..10 {
            room.record(minute, &format!("footage of minute {minute}"));
        }
        room
    }

    fn root(&self) -> PathBuf {
        self.scratch.path().join("footage")
    }

    fn file(&self, minute: i64) -> PathBuf {
        let name = format!("{}.mp4", BEGIN_S + 60 * minute);
        self.root().join("till").join(name)
    }

    fn record(&self, minute: i64, bytes: &str) {
        let file = self.file(minute);
        fs_err::create_dir_all(file.parent().unwrap()).unwrap();
        fs_err::write(file, bytes).unwrap();
    }

    fn copies(&self) -> usize {
        let till = self.scratch.path().join(format!("vault/{KEY}/till"));
        fs_err::read_dir(till).map_or(0, Iterator::count)
    }

    fn holder(&self) -> Holder {
        let layout = Template::new("{camera}/%s.mp4", Zone::utc()).unwrap();
        let source = Source {
            name: Name::new("nvr").unwrap(),
            root: self.root(),
            layout: Arc::new(layout),
            guard: Box::new(self.storage.clone()),
        };
        let vault = self.vault_bytes.map(|bytes_max| Vault {
            root: self.scratch.path().join("vault"),
            guard: Box::new(self.storage.clone()),
            bytes_max,
            free_bytes_min: 0,
        });
        let bounds = Bounds {
            count_max: 2,
            walk_ms: 0,
            verify_ms: 7 * DAY_MS,
            release_grace_ms: DAY_MS,
        };
        let folder = self.scratch.path().join("holds");
        Holder::open(&folder, bounds, vec![source], vault).unwrap()
    }

    /// A hold of these minutes.
    fn wanted(&self, minutes: (i64, i64), released: bool) -> DesiredSet {
        let at = |minute| Instant::from_s(BEGIN_S + 60 * minute);
        DesiredSet {
            version: 1,
            intentions: vec![Intention::Hold(WantedHold {
                key: KEY,
                camera: CameraKey {
                    recorder: Name::new("nvr").unwrap(),
                    camera: Name::new("till").unwrap(),
                },
                span: Interval::new(at(minutes.0), at(minutes.1)).unwrap(),
                released: released.then(|| self.clock.now()),
            })],
            not_understood: 0,
        }
    }

    /// Works until there is nothing to do; how the hold stands.
    fn work(&self, holder: &mut Holder) -> HoldState {
        for _ in 0..3 {
            let mut rest = Until(u64::MAX);
            assert!(holder.look(&self.clock, &mut rest).unwrap().is_continue());
            assert!(holder.copy(&mut rest).unwrap().is_continue());
            holder.clear(self.clock.now()).unwrap();
        }
        standing(holder, &self.clock)
    }
}

/// How the only hold stands, told or not.
fn standing(holder: &mut Holder, clock: &ManualClock) -> HoldState {
    holder.forget_told();
    match holder.tell(clock.now()).pop() {
        Some(Body::Hold(state)) => state,
        other => panic!("{other:?}"),
    }
}

fn begun(room: &Room, minutes: (i64, i64)) -> Holder {
    let mut holder = room.holder();
    let wanted = room.wanted(minutes, false);
    holder.want(&wanted, room.clock.now()).unwrap();
    holder
}

#[test]
fn what_was_recorded_in_the_interval_is_listed_and_nothing_else() {
    let room = Room::new(None);
    let mut holder = begun(&room, (2, 5));
    assert_eq!(
        standing(&mut holder, &room.clock).standing,
        HoldStanding::Making
    );
    let state = room.work(&mut holder);
    assert_eq!(state.standing, HoldStanding::Kept);
    assert_eq!((state.segments, state.covered_ms), (3, 180_000));
    assert!(state.verified.is_some());
    assert!(holder.tell(room.clock.now()).is_empty(), "said once");
}

#[test]
fn a_hold_grows_with_what_is_recorded_later() {
    let room = Room::new(None);
    let mut holder = begun(&room, (8, 12));
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.segments), (HoldStanding::Partly, 2));
    room.record(10, "later");
    room.record(11, "later still");
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.segments), (HoldStanding::Kept, 4));
}

#[test]
fn a_held_segment_that_is_deleted_or_altered_is_noticed_in_the_next_look() {
    let room = Room::new(None);
    let mut holder = begun(&room, (0, 10));
    room.work(&mut holder);
    fs_err::remove_file(room.file(3)).unwrap();
    fs_err::write(room.file(5), "something else").unwrap();
    let state = room.work(&mut holder);
    assert_eq!(state.standing, HoldStanding::Broken);
    assert_eq!((state.gone, state.changed, state.spans.len()), (1, 1, 2));
    let mut again = room.holder();
    let state = standing(&mut again, &room.clock);
    assert_eq!(
        state.standing,
        HoldStanding::Broken,
        "a restart forgets nothing"
    );
}

#[test]
fn one_that_was_touched_and_is_the_same_is_kept_and_one_that_came_back_too() {
    let room = Room::new(None);
    let mut holder = begun(&room, (0, 3));
    room.work(&mut holder);
    let text = fs_err::read(room.file(1)).unwrap();
    fs_err::remove_file(room.file(1)).unwrap();
    assert_eq!(room.work(&mut holder).standing, HoldStanding::Broken);
    fs_err::write(room.file(1), text).unwrap();
    let file = fs_err::File::open(room.file(1)).unwrap();
    let long_ago = std::time::UNIX_EPOCH + std::time::Duration::from_secs(5);
    file.file().set_modified(long_ago).unwrap();
    assert_eq!(room.work(&mut holder).standing, HoldStanding::Kept);
}

#[test]
fn the_same_size_and_time_with_other_bytes_is_found_by_the_reading_of_everything() {
    let room = Room::new(None);
    let mut holder = begun(&room, (0, 3));
    room.work(&mut holder);
    let modified = fs_err::metadata(room.file(1)).unwrap().modified().unwrap();
    fs_err::write(room.file(1), "forgery of minute 1").unwrap();
    let file = fs_err::OpenOptions::new()
        .write(true)
        .open(room.file(1))
        .unwrap();
    file.file().set_modified(modified).unwrap();
    assert_eq!(room.work(&mut holder).standing, HoldStanding::Kept);
    room.clock.advance(u64::try_from(8 * DAY_MS).unwrap());
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.changed), (HoldStanding::Broken, 1));
}

#[test]
fn storage_that_is_away_says_nothing_about_what_is_held() {
    let room = Room::new(None);
    let mut holder = begun(&room, (0, 3));
    let before = room.work(&mut holder);
    room.storage.0.store(false, Ordering::SeqCst);
    let away = room.scratch.path().join("away");
    fs_err::rename(room.root(), &away).unwrap();
    assert_eq!(room.work(&mut holder), before);
    fs_err::rename(&away, room.root()).unwrap();
    room.storage.0.store(true, Ordering::SeqCst);
    assert_eq!(room.work(&mut holder), before);
}

#[test]
fn a_vault_stands_in_for_what_is_gone_as_long_as_its_copy_is_whole() {
    let room = Room::new(Some(1_000_000));
    let mut holder = begun(&room, (0, 3));
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.copied), (HoldStanding::Copied, 3));
    fs_err::remove_file(room.file(1)).unwrap();
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.gone), (HoldStanding::InVault, 1));
    assert_eq!(state.covered_ms, 180_000);
    let path = room.file(0);
    let relative = path.strip_prefix(room.root()).unwrap();
    let copy = room
        .scratch
        .path()
        .join(format!("vault/{KEY}"))
        .join(relative);
    fs_err::write(copy, "rotten").unwrap();
    fs_err::remove_file(room.file(0)).unwrap();
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.copied), (HoldStanding::Broken, 2));
}

#[test]
fn a_full_vault_takes_the_oldest_and_says_that_there_is_no_room() {
    let each = u64::try_from("footage of minute 0".len()).unwrap();
    let room = Room::new(Some(2 * each));
    let mut holder = begun(&room, (0, 3));
    let state = room.work(&mut holder);
    assert_eq!((state.standing, state.copied), (HoldStanding::NoRoom, 2));
    let vault = room.scratch.path().join(format!("vault/{KEY}"));
    let name = |minute| {
        room.file(minute)
            .strip_prefix(room.root())
            .unwrap()
            .to_owned()
    };
    assert!(vault.join(name(0)).exists() && vault.join(name(1)).exists());
    assert!(!vault.join(name(2)).exists());
}

#[test]
fn only_a_release_and_its_grace_remove_copies() {
    let room = Room::new(Some(1_000_000));
    let mut holder = begun(&room, (0, 3));
    room.work(&mut holder);
    holder
        .want(&DesiredSet::default(), room.clock.now())
        .unwrap();
    room.clock.advance(u64::try_from(90 * DAY_MS).unwrap());
    room.work(&mut holder);
    assert_eq!(room.copies(), 3, "a lost list releases nothing");
    let released = room.wanted((0, 3), true);
    holder.want(&released, room.clock.now()).unwrap();
    assert_eq!(room.work(&mut holder).standing, HoldStanding::Released);
    assert_eq!(room.copies(), 3, "the grace is not over");
    drop(holder);
    let mut holder = room.holder();
    room.clock.advance(u64::try_from(DAY_MS + HOUR_MS).unwrap());
    holder.want(&released, room.clock.now()).unwrap();
    assert_eq!(
        room.work_released(&mut holder, &released),
        HoldStanding::Released
    );
    assert_eq!(room.copies(), 0);
    assert!(archived(room.scratch.path()));
}

impl Room {
    fn work_released(&self, holder: &mut Holder, released: &DesiredSet) -> HoldStanding {
        holder.clear(self.clock.now()).unwrap();
        holder.want(released, self.clock.now()).unwrap();
        standing(holder, &self.clock).standing
    }
}

fn archived(scratch: &Path) -> bool {
    scratch.join(format!("holds/released/{KEY}.hold")).exists()
}

#[test]
fn more_holds_than_the_branch_allows_and_unknown_recorders_are_refused() {
    let room = Room::new(None);
    let mut wanted = room.wanted((0, 3), false);
    for number in 10..12 {
        let mut other = wanted.intentions[0].clone();
        let Intention::Hold(hold) = &mut other;
        hold.key = HoldKey(Uuid::from_u128(number));
        if number == 11 {
            hold.camera.recorder = Name::new("other").unwrap();
        }
        wanted.intentions.push(other);
    }
    let mut holder = room.holder();
    holder.want(&wanted, room.clock.now()).unwrap();
    let states = holder.tell(room.clock.now());
    let refused = states.iter().filter(
        |body| matches!(body, Body::Hold(state) if state.standing == HoldStanding::Refused),
    );
    assert_eq!((states.len(), refused.count()), (3, 1));
}

#[test]
fn whatever_moment_it_is_interrupted_at_everything_is_listed_and_copied_in_the_end() {
    for seed in 0..40 {
        let random = Seeded::new(seed);
        let room = Room::new(Some(1_000_000));
        drop(begun(&room, (0, 10)));
        for _ in 0..6 {
            let mut holder = room.holder();
            let mut rest = Until(random.below(400));
            let went_on = holder.look(&room.clock, &mut rest).unwrap().is_continue();
            if went_on {
                let (ControlFlow::Continue(()) | ControlFlow::Break(())) =
                    holder.copy(&mut rest).unwrap();
            }
            drop(holder);
            // The last line of the list is torn, as by a power cut.
            let list = room.scratch.path().join(format!("holds/{KEY}.hold"));
            let bytes = fs_err::read(&list).unwrap();
            let first = bytes.iter().position(|byte| *byte == b'\n').unwrap() + 1;
            let cut = random
                .below(60)
                .min(u64::try_from(bytes.len() - first).unwrap());
            let kept = bytes.len() - usize::try_from(cut).unwrap();
            fs_err::write(&list, &bytes[..kept]).unwrap();
        }
        let state = room.work(&mut room.holder());
        assert_eq!(state.standing, HoldStanding::Copied, "seed {seed}");
        assert_eq!((state.segments, room.copies()), (10, 10), "seed {seed}");
    }
}
