//! A month of pictures from each place, judged by the agent: no false verdict on a healthy camera,
//! and every fault found. The scenes are drawn; the bench judges the same ones, larger and oftener.
#![cfg(test)]

use keepwatch_common::time::HOUR_MS;
use keepwatch_tests::pictures::fault::Fault;
use keepwatch_tests::pictures::scene::{SCENES, Scene};
use keepwatch_tests::pictures::trial::{Outcome, Trial};

/// Small pictures, one an hour: what a debug build can draw in a test.
const TRIAL: Trial = Trial {
    size: (192, 108),
    step_ms: HOUR_MS,
};

fn scene(name: &str) -> Scene {
    *SCENES.iter().find(|scene| scene.name == name).unwrap()
}

fn assert_healthy(name: &str) {
    let told = TRIAL.healthy(scene(name), 30);
    assert!(
        told.is_empty(),
        "{name}: {} false, first {:?}",
        told.len(),
        told.first()
    );
}

fn faults(name: &str) -> Vec<Outcome> {
    TRIAL.faults(scene(name), 10).unwrap()
}

fn assert_found(name: &str) {
    let left = |outcome: &&Outcome| !outcome.found || !outcome.over;
    let told = faults(name);
    let missed: Vec<_> = told.iter().filter(left).collect();
    assert!(missed.is_empty(), "{name}: {missed:?}");
}

#[test]
fn a_healthy_shop_floor_is_never_wrong() {
    assert_healthy("shop floor");
}

#[test]
fn a_healthy_stockroom_is_never_wrong() {
    assert_healthy("stockroom");
}

#[test]
fn a_healthy_street_is_never_wrong() {
    assert_healthy("street");
}

#[test]
fn a_healthy_entrance_is_never_wrong() {
    assert_healthy("entrance");
}

#[test]
fn a_cellar_that_is_black_every_night_is_never_wrong() {
    assert_healthy("cellar");
}

#[test]
fn a_healthy_white_wall_is_never_wrong() {
    assert_healthy("white wall");
}

#[test]
fn a_corridor_whose_camera_smooths_all_noise_away_is_never_wrong() {
    assert_healthy("smooth corridor");
}

#[test]
fn every_fault_on_a_shop_floor_is_found_and_ends() {
    assert_found("shop floor");
}

#[test]
fn every_fault_in_a_stockroom_is_found_and_ends() {
    assert_found("stockroom");
}

#[test]
fn every_fault_on_a_street_is_found_and_ends() {
    assert_found("street");
}

#[test]
fn every_fault_in_an_entrance_is_found_and_ends() {
    assert_found("entrance");
}

#[test]
fn a_cellar_is_judged_while_it_is_lit() {
    assert_found("cellar");
}

#[test]
fn a_white_wall_that_is_covered_is_told() {
    let told = faults("white wall");
    let found = |fault| {
        told.iter()
            .any(|outcome| outcome.fault == fault && outcome.found)
    };
    assert!(found(Fault::Covered) && found(Fault::NoSignal), "{told:?}");
}
