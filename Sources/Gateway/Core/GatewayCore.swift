/// Module GatewayCore decides: no socket, no clock, no file, no logger, no randomness.
