//! Another process that is a coordinator or an agent: this program once more, with another task.
//!
//! A process of its own, so that its memory and its threads are its own. It runs the library's own
//! entry points, says on its output when it is ready, and ends when its input does, so that none
//! outlives the program that measures.

use std::io::{self, BufRead, BufReader, Write};
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::process::{Child as Process, ChildStdin, Command, Stdio};
use std::sync::Arc;

use keepwatch_agent::app as agent;
use keepwatch_agent::config::Config as AgentConfig;
use keepwatch_common::clock::SystemClock;
use keepwatch_coordinator::app as coordinator;
use keepwatch_coordinator::authority::SystemRandomness;
use keepwatch_coordinator::config::Config as CoordinatorConfig;
use tokio_util::sync::CancellationToken;

use super::failure::{Failure, While};

/// What the process is to be.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Task {
    /// A coordinator with this configuration.
    Coordinator(PathBuf),
    /// An agent with this configuration.
    Agent(PathBuf),
}

/// Options by which a program is told to be something else.
const COORDINATOR: &str = "--as-coordinator";
const AGENT: &str = "--as-agent";

/// The process is not what it should be.
#[derive(Debug, thiserror::Error)]
pub enum ChildError {
    /// It ended before it was ready.
    #[error("the {role} ended before it was ready")]
    Ended {
        /// What it was to be.
        role: &'static str,
    },
    /// It said something else than where it listens.
    #[error("the coordinator did not say where it listens, but “{said}”")]
    Unclear {
        /// What it said.
        said: String,
    },
}

/// A running child; ended when dropped.
#[derive(Debug)]
pub struct Child {
    process: Process,
    input: Option<ChildStdin>,
}

impl Task {
    /// What this process was told to be instead of what its name says.
    pub fn of_arguments() -> Option<Self> {
        let mut arguments = std::env::args_os().skip(1);
        let (option, config) = (arguments.next()?, PathBuf::from(arguments.next()?));
        match option.to_str()? {
            COORDINATOR => Some(Self::Coordinator(config)),
            AGENT => Some(Self::Agent(config)),
            _ => None,
        }
    }

    /// Does it until the input ends.
    pub fn perform(self) -> Result<(), Failure> {
        match self {
            Self::Coordinator(config) => be_coordinator(&config),
            Self::Agent(config) => be_agent(&config),
        }
    }
}

impl Child {
    /// Starts a coordinator; where it listens for agents.
    pub fn coordinator(config: &Path) -> Result<(Self, SocketAddr), Failure> {
        let (child, said) = Self::start(COORDINATOR, config, "coordinator")?;
        let unclear = |_| ChildError::Unclear { said: said.clone() };
        let at = said
            .parse()
            .map_err(unclear)
            .during("starting a coordinator")?;
        Ok((child, at))
    }

    /// Starts an agent.
    pub fn agent(config: &Path) -> Result<Self, Failure> {
        Ok(Self::start(AGENT, config, "agent")?.0)
    }

    /// Its number.
    pub fn id(&self) -> u32 {
        self.process.id()
    }

    /// Ends it in order.
    pub fn stop(mut self) -> Result<(), Failure> {
        drop(self.input.take());
        self.process.wait().map(drop).during("stopping a process")
    }

    fn start(option: &str, config: &Path, role: &'static str) -> Result<(Self, String), Failure> {
        let doing = "starting a process";
        let program = std::env::current_exe().during(doing)?;
        let mut process = Command::new(program)
            .arg(option)
            .arg(config)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .during(doing)?;
        let (input, output) = (process.stdin.take(), process.stdout.take());
        let child = Self { process, input };
        let mut said = String::new();
        if let Some(output) = output {
            BufReader::new(output).read_line(&mut said).during(doing)?;
        }
        if said.is_empty() {
            return Err(ChildError::Ended { role }).during(doing);
        }
        Ok((child, said.trim().to_owned()))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        drop(self.input.take());
        // It has ended already, or does so now.
        let (Ok(_) | Err(_)) = self.process.wait();
    }
}

fn be_coordinator(config: &Path) -> Result<(), Failure> {
    let doing = "running a coordinator";
    let config = CoordinatorConfig::read(config).during(doing)?;
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .during(doing)?;
    runtime.block_on(async {
        let stop = until_input_ends();
        let (clock, randomness) = (Arc::new(SystemClock::new()), Arc::new(SystemRandomness));
        let running = coordinator::start(&config, clock, randomness, &stop).await;
        let running = running.during(doing)?;
        say(&running.services().addresses.agents.to_string()).during(doing)?;
        running.ended().await.during(doing)
    })
}

fn be_agent(config: &Path) -> Result<(), Failure> {
    let doing = "running an agent";
    let config = AgentConfig::read(config).during(doing)?;
    let stop = until_input_ends();
    say("started").during(doing)?;
    agent::run(config, Arc::new(SystemClock::new()), stop).during(doing)
}

fn say(line: &str) -> io::Result<()> {
    let mut output = io::stdout().lock();
    writeln!(output, "{line}")?;
    output.flush()
}

/// Cancelled when whoever started this process lets go of its input.
fn until_input_ends() -> CancellationToken {
    let stop = CancellationToken::new();
    let ended = stop.clone();
    std::thread::spawn(move || {
        // Whatever it is, nobody is there to ask any more.
        let (Ok(_) | Err(_)) = io::copy(&mut io::stdin(), &mut io::sink());
        ended.cancel();
    });
    stop
}
