//! All that has to be put away at the end: processes, threads that write footage, tasks, the folder.
//!
//! Whatever happens to the show, [`Stage::strike`] leaves nothing behind; dropped without it, it
//! kills what runs and removes what it can.

use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use keepwatch_common::clock::Clock;
use keepwatch_common::time::Instant;
use tokio::task::JoinSet;

use super::folder::Folder;
use super::program::{ProgramError, Running};
use super::scene::CLIP;
use super::site::Site;
use super::voice::Voice;
use crate::footage::LayError;

/// Why the show cannot go on.
#[derive(Debug, thiserror::Error)]
pub(super) enum StageError {
    /// A program ended.
    #[error(transparent)]
    Program(#[from] ProgramError),
    /// Nothing is recorded any more.
    #[error("live recording ended")]
    Recording(#[source] LayError),
}

/// See the module. Fields are dropped in this order: nobody writes when the folder goes.
#[derive(Debug)]
pub(super) struct Stage {
    agents: Vec<Running>,
    coordinator: Option<Running>,
    tasks: JoinSet<Result<(), LayError>>,
    laying: JoinSet<Result<u64, LayError>>,
    enough: Arc<AtomicBool>,
    folder: Folder,
}

impl Stage {
    /// Empty.
    pub(super) fn new(folder: Folder) -> Self {
        Self {
            agents: Vec::new(),
            coordinator: None,
            tasks: JoinSet::new(),
            laying: JoinSet::new(),
            enough: Arc::default(),
            folder,
        }
    }

    /// Where everything is.
    pub(super) fn folder(&self) -> &Folder {
        &self.folder
    }

    /// Takes the coordinator.
    pub(super) fn coordinator(&mut self, running: Running) -> &mut Running {
        self.coordinator.insert(running)
    }

    /// Takes an agent.
    pub(super) fn agent(&mut self, running: Running) {
        self.agents.push(running);
    }

    /// Refuses when something that should go on has ended.
    pub(super) fn lives(&mut self) -> Result<(), StageError> {
        while let Some(ended) = self.tasks.try_join_next() {
            let ended = ended.map_err(|died| LayError::from(io::Error::from(died)));
            ended.flatten().map_err(StageError::Recording)?;
        }
        let mut programs = self.agents.iter_mut().chain(&mut self.coordinator);
        Ok(programs.try_for_each(Running::lives)?)
    }

    /// Something that goes on until the end.
    pub(super) fn task(
        &mut self,
        task: impl Future<Output = Result<(), LayError>> + Send + 'static,
    ) {
        self.tasks.spawn(task);
    }

    /// Begins to lay the footage of all branches, each on a thread of its own.
    pub(super) fn lay(&mut self, sites: &[Site], voice: &Arc<Voice>) {
        for site in sites {
            let (site, voice, enough) = (site.clone(), voice.clone(), self.enough.clone());
            self.laying.spawn_blocking(move || {
                let mut files = 0;
                for plan in &site.branch().cameras {
                    if enough.load(Ordering::Relaxed) {
                        break;
                    }
                    files += site.lay(plan, &mut |laid| voice.step(laid))?;
                }
                Ok(files)
            });
        }
    }

    /// Waits until all footage is laid; how many files there are.
    pub(super) async fn laid(&mut self) -> Result<u64, LayError> {
        let mut files = 0;
        while let Some(laid) = self.laying.join_next().await {
            files += laid.map_err(io::Error::from)??;
        }
        Ok(files)
    }

    /// From now on every camera records another segment whenever one is full.
    pub(super) fn record(&mut self, sites: Vec<Site>, from: Instant, clock: Arc<dyn Clock>) {
        self.task(async move {
            let mut start = from;
            loop {
                let full = start + CLIP.ms();
                let wait_ms = u64::try_from(full.since(clock.now())).unwrap_or(0);
                tokio::time::sleep(Duration::from_millis(wait_ms)).await;
                for site in &sites {
                    site.record(start)?;
                }
                start = full;
            }
        });
    }

    /// Ends everything in order and removes the folder.
    pub(super) async fn strike(mut self) -> io::Result<()> {
        self.enough.store(true, Ordering::Relaxed);
        self.tasks.shutdown().await;
        while self.laying.join_next().await.is_some() {}
        for agent in &self.agents {
            agent.ask_to_end();
        }
        for agent in self.agents.drain(..) {
            agent.ended().await;
        }
        if let Some(coordinator) = self.coordinator.take() {
            coordinator.ask_to_end();
            coordinator.ended().await;
        }
        self.folder.remove()
    }
}
