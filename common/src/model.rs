//! The glossary: one word per idea, in code, pages and documents.
//!
//! | word | 中文 | meaning |
//! |---|---|---|
//! | branch | 门店 | one store; belongs to a region |
//! | agent | 代理 | our process at a branch; its identity is its key |
//! | recorder | 录像机 | the video software or machine whose files the agent reads |
//! | camera | 通道 | one recorded view |
//! | device | 设备 | any registered equipment |
//! | volume | 存储卷 | a file system that holds footage |
//! | health | 健康 | how well what is under a volume is: good, worn, failing, unknown |
//! | layout | 录像目录格式 | how a recorder lays footage on disk |
//! | segment | 录像段 | one recorded file, with a start, an end and a state |
//! | coverage | 录像覆盖 | the set of instants recorded, half-open, in UTC |
//! | hole | 空洞 | measured and not recorded, whatever the schedule: what the agent tells |
//! | gap | 缺口 | a hole inside the schedule: what the coordinator judges |
//! | fault | 故障 | something wrong with footage that exists |
//! | depth | 留存深度 | age of the oldest footage |
//! | continuous depth | 连续留存天数 | how far back every day is covered to the limit |
//! | hold | 证据保全 | footage that must outlive its retention |
//! | baseline | 基线 | the approved configuration of a device or file |
//! | drift | 配置漂移 | a difference from the baseline |
//! | change authorisation | 变更授权 | who may change what, when and why |
//! | observation | 观测 | what an agent tells: *state* (latest wins) or *evidence* (never lost) |
//! | control | 控制项 | a clause turned into something checked |
//! | policy pack | 制度包 | a versioned set of controls with parameters |
//! | verdict | 判定 | pass, fail, partial, not applicable, unknown, error; unknown is never green |
//! | finding | 问题 | a control that fails for a subject, since when, with its evidence |
//! | alert | 告警 | a finding that someone must hear about |
//! | incident | 事件 | alerts of one branch with one cause |
//! | report | 上报 | one frame with one or more observations |
//! | self-inspection | 季度自查 | one branch, one quarter, every control answered and signed |
//! | corrective action | 整改 | what is done about a finding, verified by someone else |
//! | ledger | 调阅台账 | who looked at which footage, when and why |
//!
//! The types that carry these words stand in the modules below. They are parsed, not validated: a
//! value that exists is a valid one. They are not the wire's types (`wire`) nor the store's rows.

/// Where a coordinator is reached.
pub mod address;
/// One recorded view and what is known of its footage.
pub mod camera;
/// What people want of an agent.
pub mod desired;
/// The name of a public key.
pub mod fingerprint;
/// How well what is under a volume is.
pub mod health;
/// Footage that must outlive its retention.
pub mod hold;
/// All that a branch needs to meet its coordinator, in one word.
pub mod join;
/// Names in the branch's own words.
pub mod name;
/// What an agent tells, and on which lane it travels.
pub mod observation;
/// What recording needs, and was away.
pub mod outage;
/// By what names agent and coordinator know each other.
pub mod peer;
/// A recorded file: its state and what is wrong with it.
pub mod segment;
/// A file system that holds footage.
pub mod volume;
/// A watched configuration file as it was read.
pub mod watched;

/// The canonical form of a configuration, and its one spelling.
pub mod tree;
