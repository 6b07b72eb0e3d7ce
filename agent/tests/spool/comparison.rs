//! Random sequences of operations on the spool and on its model: they agree after every step, across
//! kills and restarts.

use keepwatch_agent::spool::{LOSS_REPORTS_PENDING_MAX, Put, PutError, Spool};
use keepwatch_common::model::observation::Lane;
use keepwatch_common::time::Instant;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};

use crate::model::{Kept, LIMITS, Model};
use crate::world::World;

/// So little that even all pages inside the file leave only the reserve.
const DISK_FULL: u64 = 0;
const DISK_ROOMY: u64 = 1 << 40;

#[derive(Debug, Clone)]
enum Step {
    Put(Vec<Put>),
    Peek {
        lane: Lane,
        after: u64,
        count: usize,
        bytes: usize,
    },
    /// The share, in eighths, of what the lane handed out.
    Ack {
        lane: Lane,
        eighths: u64,
    },
    AckTooFar(Lane),
    Restate,
    RenewEpoch,
    Expire(i64),
    ReportLosses,
    DiskFull(bool),
    Tidy,
    Reopen,
    Kill,
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let lane = prop_oneof![Just(Lane::State), Just(Lane::Urgent), Just(Lane::Routine)];
    let payload = proptest::collection::vec(any::<u8>(), 0..120);
    let key = "[abcdefg]";
    let put = (0..5_u8, key, 0..100_i64, payload).prop_map(|(kind, key, ms, payload)| {
        let observed_at = Instant::from_ms(ms);
        // Few values, so that the same is often said again.
        let short: Vec<u8> = payload.iter().take(1).map(|byte| byte % 2).collect();
        match kind {
            0 => Put::State {
                key,
                observed_at,
                payload: short,
            },
            1 => Put::State {
                key,
                observed_at,
                payload,
            },
            2 => Put::Forget {
                key,
                observed_at,
                tombstone: short,
            },
            3 => Put::Urgent {
                observed_at,
                payload,
            },
            _ => Put::Routine {
                observed_at,
                payload,
            },
        }
    });
    let step = prop_oneof![
        8 => proptest::collection::vec(put, 0..8).prop_map(Step::Put),
        6 => (lane.clone(), 0..40_u64, 1..20_usize, 0..300_usize)
            .prop_map(|(lane, after, count, bytes)| Step::Peek { lane, after, count, bytes }),
        6 => (lane.clone(), prop_oneof![Just(8_u64), 0..=8_u64]).prop_map(|(lane, eighths)| Step::Ack { lane, eighths }),
        1 => lane.prop_map(Step::AckTooFar),
        1 => Just(Step::Restate),
        1 => Just(Step::RenewEpoch),
        2 => (0..200_i64).prop_map(Step::Expire),
        3 => Just(Step::ReportLosses),
        2 => any::<bool>().prop_map(Step::DiskFull),
        1 => Just(Step::Tidy),
        1 => Just(Step::Reopen),
        2 => Just(Step::Kill),
    ];
    proptest::collection::vec(step, 1..60)
}

struct Both {
    world: World,
    /// Nothing only between closing and opening.
    spool: Option<Spool>,
    epoch: u64,
    model: Model,
}

impl Both {
    async fn begin() -> Self {
        let world = World::new(LIMITS);
        world.set_free(DISK_ROOMY);
        let opened = world.open().await;
        Self {
            world,
            spool: Some(opened.spool),
            epoch: opened.epoch,
            model: Model::default(),
        }
    }

    fn spool(&mut self) -> &mut Spool {
        self.spool.as_mut().unwrap()
    }

    async fn reopen(&mut self) {
        let opened = self.world.open().await;
        assert_eq!((opened.epoch, opened.fresh), (self.epoch, false));
        assert!(opened.quarantined.is_none());
        self.spool = Some(opened.spool);
    }

    async fn step(&mut self, step: Step) {
        match step {
            Step::Put(batch) => {
                let put = self.spool().put(&batch).await;
                if self.model.put(&batch) {
                    put.unwrap();
                } else {
                    assert!(matches!(put, Err(PutError::StateOvergrown { .. })));
                }
            }
            Step::Peek {
                lane,
                after,
                count,
                bytes,
            } => {
                let records = self.spool().peek(lane, after, count, bytes).await.unwrap();
                let told: Vec<_> = records.into_iter().map(|r| (r.seq, r.payload)).collect();
                assert_eq!(told, self.model.peek(lane, after, count, bytes));
            }
            Step::Ack { lane, eighths } => {
                let through = Model::of(&self.model.handed_out, lane) * eighths / 8;
                self.spool().ack(lane, through).await.unwrap();
                self.model.ack(lane, through);
            }
            Step::AckTooFar(lane) => {
                let beyond = Model::of(&self.model.handed_out, lane) + 1;
                assert!(self.spool().ack(lane, beyond).await.is_err());
            }
            Step::Restate => {
                self.model.restate();
                let last = self.spool().restate().await.unwrap();
                assert_eq!(last, Model::of(&self.model.assigned, Lane::State));
            }
            Step::RenewEpoch => {
                let spool = self.spool.as_mut().unwrap();
                let epoch = spool.renew_epoch(&self.world.randomness).await.unwrap();
                assert_ne!(epoch, self.epoch);
                self.epoch = epoch;
                self.model.restate();
                self.model.handed_out = self.model.acked.clone();
            }
            Step::Expire(now_ms) => {
                self.spool().expire(Instant::from_ms(now_ms)).await.unwrap();
                self.model.expire(now_ms);
            }
            Step::ReportLosses => self.report_losses().await,
            Step::DiskFull(is_full) => {
                self.world
                    .set_free(if is_full { DISK_FULL } else { DISK_ROOMY });
                self.model.is_disk_full = is_full;
            }
            Step::Tidy => {
                self.spool().tidy().await.unwrap();
                self.model.make_room();
            }
            Step::Reopen => {
                self.spool.take().unwrap().close().await.unwrap();
                self.reopen().await;
            }
            Step::Kill => {
                self.world = self.world.killed();
                self.spool = None;
                self.reopen().await;
            }
        }
    }

    async fn report_losses(&mut self) {
        for loss in self.spool().unreported_losses().await.unwrap() {
            if self.model.reports_pending() == LOSS_REPORTS_PENDING_MAX {
                break;
            }
            assert_eq!(
                self.model.losses.remove(&(loss.lane, loss.reason)),
                Some(loss)
            );
            let at = Instant::EPOCH;
            self.spool()
                .report_loss(&loss, at, b"report")
                .await
                .unwrap();
            let seq = self.model.assign(Lane::Urgent);
            let kept = Kept {
                observed_at: at,
                payload: b"report".to_vec(),
                is_report: true,
            };
            self.model.evidence.insert((Lane::Urgent, seq), kept);
        }
        if self.model.reports_pending() < LOSS_REPORTS_PENDING_MAX {
            assert!(self.model.losses.is_empty());
        }
    }

    async fn compare(&mut self) {
        for lane in Lane::BY_URGENCY {
            let standing = self.spool().standing(lane).await.unwrap();
            let model = &self.model;
            assert_eq!(standing.assigned_seq, Model::of(&model.assigned, lane));
            assert_eq!(standing.acked_seq, Model::of(&model.acked, lane));
            let count = if lane == Lane::State {
                model.slots.len()
            } else {
                model.evidence.keys().filter(|at| at.0 == lane).count()
            };
            assert_eq!(standing.count, u64::try_from(count).unwrap());
        }
        let weights = [Lane::Urgent, Lane::Routine];
        let mut bytes = 0;
        for lane in weights {
            bytes += self.spool().standing(lane).await.unwrap().bytes;
        }
        assert_eq!(bytes, self.model.stored());
    }
}

#[test]
fn the_spool_does_what_the_model_does() {
    let config = Config {
        cases: 150,
        rng_seed: RngSeed::Fixed(20_261_123),
        failure_persistence: None,
        max_shrink_iters: 500,
        ..Config::default()
    };
    let runtime = tokio::runtime::Builder::new_current_thread()
        .build()
        .unwrap();
    let run = |steps: Vec<Step>| {
        runtime.block_on(async {
            let mut both = Both::begin().await;
            for step in steps {
                both.step(step).await;
                both.compare().await;
            }
        });
        Ok(())
    };
    TestRunner::new(config).run(&steps(), run).unwrap();
}
