//! What tests of whole roads share: an organisation with its people, a server with TLS, a device whose
//! reports the test writes, and the feeds that devices are held against.

pub mod device;
pub mod feeds;
pub mod forms;
pub mod people;
pub mod run;
pub mod serve;
