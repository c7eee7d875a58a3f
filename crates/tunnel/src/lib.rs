//! WireGuard as both ends use it: an interface, its key and its peers, by the kernel where it has
//! the protocol and by a program of our own process otherwise. One code path for agent and gateway.
