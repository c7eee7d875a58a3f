//! The enforcement point at the line: tunnels, packet filter, and the access table that both follow.
//!
//! Nothing is let through that the newest signed table does not name, and nothing outlives its lease:
//! every element of the packet filter's sets carries a timeout, so that a controller that is gone
//! closes the road by being gone.
