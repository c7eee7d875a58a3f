//! Wire types between agent, server, gateway and shell.
